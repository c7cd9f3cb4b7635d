// Text of others in quotation marks: in messages and in JSON.

/// `text` for a message: in quotation marks, cut when very long, with control characters made visible.
package func quoted(_ text: String) -> String {
  var shown = ""
  for scalar in text.unicodeScalars.prefix(80) {
    shown += scalar.properties.generalCategory == .control ? scalar.escaped(asASCII: true) : String(scalar)
  }
  return text.unicodeScalars.count > 80 ? "\"\(shown)…\"" : "\"\(shown)\""
}

/// `text` as a JSON string with its quotation marks (RFC 8259).
package func jsonString(_ text: String) -> String {
  var json = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": json += "\\\""
    case "\\": json += "\\\\"
    case "\n": json += "\\n"
    case "\t": json += "\\t"
    case "\r": json += "\\r"
    case _ where scalar.value < 0x20: json += "\\u00" + hexadecimal([UInt8(truncatingIfNeeded: scalar.value)])
    default: json.unicodeScalars.append(scalar)
    }
  }
  return json + "\""
}
