// Where `weights fetch` gets files from: the hub, a mirror with the same layout, or one folder, by URL or by path.

import ESMFoldKit
import Platform
import Transfer

/// A place that holds the files of models.
struct FetchMirror: Sendable, Equatable {
  /// Without a slash at the end.
  private let base: String
  /// Whether the files lie directly at `base`; otherwise each has its place in the layout of the hub.
  private let isFolder: Bool

  static let hub = "https://huggingface.co"
  static let expected = "a URL (http, https or file) or a folder"

  /// Understands the value of `--from`.
  ///
  /// - Parameter text: a URL; with a slash at its end it is a folder that holds the files themselves, unless it is a mere
  ///   host. Or the path of a folder, which holds the files themselves when there is a `config.json`.
  /// - Throws: `InvalidValue` when it is neither.
  init(_ text: String) throws(InvalidValue) {
    if let scheme = text.firstRange(of: "://") {
      guard ["http", "https", "file"].contains(text[..<scheme.lowerBound].lowercased()),
        scheme.upperBound < text.endIndex
      else { throw InvalidValue(Self.expected) }
      // A URL contains no space or line end; after a question mark, the names that are appended would be part of the
      // query.
      guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }), !text.contains("?"), !text.contains("#") else {
        throw InvalidValue("\(Self.expected), without spaces, ? and #")
      }
      let rest = text[scheme.upperBound...]
      let path = rest.drop { $0 != "/" }
      isFolder = path.count > 1 && path.hasSuffix("/")
      base = Self.withoutSlashes(text)
    } else {
      guard let path = text.resolved else { throw InvalidValue("\(Self.expected) that exists") }
      isFolder = (path + "/config.json").exists
      base = "file://" + Self.withoutSlashes(Self.escaped(path))
    }
  }

  /// Whether no connection is needed.
  var isLocal: Bool { base.lowercased().hasPrefix("file:") }

  /// Whether the connection is encrypted.
  var isSecure: Bool { base.lowercased().hasPrefix("https:") }

  /// Where a file of a model is.
  func url(of file: String, _ model: KnownModel) -> String {
    // The names of shards are the index's.
    let file = Self.escaped(file)
    return isFolder ? "\(base)/\(file)" : "\(base)/\(model.repository)/resolve/\(model.revision)/\(file)"
  }

  /// The location of a model in messages.
  func place(of model: KnownModel) -> String { shownURL(isFolder ? "\(base)/" : "\(base)/\(model.repository)") }

  /// What the cache records as the origin of a model.
  func origin(of model: KnownModel) -> String { place(of: model) + (isFolder ? "" : " (\(model.revision))") }

  /// Only letters, digits and a few signs stand for themselves in a URL (RFC 3986).
  private static func escaped(_ path: String) -> String {
    var bytes: [UInt8] = []
    for byte in path.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"):
        bytes.append(byte)
      default: bytes += Array("%\(hexadecimal([byte]).uppercased())".utf8)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func withoutSlashes(_ text: String) -> String {
    var text = text[...]
    while text.hasSuffix("/"), !text.hasSuffix("://") { text.removeLast() }
    return String(text)
  }
}
