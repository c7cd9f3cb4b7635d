// Text of others in XML.

import Platform

/// `text` as content or as the value of an attribute of an XML document (XML 1.0): markup escaped, and what an XML document
/// cannot have, or what would act on the reader's display, as U+FFFD.
func xmlText(_ text: String) -> String {
  var escaped = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": escaped += "&amp;"
    case "<": escaped += "&lt;"
    case ">": escaped += "&gt;"
    case "\"": escaped += "&quot;"
    case "'": escaped += "&#39;"
    case "\n": escaped += "\n"
    case "\t": escaped += " "
    case "\u{FFFE}", "\u{FFFF}": escaped += "\u{FFFD}"
    case _ where scalar.isControl: escaped += "\u{FFFD}"
    default: escaped.unicodeScalars.append(scalar)
    }
  }
  return escaped
}
