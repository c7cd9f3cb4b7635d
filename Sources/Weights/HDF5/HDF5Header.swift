// The header of a group or dataset: its messages.

/// What the header of an object says, as far as our files need it.
struct HDF5Header {
  /// An attribute, not yet interpreted.
  struct Attribute {
    let name: String
    let datatype: UnsafeRawBufferPointer
    /// `nil` for an attribute without a shape.
    let shape: [Int]?
    let data: UnsafeRawBufferPointer
  }

  /// Attributes in the order of the file.
  private(set) var attributes: [Attribute] = []
  /// Members of a group in the order of the file; `nil` for a dataset.
  private(set) var links: [(name: String, address: Int)]?
  /// The datatype message of a dataset.
  private(set) var datatype: UnsafeRawBufferPointer?
  /// Extents of a dataset; `nil` when it has no shape.
  private(set) var shape: [Int]?
  /// Where the data of a dataset begin and how many bytes they are; `nil` for data in pieces or none.
  private(set) var data: (offset: Int, count: Int)?

  private static let what = "object header"
  /// The flag of a message that lies elsewhere, because several objects have it.
  private static let sharedFlag = 2

  /// Reads the header at `address`. Throws if it is damaged or of a form that HDF5 1.8 does not write.
  init(_ file: inout HDF5Bytes, at address: Int) throws(WeightError) {
    for message in try Self.messages(&file, at: address) { try read(message, &file) }
  }

  private struct Message {
    let kind: Int
    let isShared: Bool
    let body: UnsafeRawBufferPointer
  }

  private static func messages(_ file: inout HDF5Bytes, at address: Int) throws(WeightError) -> [Message] {
    let start = try file.take(address, 6, what)
    guard start.starts(with: "OHDR".utf8), start[4] == 2 else {
      throw file.malformed(what, "other bytes at \(address)", "an object header of HDF5 1.8")
    }
    let flags = Int(start[5])
    // Times and limits of attributes come first where they are stored.
    let prefix = 6 + (flags & 0x20 != 0 ? 16 : 0) + (flags & 0x10 != 0 ? 4 : 0), width = 1 << (flags & 3)
    let field = try file.take(address, prefix + width, what)
    guard let size = HDF5Bytes.number(field, prefix, width), size <= file.image.count else {
      throw file.malformed(what, "too many bytes at \(address)", "at most \(file.image.count)")
    }
    let first = try file.structure("OHDR", address, prefix + width + size + 4, what)
    var chunks = [UnsafeRawBufferPointer(rebasing: first[(prefix + width)...])], messages: [Message] = []
    // Messages carry the number of their creation when the header tracks it.
    let messagePrefix = flags & 4 != 0 ? 6 : 4
    var next = 0
    while next < chunks.count {
      let chunk = chunks[next]
      next += 1
      var place = 0
      // A gap at the end is too short for a message.
      while place + messagePrefix <= chunk.count {
        let kind = Int(chunk[place]), begin = place + messagePrefix
        guard let length = HDF5Bytes.number(chunk, place + 1, 2), length <= chunk.count - begin else {
          throw file.malformed(what, "a message beyond the end at \(address)", "messages within the header")
        }
        let body = UnsafeRawBufferPointer(rebasing: chunk[begin..<begin + length])
        if kind == HDF5Format.Message.continuation {
          guard let more = try file.address(body, 0, what), let count = HDF5Bytes.number(body, 8, 8), count >= 8 else {
            throw file.malformed(what, "no place for more messages at \(address)", "an address and a length")
          }
          chunks.append(UnsafeRawBufferPointer(rebasing: try file.structure("OCHK", more, count, what)[4...]))
        } else {
          let isShared = Int(chunk[place + 3]) & sharedFlag != 0
          messages.append(Message(kind: kind, isShared: isShared, body: body))
        }
        place = begin + length
      }
    }
    return messages
  }

  private mutating func read(_ message: Message, _ file: inout HDF5Bytes) throws(WeightError) {
    let body = message.body
    switch message.kind {
    case HDF5Format.Message.attribute:
      attributes.append(try Self.attribute(body, isShared: message.isShared, file))
    case HDF5Format.Message.attributeInfo: try readAttributeInfo(body, &file)
    case HDF5Format.Message.link:
      links = links ?? []
      links?.append(try Self.link(body, file))
    case HDF5Format.Message.linkInfo: try readLinkInfo(body, &file)
    case HDF5Format.Message.datatype where !message.isShared: datatype = body
    case HDF5Format.Message.dataspace: shape = try Self.shape(body, file)
    case HDF5Format.Message.layout:
      // Version 3 or 4, contiguous.
      guard body.count >= 18, [3, 4].contains(body[0]), body[1] == 1 else { return }
      guard let offset = try file.address(body, 2, "layout"), let count = HDF5Bytes.number(body, 10, 8) else { return }
      data = (offset, count)
    default: break
    }
  }

  /// Extents of a dataspace message; empty for a scalar, `nil` when there is no shape.
  private static func shape(_ body: UnsafeRawBufferPointer, _ file: HDF5Bytes) throws(WeightError) -> [Int]? {
    guard body.count >= 4, body[0] == 2 else {
      throw file.malformed("dataspace", "another version", "version 2")
    }
    guard body[3] != 2 else { return nil }
    var shape: [Int] = []
    for axis in 0..<Int(body[1]) {
      guard let extent = HDF5Bytes.number(body, 4 + 8 * axis, 8) else {
        throw file.malformed("dataspace", "an extent that does not fit", "extents that fit 63 bits")
      }
      shape.append(extent)
    }
    return shape
  }

  // MARK: Attributes

  private static func attribute(
    _ body: UnsafeRawBufferPointer, isShared: Bool, _ file: HDF5Bytes
  ) throws(WeightError) -> Attribute {
    let fixed = 9
    guard !isShared, body.count >= fixed, body[0] == 3, body[1] == 0,
      let nameSize = HDF5Bytes.number(body, 2, 2), let typeSize = HDF5Bytes.number(body, 4, 2),
      let spaceSize = HDF5Bytes.number(body, 6, 2), fixed + nameSize + typeSize + spaceSize <= body.count, nameSize > 0
    else { throw file.malformed("attribute", "another form", "an attribute of HDF5 1.8 with types of its own") }
    func part(_ start: Int, _ count: Int) -> UnsafeRawBufferPointer {
      UnsafeRawBufferPointer(rebasing: body[start..<start + count])
    }
    let type = fixed + nameSize, space = type + typeSize, data = space + spaceSize
    return Attribute(
      name: try name(part(fixed, nameSize - 1), file), datatype: part(type, typeSize),
      shape: try shape(part(space, spaceSize), file), data: part(data, body.count - data))
  }

  /// Attributes in a heap, when there are many.
  private mutating func readAttributeInfo(
    _ body: UnsafeRawBufferPointer, _ file: inout HDF5Bytes
  ) throws(WeightError) {
    guard body.count >= 2, body[0] == 0 else { throw file.malformed("attributes", "another version", "version 0") }
    // Behind the identifier: the flags of the message, its number, the hash of the name.
    let place = Heap(start: body[1] & 1 != 0 ? 4 : 2, type: HDF5Format.Tree.attributeNames, before: 0, behind: 1)
    for (message, rest) in try Self.objects(place, body, &file, "attributes") {
      attributes.append(try Self.attribute(message, isShared: Int(rest[0]) & Self.sharedFlag != 0, file))
    }
  }

  /// The attribute of a name.
  func attribute(_ name: String) -> Attribute? { attributes.first { $0.name == name } }

  // MARK: Members

  private static func link(
    _ body: UnsafeRawBufferPointer, _ file: HDF5Bytes
  ) throws(WeightError) -> (name: String, address: Int) {
    guard body.count >= 2, body[0] == 1 else { throw file.malformed("link", "another version", "version 1") }
    let flags = Int(body[1])
    var place = 2
    if flags & 8 != 0 {
      guard HDF5Bytes.number(body, place, 1) == 0 else {
        throw file.malformed("link", "a link to a name", "a link to an object of the file")
      }
      place += 1
    }
    place += (flags & 4 != 0 ? 8 : 0) + (flags & 16 != 0 ? 1 : 0)
    let width = 1 << (flags & 3)
    guard let length = HDF5Bytes.number(body, place, width), length > 0, length <= body.count - place - width,
      let address = try file.address(body, place + width + length, "link")
    else { throw file.malformed("link", "an early end", "a name and an address") }
    return (try name(UnsafeRawBufferPointer(rebasing: body[place + width..<place + width + length]), file), address)
  }

  /// Members in a heap, when there are many.
  private mutating func readLinkInfo(_ body: UnsafeRawBufferPointer, _ file: inout HDF5Bytes) throws(WeightError) {
    guard body.count >= 2, body[0] == 0 else { throw file.malformed("links", "another version", "version 0") }
    links = links ?? []
    // Before the identifier: the hash of the name.
    let place = Heap(start: body[1] & 1 != 0 ? 10 : 2, type: HDF5Format.Tree.linkNames, before: 4, behind: 0)
    for (message, _) in try Self.objects(place, body, &file, "links") {
      links?.append(try Self.link(message, file))
    }
  }

  // MARK: Many attributes or members

  /// How a message leads to objects in a heap.
  private struct Heap {
    /// Where the message has the addresses of the heap and of the index by name.
    let start: Int
    /// The type of the index.
    let type: Int
    /// Bytes of a record before the identifier of an object, and those behind it that are wanted.
    let before: Int, behind: Int
  }

  /// The objects of a heap in the order of its index, each with what its record has behind the identifier; none where
  /// there is no heap.
  private static func objects(
    _ place: Heap, _ body: UnsafeRawBufferPointer, _ file: inout HDF5Bytes, _ what: String
  ) throws(WeightError) -> [(object: UnsafeRawBufferPointer, rest: UnsafeRawBufferPointer)] {
    guard let address = try file.address(body, place.start, what),
      let index = try file.address(body, place.start + 8, what)
    else { return [] }
    let heap = try HDF5Heap(&file, at: address)
    var objects: [(object: UnsafeRawBufferPointer, rest: UnsafeRawBufferPointer)] = []
    for record in try HDF5Tree.records(&file, at: index, type: place.type) {
      let end = place.before + heap.identifierSize
      guard record.count >= end + place.behind else {
        throw file.malformed(what, "a short record", "the identifier of an object")
      }
      let object = try heap.object(UnsafeRawBufferPointer(rebasing: record[place.before..<end]), &file)
      objects.append((object, UnsafeRawBufferPointer(rebasing: record[end...])))
    }
    return objects
  }

  private static func name(_ bytes: UnsafeRawBufferPointer, _ file: HDF5Bytes) throws(WeightError) -> String {
    guard let name = String(validating: bytes, as: UTF8.self) else {
      throw file.malformed("name", "bytes that are not UTF-8", "text in UTF-8")
    }
    return name
  }
}
