// Text of others: in messages, in quotation marks and in JSON.

extension Unicode.Scalar {
  /// Whether a terminal may act on this scalar in place of showing it, or show what surrounds it in another order or on
  /// another line: controls (C0, DEL, C1), separators of lines and paragraphs, overrides of the writing direction (Unicode
  /// Standard Annex 9).
  package var isControl: Bool {
    switch value {
    case 0..<0x20, 0x7F..<0xA0, 0x2028...0x202E, 0x2066...0x2069: true
    default: false
    }
  }

  /// The scalar as JSON writes it in a string, `\u001b`; it is one of the first 65536.
  package var jsonEscape: String {
    "\\u" + hexadecimal([UInt8(truncatingIfNeeded: value >> 8), UInt8(truncatingIfNeeded: value)])
  }
}

extension String {
  /// Whether there can be no control in this text but those of `kept`; a quick look at its bytes.
  fileprivate mutating func isSurelyPlain(keeping kept: Set<UInt8>) -> Bool {
    withUTF8 { bytes in
      // C1 controls begin with C2, the others beyond ASCII with E2.
      bytes.allSatisfy { ($0 >= 0x20 && $0 != 0x7F && $0 != 0xC2 && $0 != 0xE2) || kept.contains($0) }
    }
  }
}

/// `text` with controls made visible, ESC as `\u{1B}`: what a terminal is given of others must not be a command to it.
///
/// - Parameters:
///   - text: The text.
///   - kept: Controls of ASCII that stay as they are.
/// - Returns: The text to show.
package func visible(_ text: String, keeping kept: Set<UInt8> = []) -> String {
  var text = text
  if text.isSurelyPlain(keeping: kept) { return text }
  var shown = ""
  for scalar in text.unicodeScalars {
    if scalar.isControl, !(scalar.isASCII && kept.contains(UInt8(truncatingIfNeeded: scalar.value))) {
      shown += scalar.escaped(asASCII: true)
    } else {
      shown.unicodeScalars.append(scalar)
    }
  }
  return shown
}

/// A path for a message, with controls made visible; an empty one as `""`.
package func visiblePath(_ path: String) -> String { path.isEmpty ? "\"\"" : visible(path) }

/// `text` for a message: in quotation marks, cut when very long, with controls made visible.
package func quoted(_ text: String) -> String {
  let scalars = text.unicodeScalars
  guard let cut = scalars.index(scalars.startIndex, offsetBy: 80, limitedBy: scalars.endIndex), cut < scalars.endIndex
  else { return "\"\(visible(text))\"" }
  return "\"\(visible(String(scalars[..<cut])))…\""
}

/// `text` as a JSON string with its quotation marks (RFC 8259), without controls.
package func jsonString(_ text: String) -> String { "\"" + jsonEscaped(text, quotationMarks: true) + "\"" }

/// `text` with line ends, tabs, backslashes and other controls as a JSON string has them (RFC 8259), and quotation marks if that
/// is asked for.
package func jsonEscaped(_ text: String, quotationMarks: Bool) -> String {
  var json = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"" where quotationMarks: json += "\\\""
    case "\\": json += "\\\\"
    case "\n": json += "\\n"
    case "\t": json += "\\t"
    case "\r": json += "\\r"
    case _ where scalar.isControl: json += scalar.jsonEscape
    default: json.unicodeScalars.append(scalar)
    }
  }
  return json
}
