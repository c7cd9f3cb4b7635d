// Importing downloaded weights into the cache.

import Checkpoints
import Platform
import Tensors
import Weights

extension WeightsCatalog {
  /// The number format that an import stores a language model in.
  public enum StoredType: String, CaseIterable, Sendable {
    /// Each tensor in its own format.
    case keep
    case float32, float16, bfloat16

    fileprivate var elementType: ElementType? {
      switch self {
      case .keep: nil
      case .float32: .float32
      case .float16: .float16
      case .bfloat16: .bfloat16
      }
    }
  }

  /// How weights are imported.
  public struct ImportSettings: Sendable {
    /// The model's name in the cache, or `nil` for that of the source.
    public var name: String?
    /// Floats of the language model are converted to this type, rounded to nearest, but for rotary frequencies; the
    /// trunk of a folding model stays as it is. A value beyond the type's range is an error.
    public var languageModelType: StoredType
    /// The file of the language model (`esm2_t36_3B_UR50D.pt`) for a source that is ESMFold's trunk only; `nil` for the
    /// one beside it.
    public var languageModel: String?
    /// What the file shall say about where it comes from, such as a URL; `nil` for path and times of the source's files.
    public var origin: String?

    /// The settings that keep all number formats.
    public init(name: String? = nil, languageModelType: StoredType = .keep, languageModel: String? = nil) {
      self.name = name
      self.languageModelType = languageModelType
      self.languageModel = languageModel
    }
  }

  /// Imports weights as Hugging Face or Meta publish them: a folder, or a file of safetensors or a PyTorch checkpoint.
  ///
  /// - Parameters:
  ///   - source: The folder or file.
  ///   - output: The file to write, or `nil` for one in the cache. An imported model of this name is replaced.
  ///   - settings: The model's name and number format.
  ///   - progress: Told how far the import is, for the first time before there is an unfinished file.
  /// - Returns: The path of the new file.
  /// - Throws: `ModelError`; nothing is left then, and a file that was there before is as it was.
  public func importModel(
    from source: String, to output: String?, _ settings: ImportSettings = ImportSettings(),
    progress: (FileProgress) -> Void = { _ in }
  ) throws(ModelError) -> String {
    let found = try ModelError.translating { () throws(WeightError) in
      try ModelSource(source, languageModel: settings.languageModel)
    }
    // A model that cannot be run is refused before 8 GB are copied.
    try ModelRole.languageModel.check(found)
    let modelName = settings.name ?? found.suggestedName
    let path: String
    if let output {
      // The import must not replace its own source.
      if try ModelError.translating({ () throws(WeightError) in try found.holds(output) }) {
        throw .overwritesSource(path: output)
      }
      if let size = FileStatus.sizeOfFile(output), size > 0, !WeightCache.isOne(output) {
        throw .overwritesOther(path: output)
      }
      path = output
    } else {
      path = try ModelError.translating { () throws(WeightError) in
        try folder.create()
        folder.removeLeftovers()
        return try folder.path(of: modelName)
      }
    }
    var importer = Importer(found, modelName: modelName, program: ESMFoldKit.program)
    importer.languageModelType = settings.languageModelType.elementType
    importer.recordedSource = settings.origin
    var check = ImportCheck(role: .languageModel)
    do throws(WeightError) {
      try importer.run(to: path) {
        progress(FileProgress($0))
      } accepting: {
        check.accepts($0)
      }
    } catch {
      throw check.refusal ?? .weights(error)
    }
    return path
  }
}
