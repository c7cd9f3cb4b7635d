// HDF5 1.8 files read without the library, byte by byte (HDF5 File Format Specification 3.0): the reference for our
// writer's tests. Only for groups of few members: larger ones are in a heap.

/// An object of a file.
package struct HDF5Object {
  /// A float or whole number by its bits, as the datatype message tells it.
  package struct Format: Equatable {
    /// 0: whole number, 1: float.
    package let kind: Int
    package let size: Int
    /// Whether the most significant byte comes first; of whole numbers, whether there is a sign.
    package let isBigEndian: Bool, isSigned: Bool
    /// Of floats: places and sizes of exponent and mantissa, and the bias.
    package var exponent = [0, 0], mantissa = [0, 0], bias = 0

    package static let float32 = Format(
      kind: 1, size: 4, isBigEndian: false, isSigned: false, exponent: [23, 8], mantissa: [0, 23], bias: 127)
    package static let float16 = Format(
      kind: 1, size: 2, isBigEndian: false, isSigned: false, exponent: [10, 5], mantissa: [0, 10], bias: 15)
    package static let bfloat16 = Format(
      kind: 1, size: 2, isBigEndian: false, isSigned: false, exponent: [7, 8], mantissa: [0, 7], bias: 127)
    package static let int64 = Format(kind: 0, size: 8, isBigEndian: false, isSigned: true)
    package static let uint8 = Format(kind: 0, size: 1, isBigEndian: false, isSigned: false)
  }

  /// Whether the header records times.
  package var hasTimes = false
  /// Members of a group by name.
  package var members: [String: HDF5Object] = [:]
  /// Text attributes by name; whether a text has a length of its own.
  package var texts: [String: (text: String, isVariable: Bool)] = [:]
  package var integers: [String: Int] = [:]
  /// Of a dataset.
  package var format: Format?
  package var shape: [Int]?
  /// Where the bytes of a dataset lie.
  package var place: Range<Int>?

  /// The root of a file.
  package init(root file: [UInt8]) throws {
    try require(Array(file.prefix(8)) == [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A])
    try require([2, 3].contains(file[8]) && file[9] == 8 && file[10] == 8)
    try self.init(HDF5Bytes(file), at: HDF5Bytes(file).number(36, 8))
  }

  private init(_ file: HDF5Bytes, at address: Int) throws {
    try require(file.signature(address) == "OHDR" && file.bytes[address + 4] == 2)
    let flags = Int(file.bytes[address + 5])
    hasTimes = flags & 0x20 != 0
    var place = address + 6 + (hasTimes ? 16 : 0) + (flags & 0x10 != 0 ? 4 : 0)
    let width = 1 << (flags & 3)
    let size = file.number(place, width)
    place += width
    var chunks = [place..<place + size]
    // Tracked attributes are numbered.
    let prefix = flags & 4 != 0 ? 6 : 4
    while let chunk = chunks.popLast() {
      var place = chunk.lowerBound
      while place + prefix <= chunk.upperBound {
        let kind = Int(file.bytes[place]), length = file.number(place + 1, 2), body = place + prefix
        if kind == 0x10 {
          let block = file.number(body, 8)
          try require(file.signature(block) == "OCHK")
          chunks.append(block + 4..<block + file.number(body + 8, 8) - 4)
        } else {
          try read(kind, file, body)
        }
        place = body + length
      }
    }
  }

  private mutating func read(_ kind: Int, _ file: HDF5Bytes, _ place: Int) throws {
    switch kind {
    case 0x01: shape = try file.shape(place)
    case 0x03: format = file.format(place)
    case 0x06: try readLink(file, place)
    case 0x08:
      try require(file.bytes[place] == 3 && file.bytes[place + 1] == 1, "a layout that is not contiguous")
      let start = file.number(place + 2, 8), count = file.number(place + 10, 8)
      self.place = start < 0 ? 0..<0 : start..<start + count
    case 0x0C: try readAttribute(file, place)
    default: break
    }
  }

  private mutating func readLink(_ file: HDF5Bytes, _ start: Int) throws {
    try require(file.bytes[start] == 1)
    let flags = Int(file.bytes[start + 1])
    var place = start + 2
    if flags & 8 != 0 { try require(file.bytes[place] == 0, "a link that is not hard") }
    place += (flags & 8 != 0 ? 1 : 0) + (flags & 4 != 0 ? 8 : 0) + (flags & 16 != 0 ? 1 : 0)
    let width = 1 << (flags & 3), length = file.number(place, width)
    let name = file.text(place + width, length)
    members[name] = try HDF5Object(file, at: file.number(place + width + length, 8))
  }

  private mutating func readAttribute(_ file: HDF5Bytes, _ start: Int) throws {
    try require(file.bytes[start] == 3)
    let nameSize = file.number(start + 2, 2), typeSize = file.number(start + 4, 2)
    let name = file.text(start + 9, nameSize - 1), type = start + 9 + nameSize
    let data = type + typeSize + file.number(start + 6, 2)
    let kind = Int(file.bytes[type] & 15), size = file.number(type + 4, 4)
    switch kind {
    case 0: integers[name] = file.number(data, size)
    case 3:
      // Padded with zeros, UTF-8.
      try require(file.bytes[type + 1] & 0xFF == 0x11, "another padding or character set")
      let bytes = file.bytes[data..<data + size].prefix { $0 != 0 }
      texts[name] = (String(decoding: bytes, as: UTF8.self), false)
    case 9:
      try require(file.bytes[type + 1] & 15 == 1 && file.bytes[type + 2] == 1, "no text, or not in UTF-8")
      let length = file.number(data, 4)
      texts[name] = (try file.heapText(file.number(data + 4, 8), file.number(data + 12, 4), length), true)
    default: break
    }
  }

  /// The object at a path of names.
  package subscript(_ path: String) -> HDF5Object? {
    var object: HDF5Object? = self
    for name in path.split(separator: "/") { object = object?.members[String(name)] }
    return object
  }

  /// This object and all below it.
  package var all: [HDF5Object] { [self] + members.values.flatMap(\.all) }
}

/// The bytes of a file and the parts shared by several messages.
private struct HDF5Bytes {
  let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  func number(_ place: Int, _ width: Int) -> Int {
    bytes[place..<place + width].reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  func text(_ place: Int, _ count: Int) -> String { String(decoding: bytes[place..<place + count], as: UTF8.self) }

  func signature(_ place: Int) -> String { text(place, 4) }

  func shape(_ place: Int) throws -> [Int] {
    try require(bytes[place] == 2)
    let rank = Int(bytes[place + 1])
    return (0..<rank).map { number(place + 4 + $0 * 8, 8) }
  }

  func format(_ place: Int) -> HDF5Object.Format {
    let kind = Int(bytes[place] & 15), flags = bytes[place + 1]
    var format = HDF5Object.Format(
      kind: kind, size: number(place + 4, 4), isBigEndian: flags & 1 == 1, isSigned: kind == 0 && flags & 8 != 0)
    if kind == 1 {
      format.exponent = [Int(bytes[place + 12]), Int(bytes[place + 13])]
      format.mantissa = [Int(bytes[place + 14]), Int(bytes[place + 15])]
      format.bias = number(place + 16, 4)
    }
    return format
  }

  /// An object of the global heap, which stores variable-length texts.
  func heapText(_ collection: Int, _ index: Int, _ length: Int) throws -> String {
    if length == 0 { return "" }
    try require(signature(collection) == "GCOL")
    let end = collection + number(collection + 8, 8)
    var place = collection + 16
    while place + 16 <= end {
      let size = number(place + 8, 8)
      if number(place, 2) == index { return text(place + 16, length) }
      place += 16 + (size + 7) / 8 * 8
    }
    throw Missing(what: "object \(index) in the heap")
  }
}
