// Which model a word means: the one in the program, one in the cache, a file or a folder.

import CDemoModel
import Checkpoints
import Glibc
import Platform
package import Weights

/// Where a model is.
public struct ModelLocation: Sendable {
  private enum Kind: Sendable {
    case demo
    /// A file of our own format.
    case cacheFile(path: String)
    /// Downloaded weights, and the cache folder that they are to be imported into.
    case source(ModelSource, folder: String)
  }

  private let kind: Kind

  /// The small model inside the program.
  public static let demo = ModelLocation(kind: .demo)

  private init(kind: Kind) { self.kind = kind }

  /// Finds the model that a word means; nothing is loaded.
  ///
  /// "demo" is the model inside the program; then come models of the cache by name, files and folders.
  ///
  /// - Parameters:
  ///   - name: The word, or `nil` for the default model in the cache.
  ///   - standard: The default model.
  ///   - cacheFolder: The folder of imported models.
  /// - Returns: The location.
  /// - Throws: `ModelError.notFound`, or another when the file or folder holds no model.
  public static func resolve(
    _ name: String?, default standard: String = ModelLocation.foldingModel, cacheFolder: String
  ) throws(ModelError) -> ModelLocation {
    let word = name ?? standard
    if word == demoName { return .demo }
    let cache = CacheFolder(path: cacheFolder)
    do throws(WeightError) {
      if cache.contains(word) { return ModelLocation(kind: .cacheFile(path: try cache.path(of: word))) }
      if name != nil, access(word, F_OK) == 0 {
        if word.hasSuffix(".h5") || WeightCache.isOne(word) { return ModelLocation(kind: .cacheFile(path: word)) }
        return ModelLocation(kind: .source(try ModelSource(word), folder: cacheFolder))
      }
      throw .missing(tensor: word, path: cacheFolder)
    } catch .missing {
      let entries = Result { () throws(WeightError) in try cache.entries() }
      // A cache that may not be read must not be reported as empty.
      if case .failure(let error) = entries, case .system(let call) = error, call.code == EACCES {
        throw .weights(error)
      }
      throw .notFound(name: word, cacheFolder: cacheFolder, cached: ((try? entries.get()) ?? []).map(\.name))
    } catch {
      throw .weights(error)
    }
  }

  /// Whether this is the model inside the program.
  var isInProgram: Bool {
    if case .demo = kind { true } else { false }
  }

  /// What a user of the model must be told each time it is used.
  public var notice: String? {
    guard case .demo = kind else { return nil }
    return "the demo model memorises 20 small proteins (Examples/demo.fasta) and is of no scientific use: "
      + "it cannot predict the structure of any other protein"
  }

  /// Opens the weights.
  package func open() throws(ModelError) -> WeightStore {
    let path = try file()
    return try ModelError.translating { () throws(WeightError) in
      if let path { return try WeightCache.open(path) }
      return try WeightCache.open(image: Self.demoImage, label: Self.demoLabel)
    }
  }

  /// Opens a model to look at all of its bytes.
  func openToCheck() throws(ModelError) -> CacheCheck {
    let path = try file()
    return try ModelError.translating { () throws(WeightError) in
      if let path { return try CacheCheck(path) }
      return try CacheCheck(image: Self.demoImage, label: Self.demoLabel)
    }
  }

  private static let demoLabel = "demo model"
  private static var demoImage: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: demo_model_bytes(), count: demo_model_size())
  }

  /// The file of our format that holds the model; `nil` for the model inside the program.
  private func file() throws(ModelError) -> String? {
    switch kind {
    case .demo: return nil
    case .cacheFile(let path): return path
    case .source(let source, let folder):
      let cache = CacheFolder(path: folder)
      let path = try ModelError.translating { () throws(WeightError) in
        try cache.importReason(of: source) == nil ? try cache.path(ofImported: source) : nil
      }
      guard let path else { throw .notImported(path: source.path) }
      return path
    }
  }

  /// Imports downloaded weights into the cache, unless they are there and their files have kept size and time since.
  ///
  /// - Parameters:
  ///   - role: What the model is wanted for; one that cannot do that is refused before gigabytes are copied.
  ///   - willImport: Told once before an import begins.
  ///   - progress: Told how far the import is, for the first time before there is an unfinished file.
  /// - Returns: The location of the file in the cache; of a model that needs no import, this location.
  /// - Throws: `ModelError`; nothing is left of an import then.
  public func importIfNeeded(
    for role: ModelRole = .languageModel, willImport: (PendingImport) -> Void = { _ in },
    progress: (FileProgress) -> Void = { _ in }
  ) throws(ModelError) -> ModelLocation {
    guard case .source(let source, let folder) = kind else { return self }
    try role.check(source)
    var check = ImportCheck(role: role)
    do throws(WeightError) {
      let path = try CacheFolder(path: folder).imported(source, program: ESMFoldKit.program) {
        willImport(PendingImport(source, cacheFolder: folder, $0))
      } progress: {
        progress(FileProgress($0))
      } accepting: {
        check.accepts($0)
      }
      return ModelLocation(kind: .cacheFile(path: path))
    } catch {
      throw check.refusal ?? .weights(error)
    }
  }

  /// The text of the model's config.json, and where it is from; nothing is imported.
  func configuration() throws(ModelError) -> (json: String, path: String) {
    do throws(WeightError) {
      if case .source(let source, _) = kind { return (try source.configuration(), source.configurationPath) }
    } catch {
      throw .weights(error)
    }
    let store = try open()
    return (store.configJSON, "\(store.path): config.json")
  }

  /// What the cache file says of its own making; `nil` for weights that are not imported yet.
  func header() throws(ModelError) -> CacheHeader? {
    guard case .cacheFile(let path) = kind else { return nil }
    do throws(WeightError) {
      return try WeightCache.header(of: path)
    } catch {
      throw .weights(error)
    }
  }

  /// The models to use when none is named.
  public static let foldingModel = "esmfold_v1", languageModel = "esm2_t33_650M_UR50D"

  private static let demoName = "demo"
}
