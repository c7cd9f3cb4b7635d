// The folder of imported models: where it is, and what is in it.

import Glibc

/// The folder that holds one cache file for each model, `NAME.h5`.
package struct CacheFolder: Equatable, Sendable {
  /// Its path. It need not exist.
  package let path: String

  /// The folder at `path`.
  package init(path: String) {
    self.path = path
  }

  /// The folder that `environment` asks for: `$ESMFOLD_CACHE`, else `$XDG_CACHE_HOME/esmfold`, else `~/.cache/esmfold`.
  package init(environment: [String: String]) throws(WeightError) {
    func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    if let path = value("ESMFOLD_CACHE") {
      self.path = path
    } else if let base = value("XDG_CACHE_HOME"), base.hasPrefix("/") {
      // The XDG base directory rules say to ignore a relative path.
      self.path = "\(base)/esmfold"
    } else if let home = value("HOME") {
      self.path = "\(home)/.cache/esmfold"
    } else {
      throw .noCacheFolder
    }
  }

  // MARK: Content

  /// One model of the folder.
  package struct Entry: Sendable {
    /// The name to ask for it by.
    package let name: String
    /// Its file.
    package let path: String
    /// The size of the file.
    package let bytes: Int
    /// What it says about its model, or why it cannot be used.
    package let header: Result<CacheHeader, WeightError>
  }

  /// The models of the folder, sorted by name; none if there is no folder.
  package func entries() throws(WeightError) -> [Entry] {
    let names: [String]
    do {
      names = try folderContents(path)
    } catch .system(_, _, let code) where code == ENOENT {
      return []
    }
    var result: [Entry] = []
    for name in names where name.hasSuffix(".h5") && !name.hasPrefix(".") {
      let file = "\(path)/\(name)"
      let header = Result { () throws(WeightError) in try WeightCache.header(of: file) }
      let status = try? FileStatus(of: file)
      result.append(
        Entry(name: String(name.dropLast(3)), path: file, bytes: status?.regularSize ?? 0, header: header))
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
    var made = ""
    for part in path.split(separator: "/") {
      made += made.isEmpty && !path.hasPrefix("/") ? String(part) : "/\(part)"
      guard mkdir(made, 0o777) != 0 else { continue }
      let code = errno  // The next call may change it.
      if code != EEXIST, !made.isFolder { throw .system(path: path, call: "create folder", code: code) }
    }
    guard path.isFolder else { throw .system(path: path, call: "create folder", code: ENOTDIR) }
  }
}
