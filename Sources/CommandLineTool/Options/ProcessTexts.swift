// What the process is given as texts: arguments and environment. The system gives bytes, of which Swift would silently make
// other texts where they are not UTF-8, and with them names of other files.

import CArguments
import Glibc
import Platform

enum ProcessTexts {
  /// Whether the program was called by its second name, that of Meta's program for folding.
  static var isCalledESMFold: Bool {
    process_argument(0).map { String(cString: $0).lastComponent == "esm-fold" } ?? false
  }

  /// The words after the program's name. By the name `esm-fold` the program is `esmfold fold`.
  ///
  /// - Throws: `UsageError.notText` for the first that is not UTF-8.
  static func arguments() throws(UsageError) -> [String] {
    var texts = isCalledESMFold ? ["fold"] : []
    for (number, bytes) in zip(1..., words) { texts.append(try text(bytes, "argument \(number)")) }
    return texts
  }

  /// The same words with replacement characters for what is not UTF-8: to look for an option among them.
  static var repairedArguments: [String] { words.map { String(cString: $0) } }

  /// The bytes of the words after the program's name.
  private static var words: [UnsafePointer<CChar>] {
    Array(
      sequence(state: 1 as Int32) { number in
        defer { number += 1 }
        return process_argument(number)
      })
  }

  /// The value of an environment variable.
  static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

  /// Makes sure that the variables that name files and models are texts.
  ///
  /// - Throws: `UsageError.notText`.
  static func checkVariables() throws(UsageError) {
    for name in ["ESMFOLD_CACHE", "XDG_CACHE_HOME", "HOME", "ESMFOLD_MODEL", "ESMFOLD_MIRROR"] {
      guard let bytes = getenv(name) else { continue }
      _ = try text(bytes, name)
    }
  }

  private static func text(_ bytes: UnsafePointer<CChar>, _ source: String) throws(UsageError) -> String {
    guard let text = String(validatingCString: bytes) else { throw .notText(source: source, found: shown(bytes)) }
    return text
  }

  /// The bytes with those beyond ASCII as `\xFF`.
  private static func shown(_ bytes: UnsafePointer<CChar>) -> String {
    UnsafeBufferPointer(start: bytes, count: strlen(bytes)).prefix(80).map { byte in
      let byte = UInt8(bitPattern: byte)
      return byte < 0x80 ? String(Unicode.Scalar(byte)) : "\\x" + String(byte, radix: 16, uppercase: true)
    }.joined()
  }
}
