// Files in the form of the cache, or nearly: with chosen attributes and tensors of zeros.

import Platform
package import Tensors
package import Weights

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
