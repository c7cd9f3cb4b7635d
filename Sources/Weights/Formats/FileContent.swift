// Whether a file can be what its name says, told without importing it: servers, proxies and the log-in pages of networks
// send pages of their own in place of files.

import Platform

/// Looks at the content of files.
package enum FileContent {
  /// What a file holds in place of what was expected.
  package typealias Mismatch = (found: String, expected: String)

  /// Checks that the file at `path` is a JSON object with a member `member` of the given kind.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - member: The name that the object must have.
  ///   - limit: The most bytes that such a file can have.
  /// - Returns: What it is otherwise; `nil` where it is as it should be.
  package static func mismatch(ofJSON path: String, with member: String, limit: Int) -> Mismatch? {
    let expected = "a JSON object with \(member)"
    do throws(WeightError) {
      let text = try [UInt8](contentsOf: path, limit: limit)
      guard case .object(let object)? = try? JSONValue(parsing: text, path: path) else {
        return (found: text.withUnsafeBytes { kind($0) ?? "text that is no such object" }, expected: expected)
      }
      if object[member] != nil { return nil }
      let keys = object.members.prefix(3).map { quoted($0.key) }
      return (
        found: keys.isEmpty ? "an empty object" : "an object with \(keys.joined(separator: ", "))", expected: expected
      )
    } catch {
      return (found: words(error), expected: expected)
    }
  }

  /// Checks that the file at `path` begins and ends as weights do: a safetensors file whose header describes all of its
  /// bytes, or a zip file with its directory. Pickles of old versions of PyTorch have no such marks and pass.
  ///
  /// - Parameter path: The file.
  /// - Returns: What it is otherwise; `nil` where it is as it should be.
  package static func mismatch(ofWeights path: String) -> Mismatch? {
    let expected = "safetensors or a checkpoint of PyTorch"
    do throws(WeightError) {
      let file = try MappedFile(path)
      defer { withExtendedLifetime(file) {} }
      if ZipArchive.isZip(file.bytes) {
        _ = try ZipArchive(file.bytes, path: path)
        return nil
      }
      if file.bytes.first == 0x80, file.bytes.count > 1, (2...5).contains(file.bytes[1]) { return nil }
      if let kind = kind(file.bytes) { return (found: kind, expected: expected) }
      _ = try SafetensorsHeader(file.bytes, path: path)
      return nil
    } catch {
      return (found: words(error), expected: expected)
    }
  }

  /// What is wrong, without the path, which is a temporary one.
  private static func words(_ error: WeightError) -> String {
    switch error {
    case .empty: "an empty file"
    case .tooLarge(_, let bytes, let limit): "\(bytes) bytes, more than \(limit)"
    case .malformed(_, let what, let found, let expected): "\(what) with \(found) in place of \(expected)"
    case .json(_, let offset, let found, _): "a header with \(found) at byte \(offset)"
    case .system(let error): error.words
    default: "something else"
    }
  }

  /// Text that is no header of safetensors, which begin with a number, always followed by a brace; with its first words.
  private static func kind(_ bytes: UnsafeRawBufferPointer) -> String? {
    if bytes.count > 8, bytes[8] == UInt8(ascii: "{"), bytes[5..<8].allSatisfy({ $0 == 0 }) { return nil }
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let text = bytes.prefix(512).drop { mark.contains($0) || $0 <= 0x20 }
    let kind = text.first == UInt8(ascii: "<") ? "a page of HTML or XML" : "something else"
    let words = String(decoding: text.prefix(60), as: UTF8.self).split(whereSeparator: \.isWhitespace)
    return "\(kind) that begins \(quoted(words.joined(separator: " ")))"
  }
}
