// Safetensors files and shard indexes.

import Glibc
import Platform
import Tensors
import Weights

extension Subject {
  package static let safetensors = Subject(
    name: "safetensors",
    seeds: { files, _ in
      try files.contents("weights", "family/multi-label", "family/tokens", endings: [".safetensors"])
        + files.contents("fuzz/safetensors", endings: [""])
        + [SafetensorsFile(header: .object(["__metadata__": .object(["format": .string("pt")])]), data: []).bytes]
    },
    tokens: words(
      """
      dtype shape data_offsets __metadata__ F32 F16 BF16 I64 F64 BOOL U8 F8_E4M3 esm_s_combine embed_tokens.weight \
      embed_positions.weight esm.embeddings.word_embeddings.weight esm.embeddings.position_embeddings.weight \
      lm_head.weight lm_head.bias layers.0.fc1.weight layers.0.self_attn.rot_emb.inv_freq trunk.blocks.0.x \
      esm.encoder.layer.0.attention.self.rotary_embeddings.inv_freq esm.contact_head.regression.weight
      """),
    mutate: { bytes, mutator in
      guard !mutator.random.once(in: 6), var file = SafetensorsFile(bytes) else { return mutator.change(&bytes) }
      switch mutator.random.below(8) {
      case 0: mutator.change(&file.data)
      case 1:
        var text = [UInt8](file.header.text)
        mutator.change(&text)
        bytes = SafetensorsFile.bytes(header: text, data: file.data)
        return
      default: for _ in 0...mutator.random.below(3) { mutator.changeValue(&file.header, depth: 0) }
      }
      if !mutator.random.once(in: 4) { file.layOut() }
      bytes = file.bytes
    },
    read: { bytes, bench in
      try bench.write([UInt8]("{}"), as: "config.json")
      let path = try bench.write(bytes, as: "model.safetensors")
      let tensors = try Safetensors(path).tensors()
      touch(tensors)
      try SourceReading.read(bench.folder, bytes, bench)
    })

  package static let index = Subject(
    name: "index",
    seeds: { files, _ in
      try files.contents("weights/sharded", "torch/shards", "fuzz/index", endings: [".json"])
    },
    tokens: words(
      """
      metadata weight_map total_size model-00001-of-00002.safetensors model-00002-of-00002.safetensors a.weight b \
      pytorch_model-00001-of-00002.bin ../x.bin .bin x.bin config.json
      """),
    mutate: { bytes, mutator in mutator.changeJSON(&bytes) },
    read: { bytes, bench in
      for folder in ["weights/sharded", "torch/shards"] {
        for name in try Folder.names(in: "\(SeedFiles.standard().folder)/\(folder)") where !name.hasSuffix(".json") {
          symlink("\(SeedFiles.standard().folder)/\(folder)/\(name)", bench.path(name))
        }
      }
      _ = try ShardIndex(bench.write(bytes, as: "model.safetensors.index.json")).open()
    })

  /// Reads every byte of the tensors, as a model that uses them does.
  static func touch(_ tensors: [StoredTensor]) {
    for tensor in tensors {
      withExtendedLifetime(tensor) {
        precondition(tensor.bytes.reduce(0) { $0 &+ Int($1) } >= 0 && tensor.count >= 0)
      }
    }
  }
}

/// The two parts of a safetensors file.
private struct SafetensorsFile {
  var header: JSONValue
  var data: [UInt8]

  init(header: JSONValue, data: [UInt8]) {
    self.header = header
    self.data = data
  }

  /// Splits a file, if its header can be found.
  init?(_ bytes: [UInt8]) {
    let length = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    guard bytes.count >= 8, let count = Int(exactly: length), count <= bytes.count - 8,
      let header = try? JSONValue(parsing: Array(bytes[8..<8 + count]), path: "")
    else { return nil }
    self.init(header: header, data: Array(bytes[(8 + count)...]))
  }

  var bytes: [UInt8] { Self.bytes(header: [UInt8](header.text), data: data) }

  static func bytes(header: [UInt8], data: [UInt8]) -> [UInt8] {
    withUnsafeBytes(of: UInt64(header.count).littleEndian, Array.init) + header + data
  }

  /// Gives every tensor the space that its type and shape require, one after another, if that is not much.
  mutating func layOut() {
    guard case .object(let object) = header else { return }
    let sizes = ["F32": 4, "F16": 2, "BF16": 2, "I64": 8, "F64": 8, "BOOL": 1, "U8": 1]
    var result = JSONObject(), end = 0
    for member in object.members {
      guard case .object(let tensor) = member.value, case .string(let type)? = tensor["dtype"],
        case .array(let shape)? = tensor["shape"]
      else {
        result.append(member.key, member.value)
        continue
      }
      var count = sizes[type] ?? 1
      let extents = shape.map { if case .integer(let extent) = $0 { extent } else { 0 } }
      if extents.contains(0) { count = 0 }
      for extent in extents where count > 0 {
        let (product, overflow) = count.multipliedReportingOverflow(by: extent)
        count = overflow || product < 0 || product > 1 << 15 ? 0 : product
      }
      var mended = JSONObject()
      for part in tensor.members {
        let isPlace = part.key == "data_offsets"
        mended.append(part.key, isPlace ? .array([.integer(end), .integer(end + count)]) : part.value)
      }
      end += count
      result.append(member.key, .object(mended))
    }
    header = .object(result)
    guard end <= 1 << 16 else { return }
    data = Array(data.prefix(end)) + Array(repeating: 1, count: max(0, end - data.count))
  }
}
