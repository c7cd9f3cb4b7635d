// A checkpoint in several files: `model.safetensors.index.json` or `pytorch_model.bin.index.json` says which tensor is in
// which.

import Glibc
import Platform

/// The files of a checkpoint and what each must hold.
package struct ShardIndex: Sendable {
  /// The index file itself.
  package let path: String
  /// The names of the shards, sorted.
  package let shards: [String]
  /// Bytes of all tensors, where the index says so.
  package let totalBytes: Int?
  private let shardOfTensor: [String: String]

  /// Far more than any index; larger files are something else.
  static let maximumBytes = 64 << 20

  /// Reads the index at `path`. Shard names must be plain names of files in the same folder.
  package init(_ path: String) throws(WeightError) {
    let text = try [UInt8](contentsOf: path, limit: ShardIndex.maximumBytes)
    guard case .object(let object) = try JSONValue(parsing: text, path: path),
      case .object(let map)? = object["weight_map"]
    else {
      throw .malformed(path: path, what: "weight_map", found: "nothing", expected: "an object of tensor and file names")
    }
    var shardOfTensor: [String: String] = [:]
    for member in map.members {
      guard case .string(let shard) = member.value, ShardIndex.isPlainFileName(shard) else {
        throw .malformed(
          path: path, what: "weight_map.\(member.key)", found: member.value.kind,
          expected: "the name of a .safetensors or .bin file in the same folder")
      }
      shardOfTensor[member.key] = shard
    }
    guard !shardOfTensor.isEmpty else {
      throw .malformed(path: path, what: "weight_map", found: "no tensors", expected: "at least one")
    }
    if case .object(let metadata)? = object["metadata"], case .integer(let bytes)? = metadata["total_size"], bytes > 0 {
      totalBytes = bytes
    } else {
      totalBytes = nil
    }
    self.path = path
    self.shardOfTensor = shardOfTensor
    self.shards = Set(shardOfTensor.values).sorted()
  }

  /// Opens every shard and checks that the files hold exactly the tensors that the index says.
  package func open() throws(WeightError) -> [Checkpoint] {
    let folder = path.folder
    var files: [Checkpoint] = []
    var seen = 0
    for shard in shards {
      let file: Checkpoint
      do {
        file = try Checkpoint(folder + "/" + shard)
      } catch .system(let error) where error.action == "open" && error.code == ENOENT {
        throw missing(shard)
      }
      for entry in file.entries where shardOfTensor[entry.name] != shard {
        let named = shardOfTensor[entry.name].map { "a place in \($0) for it" } ?? "no place for it"
        throw .malformed(path: path, what: "weight_map.\(entry.name)", found: named, expected: shard)
      }
      seen += file.entries.count
      files.append(file)
    }
    if seen != shardOfTensor.count {
      let present = Set(files.flatMap { $0.entries.map(\.name) })
      let absent = shardOfTensor.filter { !present.contains($0.key) }.min { $0.key < $1.key }
      if let absent { throw .missing(tensor: absent.key, path: folder + "/" + absent.value) }
    }
    return files
  }

  /// The error for a missing file `shard`.
  package func missing(_ shard: String) -> WeightError {
    let tensor = shardOfTensor.filter { $0.value == shard }.keys.min() ?? ""
    return .missingShard(shard: shard, tensor: tensor, path: path)
  }

  private static func isPlainFileName(_ name: String) -> Bool {
    (name.hasSuffix(".safetensors") || name.hasSuffix(".bin")) && !name.hasPrefix(".")
      && !name.utf8.contains { $0 == UInt8(ascii: "/") || $0 == 0 }
  }
}
