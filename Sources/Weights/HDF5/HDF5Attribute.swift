// Attributes of groups and datasets.

import Tensors

/// A named value on a group or dataset.
package struct HDF5Attribute: Sendable {
  /// What an attribute holds.
  package enum Value: Sendable {
    /// UTF-8 of fixed length, padded with zeros; h5py gives it as `bytes`.
    case text(String)
    /// UTF-8 of variable length, which h5py gives as `str`.
    case variableText(String)
    /// A 64-bit integer.
    case integer(Int)
  }

  package let name: String
  package let value: Value

  package init(_ name: String, _ value: Value) {
    self.name = name
    self.value = value
  }

  /// The most bytes of a text of fixed length. A message takes less than 64 KiB; longer texts become variable ones, which
  /// lie elsewhere.
  static let mostFixedBytes = 32 << 10

  /// The text if it is to be stored in the heap of variable-length texts.
  var heapText: String? {
    switch value {
    case .variableText(let text): text
    case .text(let text): text.utf8.count > Self.mostFixedBytes ? text : nil
    case .integer: nil
    }
  }

  /// The attribute message; a text of variable length is at `place` in the heap.
  func message(at place: HDF5TextHeap.Place?) -> [UInt8] {
    var datatype: [UInt8], data: [UInt8] = []
    switch value {
    case .integer(let number):
      datatype = ElementType.int64.datatype
      data.append(number, width: 8)
    case .text(let text) where place == nil:
      // The type has at least one byte, also for the empty text: zero padding makes it empty again.
      data = text.isEmpty ? [0] : Array(text.utf8)
      datatype = [0x13, 0x11, 0, 0]
      datatype.append(data.count, width: 4)
    case .text(let text), .variableText(let text):
      // A sequence of bytes that is text in UTF-8.
      datatype = [0x19, 0x01, 0x01, 0, 16, 0, 0, 0] + ElementType.bool.datatype
      data.append(text.utf8.count, width: 4)
      data.append(place?.collection ?? 0, width: 8)
      data.append(place?.index ?? 0, width: 4)
    }
    // Version 3, a name in UTF-8, a scalar.
    let dataspace: [UInt8] = [2, 0, 0, 0]
    var message: [UInt8] = [3, 0]
    message.append(name.utf8.count + 1, width: 2)
    message.append(datatype.count, width: 2)
    message.append(dataspace.count, width: 2)
    message.append(1)
    return message + name.utf8 + [0] + datatype + dataspace + data
  }
}
