// Files in the form of the cache, or nearly: with chosen attributes and tensors of zeros.

import Platform
package import Tensors
package import Weights

/// The attributes of a cache file without a source; a number that is `nil` is left out.
package func cacheAttributes(version: Int = 1, tensorCount: Int?, complete: Int? = 1) -> [HDF5Attribute] {
  let texts = [
    ("format", "esmfold weights"), ("program", ""), ("created", ""), ("model_name", ""), ("config", ""), ("source", ""),
    ("sources", "[]"), ("source_sha256", ""),
  ]
  let numbers = [("format_version", version), ("tensor_count", tensorCount), ("complete", complete)]
  return texts.map { HDF5Attribute($0, .text($1)) }
    + numbers.compactMap { name, number in number.map { HDF5Attribute(name, .integer($0)) } }
}

/// Writes an HDF5 file with attributes of the root and a group of tensors.
package func writeCache(
  _ path: String, attributes: [HDF5Attribute], group: String = "tensors",
  tensors: [(name: String, elementType: ElementType, shape: [Int])] = []
) throws {
  let part = try UnfinishedFile(for: path)
  var writer = HDF5Writer(part), members: [HDF5Writer.Member] = []
  for tensor in tensors {
    let zeros = [UInt8](repeating: 0, count: tensor.shape.reduce(tensor.elementType.byteCount, *))
    let object = try zeros.withUnsafeBytes { try writer.add(tensor.elementType, tensor.shape, $0) }
    members.append((tensor.name, object))
  }
  let tensors = try writer.addGroup(members)
  let root = try writer.addGroup([(group, tensors)], attributes: attributes)
  try writer.finish(root: root)
  try part.commit()
}
