// A line of the log: what is said of an event, for people and as a JSON object.

import Platform

/// What is said, in each format.
struct LogLine {
  let kind: String
  /// Of the kind, which is shown if it has one.
  var colour: String?
  let message: String
  var event: String?
  var fields: [(String, LogValue)] = []
  var strip: ConfidenceStrip?

  /// - Parameter everywhere: fields that every line has at its end.
  /// - Returns: One JSON object: time, level, event, message, hint and fields.
  func json(everywhere: [(String, LogValue)]) -> String {
    let marker = "\n" + MessageText.hintMark
    var pairs = [("time", jsonString(utcTime())), ("level", jsonString(kind))]
    if let event { pairs.append(("event", jsonString(event))) }
    if let range = message.firstRange(of: marker) {
      pairs.append(("message", jsonString(String(message[..<range.lowerBound]))))
      pairs.append(("hint", jsonString(String(message[range.upperBound...]))))
    } else {
      pairs.append(("message", jsonString(message)))
    }
    for (name, value) in fields + everywhere {
      switch value {
      case .text(let text): pairs.append((name, jsonString(text)))
      case .whole(let number): pairs.append((name, "\(number)"))
      case .decimal(let number, let decimals):
        pairs.append((name, number.isFinite ? fixed(number, decimals) : "null"))
      }
    }
    return "{" + pairs.map { "\(jsonString($0.0)):\($0.1)" }.joined(separator: ",") + "}"
  }
}
