// What a page holds: base64, zlib streams, texts within scripts.

import CZlib
import Foundation
import Report
import Testing

@Suite struct PackingTests {
  /// RFC 4648, section 10.
  @Test(
    "Base64",
    arguments: [
      ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
      ("foobar", "Zm9vYmFy"),
    ])
  func base64(_ text: String, _ expected: String) {
    #expect(String(decoding: Packing.base64(Array(text.utf8)), as: UTF8.self) == expected)
  }

  @Test func base64OfAllBytes() {
    let up: [UInt8] = Array(0...255), down: [UInt8] = up.reversed()
    let bytes = up + down + [7]
    #expect(Data(base64Encoded: Data(Packing.base64(bytes))) == Data(bytes))
  }

  @Test("zlib unpacks what is packed", arguments: [0, 1, 1000, 300_000])
  func packing(_ count: Int) throws {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }
    #expect(try unpacked(String(decoding: Packing.packed(bytes), as: UTF8.self), count) == bytes)
  }

  @Test func textsCannotEndTheElementTheyAreIn() throws {
    let hostile = "</script><!--<script>&\"\\\u{2028}\u{1B}é\u{0}"
    var text = ReportText()
    text.append(string: hostile)
    let json = String(decoding: text.bytes, as: UTF8.self)
    #expect(!json.contains("<") && !json.contains(">") && !json.contains("&") && !json.contains("\u{2028}"))
    #expect(try JSONDecoder().decode([String].self, from: Data("[\(json)]".utf8)) == [hostile])
  }

  @Test func numbers() {
    var text = ReportText()
    text.append(list: [1.005, nil, .nan, -.infinity, 0]) { $0.append(number: $1, 2) }
    text.append(list: [1, nil] as [Int?]) { $0.append(number: $1) }
    #expect(String(decoding: text.bytes, as: UTF8.self) == "[1.00,null,null,null,0.00][1,null]")
  }
}

/// The bytes of a zlib stream in base64.
func unpacked(_ base64: String, _ capacity: Int) throws -> [UInt8] {
  let packed = [UInt8](try #require(Data(base64Encoded: base64)))
  var bytes = [UInt8](repeating: 0, count: capacity + 1), count = UInt(capacity + 1)
  #expect(uncompress(&bytes, &count, packed, UInt(packed.count)) == Z_OK)
  return Array(bytes.prefix(Int(count)))
}
