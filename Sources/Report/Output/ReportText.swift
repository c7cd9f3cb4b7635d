// JSON within a page: values that no browser takes for markup.

import Platform

/// JSON on its way into a `<script>` element.
package struct ReportText {
  package private(set) var bytes: [UInt8] = []

  package init() {}

  /// Text of this program.
  package mutating func append(_ text: String) { bytes += text.utf8 }

  /// Bytes of this program.
  package mutating func append(_ text: [UInt8]) { bytes += text }

  /// A text of others as a string. What could end the element, or begin another, is written as JSON's escapes.
  package mutating func append(string text: String) {
    for byte in jsonString(text).utf8 {
      switch byte {
      case UInt8(ascii: "<"): append("\\u003c")
      case UInt8(ascii: ">"): append("\\u003e")
      case UInt8(ascii: "&"): append("\\u0026")
      default: bytes.append(byte)
      }
    }
  }

  /// A text of others, or null.
  package mutating func append(string text: String?) {
    if let text { append(string: text) } else { append("null") }
  }

  /// A number, or null where there is none.
  package mutating func append(number value: Double?, _ decimals: Int) {
    append(value.flatMap { $0.isFinite ? fixed($0, decimals) : nil } ?? "null")
  }

  /// A whole number, or null.
  package mutating func append(number value: Int?) { append(value.map { "\($0)" } ?? "null") }

  /// `"key":`, after a comma unless it is the first.
  package mutating func append(key: String, isFirst: Bool = false) { append((isFirst ? "\"" : ",\"") + key + "\":") }

  /// A list of what `item` appends.
  package mutating func append<Item>(list items: some Sequence<Item>, _ item: (inout ReportText, Item) -> Void) {
    append("[")
    for (place, value) in items.enumerated() {
      if place > 0 { append(",") }
      item(&self, value)
    }
    append("]")
  }
}
