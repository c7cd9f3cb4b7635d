// What `embed` stores of a record.

import ESMFoldKit
import Platform
import Protein

/// The contents of the results, resolved for a model.
struct Embedding {
  let options: EmbedOptions
  /// States by index, each once, ascending.
  let layers: [Int]
  private let model: ESM

  /// - Throws: `ModelError` when the model has no such layer or head.
  init(_ options: EmbedOptions, _ model: ESM) throws(ModelError) {
    self.options = options
    self.model = model
    let last = model.description.layers
    switch options.layers {
    case .last: layers = [last]
    case .all: layers = Array(0...last)
    case .list(let list):
      var indices: Set<Int> = []
      for layer in list { indices.insert(try model.layerIndex(layer)) }
      layers = indices.sorted()
    }
    try model.checkHeads(wanted)
  }

  var wanted: ESM.Wanted {
    ESM.Wanted(
      layers: layers, logits: options.extras.contains(.logits), contacts: options.extras.contains(.contacts),
      attentions: options.extras.contains(.attentions))
  }

  /// Opens the place for the results of an input.
  func store(
    at path: String, _ input: LanguageInput, _ temporaryFiles: TemporaryFiles
  ) throws(OutputError) -> any ResultStore {
    if options.format == .npy {
      return try NumpyStore(
        path, settings: settings, startsAnew: options.overwrites, NumpyStore.Part(input), temporaryFiles)
    }
    return try HDF5Store(
      path, settings: settings, form: form, startsAnew: options.overwrites, temporaryFiles)
  }

  /// The columns of `logits` are labelled, because no other program knows their order.
  private var form: HDF5Store.Form {
    let tokens = model.tokenizer.tokens.map(jsonString).joined(separator: ", ")
    return HDF5Store.Form(
      isFlat: options.isFlat, attributes: options.extras.contains(.logits) ? [("vocabulary", "[\(tokens)]")] : [])
  }

  /// Everything that the results depend on except the sequences, as JSON.
  var settings: String {
    let extras = EmbedOptions.Extra.allCases.filter(options.extras.contains).map { jsonString($0.rawValue) }
    var fields = [
      ("model", jsonString(model.modelName)), ("model_sha256", jsonString(model.modelDigest)),
      ("layers", "[" + layers.map(String.init).joined(separator: ", ") + "]"),
      ("pool", jsonString(options.pool.rawValue)), ("dtype", jsonString(options.elementType.rawValue)),
      ("include", "[" + extras.joined(separator: ", ") + "]"), ("precision", jsonString(model.precision.rawValue)),
      ("long", jsonString(options.language.usesWindows ? "windows" : "error")),
    ]
    // Results without this field were made with the default.
    let gaps = options.language.input.gaps
    if gaps != .drop { fields.append(("gaps", jsonString(gaps.rawValue))) }
    if options.isFlat { fields.append(("flat", "true")) }
    return "{" + fields.map { "\(jsonString($0)): \($1)" }.joined(separator: ", ") + "}"
  }

  /// The arrays of a record.
  func result(of record: LanguageRecord, _ reading: ESM.Reading) -> ResultRecord {
    let type = options.elementType, rows = reading.residueRows, length = rows.count
    var arrays = representations(reading)
    if let contacts = reading.contacts {
      arrays.append(ResultArray("contacts", [contacts.rows, contacts.columns], contacts.values, as: type))
    }
    if let logits = reading.logits?.rows(rows) {
      arrays.append(ResultArray("logits", [length, logits.columns], logits.values, as: type))
    }
    if let maps = reading.attentions {
      arrays.append(
        ResultArray("attentions", [maps.layers, maps.heads, maps.tokens, maps.tokens], maps.values, as: type))
    }
    return ResultRecord(name: record.name, header: record.header, sequence: record.sequence, arrays: arrays)
  }

  /// In HDF5 a dataset for each layer; as NumPy one array, of which several layers are the first extent.
  private func representations(_ reading: ESM.Reading) -> [ResultArray] {
    let states = states(reading)
    guard options.format == .npy else {
      return zip(layers, states).map {
        ResultArray("representations/\($0)", $1.shape, $1.values, as: options.elementType)
      }
    }
    guard let first = states.first else { return [] }
    let shape = (states.count == 1 ? [] : [states.count]) + first.shape
    return [ResultArray("representations", shape, states.flatMap(\.values), as: options.elementType)]
  }

  /// What is kept of each layer's state.
  func states(_ reading: ESM.Reading) -> [(shape: [Int], values: [Float])] {
    layers.compactMap { layer in reading.representations[layer].map { pooled($0, reading.residueRows) } }
  }

  private func pooled(_ state: Matrix, _ rows: Range<Int>) -> (shape: [Int], values: [Float]) {
    switch options.pool {
    case .none: ([rows.count, state.columns], state.rows(rows).values)
    case .mean: ([state.columns], state.rows(rows).mean)
    case .max: ([state.columns], state.rows(rows).maximum)
    case .cls: ([state.columns], Array(state.row(0)))
    }
  }

  /// Bytes of a record's results in a file, without the rounding of the file system.
  func bytes(residues: Int) -> Double {
    let width = Double(model.description.hiddenSize), length = Double(residues)
    var values = Double(layers.count) * width * (options.pool == .none ? length : 1)
    if options.extras.contains(.contacts) { values += length * length }
    if options.extras.contains(.logits) { values += length * Double(model.description.vocabularySize) }
    if options.extras.contains(.attentions) {
      values += Double(model.description.layers * model.description.heads) * (length + 2) * (length + 2)
    }
    // Names, attributes, descriptions of datasets.
    return values * Double(options.elementType.byteCount) + 2 * length + 1024
  }
}
