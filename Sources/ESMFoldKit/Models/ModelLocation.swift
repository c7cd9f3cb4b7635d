// Which model a word means: the one in the program, one in the cache, a file or a folder.

import CDemoModel
import Checkpoints
import Glibc
package import Weights

/// Where a model is.
public struct ModelLocation: Sendable {
  private enum Kind: Sendable {
    case demo
    /// A file of our own format.
    case cacheFile(path: String)
    /// Downloaded weights to be imported into the cache folder.
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
        if word.hasSuffix(".h5") { return ModelLocation(kind: .cacheFile(path: word)) }
        return ModelLocation(kind: .source(try ModelSource(word), folder: cacheFolder))
      }
      throw .missing(tensor: word, path: cacheFolder)
    } catch .missing {
      let entries = Result { () throws(WeightError) in try cache.entries() }
      // Whoever may not look into the cache is not to be told that it is empty.
      if case .failure(let error) = entries, case .system(_, _, EACCES) = error { throw .weights(error) }
      throw .notFound(name: word, cacheFolder: cacheFolder, cached: ((try? entries.get()) ?? []).map(\.name))
    } catch {
      throw .weights(error)
    }
  }

  /// Whether this is the model inside the program.
  var isInProgram: Bool {
    if case .demo = kind { true } else { false }
  }

  /// What a user must be told each time this model is used.
  public var notice: String? {
    guard case .demo = kind else { return nil }
    return "the demo model memorises 20 small proteins (Examples/demo.fasta) and is of no scientific use: "
      + "it cannot predict the structure of any other protein"
  }

  /// Opens the weights of a folding model, importing them first if need be.
  package func open(importing: (String) -> Void, note: (String) -> Void) throws(ModelError) -> WeightStore {
    try open(as: .folding, importing: importing, note: note)
  }

  /// Opens the weights for a role, importing them first if need be.
  func open(
    as role: ModelRole, importing: (String) -> Void, note: (String) -> Void
  ) throws(ModelError) -> WeightStore {
    let path = try file(as: role, importing: importing, note: note)
    do throws(WeightError) {
      if let path { return try WeightCache.open(path) }
      return try WeightCache.open(image: Self.demoImage, label: Self.demoLabel)
    } catch {
      throw .weights(error)
    }
  }

  /// Opens a model to look at all of its bytes, importing it first if need be.
  func openToCheck(importing: (String) -> Void, note: (String) -> Void) throws(ModelError) -> CacheCheck {
    let path = try file(as: .languageModel, importing: importing, note: note)
    do throws(WeightError) {
      if let path { return try CacheCheck(path) }
      return try CacheCheck(image: Self.demoImage, label: Self.demoLabel)
    } catch {
      throw .weights(error)
    }
  }

  private static let demoLabel = "demo model"
  private static var demoImage: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: demo_model_bytes(), count: demo_model_size())
  }

  /// The file of our format that holds the model, imported first if need be; `nil` for the model inside the program.
  private func file(
    as role: ModelRole, importing: (String) -> Void, note: (String) -> Void
  ) throws(ModelError) -> String? {
    // A model that cannot be run is better refused before gigabytes are copied.
    if case .source(let source, _) = kind { try role.check(source) }
    var check = ImportCheck(role: role)
    do throws(WeightError) {
      switch kind {
      case .demo: return nil
      case .cacheFile(let path): return path
      case .source(let source, let folder):
        return try CacheFolder(path: folder).imported(source, program: ESMFoldKit.program) { reason in
          note("importing \(source.path) into \(folder) (\(reason.phrase)); later runs use the import")
        } progress: {
          importing($0.temporaryPath)
        } accepting: {
          check.accepts($0)
        }
      }
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
    let store = try open(as: .languageModel, importing: { _ in }, note: { _ in })
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

  /// The models that commands use when none is named.
  public static let foldingModel = "esmfold_v1", languageModel = "esm2_t33_650M_UR50D"

  private static let demoName = "demo"
}

extension CacheFolder.ImportReason {
  fileprivate var phrase: String {
    switch self {
    case .absent: "not in the cache yet"
    case .changed: "its files have changed"
    case .unusable: "the file in the cache cannot be used"
    }
  }
}
