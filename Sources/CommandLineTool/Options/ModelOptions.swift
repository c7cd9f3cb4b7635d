// Options of all commands that compute: the model, the threads, the memory.

package import ESMFoldKit

/// Options of commands that compute with a model.
package struct ModelOptions: Sendable {
  /// A name, file or folder; nil where the command's default model is meant.
  package var model: String?
  /// nil: as many as this process may use.
  package var threads: Int?
  package var precision = ESMFold.Precision.fp32

  package init() {}

  package static let model = Option<ModelOptions>(
    OptionDescription(
      name: "model", form: .value("MODEL", completion: .model, default: "esmfold_v1", environment: "ESMFOLD_MODEL"),
      group: "Model",
      help:
        "the model: a name in the cache, an .h5 file, downloaded weights (a folder, or a .safetensors or .pt file), "
        + "or demo, a tiny model inside the program that only recalls the proteins of Examples/demo.fasta"),
    .value { (values: inout ModelOptions, text: String) throws(InvalidValue) in
      guard !text.isEmpty else { throw InvalidValue("a model's name, a file or a folder") }
      values.model = text
    })

  package static let precision = Option<ModelOptions>(
    OptionDescription(
      name: "precision",
      form: .value(
        "TYPE", completion: .choice(ESMFold.Precision.allCases.map(\.rawValue)),
        default: ESMFold.Precision.fp32.rawValue),
      group: "Computation",
      help: "fp32 for the reference's numbers, or bf16: matrix products of bfloat16 with float32 sums, about twice as "
        + "fast on processors with AVX512_BF16 (on others the program says so and computes in fp32)"),
    .value { (values: inout ModelOptions, text: String) throws(InvalidValue) in
      guard let precision = ESMFold.Precision(rawValue: text) else { throw InvalidValue("fp32 or bf16") }
      values.precision = precision
    })

  package static let threads = Option<ModelOptions>(
    OptionDescription(
      name: "threads", short: "t",
      form: .value("N", default: "the cores this process may use", environment: "ESMFOLD_THREADS"),
      group: "Computation", help: "threads to compute with"),
    .value { (values: inout ModelOptions, text: String) throws(InvalidValue) in
      values.threads = try wholeNumber(text, atLeast: 1, atMost: 1024)
    })
}
