// Folders of PEFT, which hold what was trained in addition to a model, but not the model.

import Platform
import Weights

/// What there is of an adapter (LoRA and its kin), as PEFT saves it.
enum Adapter {
  private static let configuration = "adapter_config.json"
  private static let weights = ["adapter_model.safetensors", "adapter_model.bin"]
  private static let maximumConfigurationBytes = 1 << 20

  /// Throws when a folder has an adapter; whether it has a whole model besides is the caller's question.
  static func check(folder: String) throws(WeightError) {
    if ([configuration] + weights).contains(where: { "\(folder)/\($0)".exists }) { throw error(folder, of: folder) }
  }

  /// Throws when a file is that of an adapter by its name.
  static func check(file: String, in folder: String) throws(WeightError) {
    if weights.contains(file) { throw error("\(folder)/\(file)", of: folder) }
  }

  /// Throws when the names of a file's tensors are those of an adapter, whether or not those of the model are there, too.
  static func check(names: some Sequence<String>, of path: String) throws(WeightError) {
    if names.contains(where: { $0.contains(".lora_A.") || $0.contains(".lora_embedding_A") }) {
      throw error(path, of: path.folder)
    }
  }

  private static func error(_ path: String, of folder: String) -> WeightError {
    .adapter(path: path, base: base(of: "\(folder)/\(configuration)"))
  }

  /// The model that an adapter was trained for, in the words of its configuration.
  private static func base(of path: String) -> String? {
    guard let text = try? [UInt8](contentsOf: path, limit: maximumConfigurationBytes),
      case .object(let fields)? = try? JSONValue(parsing: text, path: path),
      case .string(let name)? = fields["base_model_name_or_path"], !name.isEmpty
    else { return nil }
    return name
  }
}
