// Runs the tool in this process with captured output, and gives each test its own folder.

import CommandLineTool
import Foundation
import Platform
import Synchronization

/// A sink that keeps what is written to it.
final class Caught: Sendable {
  private let content = Mutex("")
  let error: Int32
  let isTerminal: Bool
  let columns: Int

  /// - Parameters:
  ///   - error: the result of every write; 0 is success.
  ///   - isTerminal: whether the sink claims to be a terminal.
  ///   - columns: the width of the terminal.
  init(error: Int32 = 0, isTerminal: Bool = false, columns: Int = 80) {
    self.error = error
    self.isTerminal = isTerminal
    self.columns = columns
  }

  var text: String { content.withLock { $0 } }
  var lines: [Substring] { text.split(separator: "\n") }

  var sink: TextSink {
    TextSink(
      isTerminal: isTerminal,
      write: { text in
        if self.error == 0 { self.content.withLock { $0 += text } }
        return self.error
      }, columns: { self.columns })
  }
}

/// The output and exit status of a run in this process.
struct Ran {
  let status: Int32
  let output: String
  let error: String
}

/// Run a command line in this process.
func run(_ arguments: [String], environment: [String: String] = [:]) -> Ran {
  let output = Caught()
  let error = Caught()
  let context = CommandContext(
    diagnostics: Diagnostics(output: output.sink, error: error.sink, usesColour: true),
    temporaryFiles: TemporaryFiles(), environment: { environment[$0] }, inputIsTerminal: true)
  let status = Tool.run(arguments, context)
  return Ran(status: status, output: output.text, error: error.text)
}

/// A separate folder for a test, removed at its end.
final class ScratchFolder: Sendable {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("esmfold-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// A folder that stays until the tests end.
  static func lasting() throws -> ScratchFolder {
    let folder = try ScratchFolder()
    kept.withLock { folders in
      if folders.isEmpty { atexit { ScratchFolder.kept.withLock { $0 = [] } } }
      folders.append(folder)
    }
    return folder
  }

  private static let kept = Mutex<[ScratchFolder]>([])

  /// The path of a new file with this content.
  func file(_ name: String, _ content: String) throws -> String {
    try file(name, Data(content.utf8))
  }

  func file(_ name: String, _ content: Data) throws -> String {
    let file = "\(path)/\(name)"
    try content.write(to: URL(fileURLWithPath: file))
    return file
  }

  /// All names in a folder below this one, hidden ones too, sorted; empty if there is no folder.
  func names(_ folder: String = "") -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: "\(path)/\(folder)")) ?? []).sorted()
  }

  func text(_ name: String) throws -> String {
    try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8)
  }
}

/// The root of the repository.
let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().path

/// The words of a shell script or text that start with two dashes.
func longOptions(in text: String) -> Set<String> {
  Set(text.matches(of: /--[a-z][a-z-]*[a-z]/).map { String($0.output) })
}

/// Files compressed by gzip.
enum Compressed {
  /// `>a first`, `MKVLAAGIVG`
  static let first = data("H4sIAAAAAAAC/7NLVEjLLCou4fL1DvNxdHT3DHPnAgDK+O2MFAAAAA==")
  /// `>b second`, `GIVEQCC`
  static let second = data("H4sIAAAAAAAC/7NLUihOTc7PS+Fy9wxzDXR25gIAgWv2hhIAAAA=")
  /// 20,000 lines `ACDEFGHIKL`
  static let long = data(
    "H4sIAAAAAAAC/+3GSQ0AIAwAsD+uFsaV4V8POkjaV6PnmGufui1UVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVV"
      + "VVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVV"
      + "VVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVV"
      + "VVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVV"
      + "VVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVV"
      + "VVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVV"
      + "VVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVV/6gN5UOgpYFsDAA==")

  private static func data(_ text: String) -> Data { Data(base64Encoded: text) ?? Data() }
}
