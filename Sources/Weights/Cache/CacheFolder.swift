// The folder of imported models: where it is, and what is in it.

import Glibc
import Platform

/// The folder that holds one cache file for each model, `NAME.h5`.
package struct CacheFolder: Equatable, Sendable {
  /// Its path. It need not exist.
  package let path: String

  /// The folder at `path`.
  package init(path: String) {
    self.path = path
  }

  // MARK: Content

  /// One model of the folder.
  package struct Entry: Sendable {
    /// Its name.
    package let name: String
    /// Its file.
    package let path: String
    /// The size of the file.
    package let bytes: Int
    /// Its header, or why it cannot be used.
    package let header: Result<CacheHeader, WeightError>
  }

  /// The models of the folder, sorted by name; none if there is no folder.
  package func entries() throws(WeightError) -> [Entry] {
    let names: [String]
    do throws(SystemError) {
      names = try Folder.names(in: path)
    } catch {
      if error.code == ENOENT { return [] }
      throw .system(error)
    }
    var result: [Entry] = []
    for name in names where name.hasSuffix(".h5") && !name.hasPrefix(".") {
      let file = "\(path)/\(name)"
      let header = Result { () throws(WeightError) in try WeightCache.header(of: file) }
      result.append(
        Entry(name: String(name.dropLast(3)), path: file, bytes: FileStatus.sizeOfFile(file) ?? 0, header: header))
    }
    return result.sorted { $0.name < $1.name }
  }

  /// The path that the model `name` has or would have. Throws if this cannot be a name.
  package func path(of name: String) throws(WeightError) -> String {
    guard Self.isModelName(name) else { throw .modelName(name) }
    return "\(path)/\(name).h5"
  }

  /// Whether the model `name` is in the folder.
  package func contains(_ name: String) -> Bool {
    (try? path(of: name))?.exists ?? false
  }

  // MARK: Names

  /// Whether `name` can be the name of a model in the cache.
  package static func isModelName(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= 200 && !name.hasPrefix(".") && name.allSatisfy(isNameCharacter)
  }

  /// Whether the name of a model may have `character`.
  package static func isNameCharacter(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber || "._-".contains(character))
  }

  // MARK: Creation

  /// Creates the folder and those above it, if it is not there.
  package func create() throws(WeightError) {
    do throws(SystemError) {
      try Folder.create(path)
    } catch {
      throw .system(error.renamed(path: path))
    }
  }
}
