// `esmfold report`: a page that shows the results of a folder.

import ESMFoldKit
import Platform
import Report

enum ReportCommand {
  static let command: Command = {
    var command = Command(
      ["report"], "make a page that shows the results of fold", defaults: ReportOptions(), table: ReportOptions.table,
      common: \.common
    ) { (options, words, context) throws(UsageError) in
      guard let folder = words.first else { throw .missingArgument("the folder with results") }
      guard words.count == 1 else { throw .unexpectedArgument(words[1], expected: "one folder") }
      return write(
        folder, to: options.output ?? Self.page(in: folder), title: options.title, options.layout, context)
        ? ExitStatus.done : ExitStatus.failed
    }
    command.arguments = "DIR [-o FILE.html]"
    command.details = [
      "Makes one HTML file of the results in DIR, those of earlier runs and of merged shards included: a table of all "
        + "proteins, and for each its structure in 3D, pLDDT, predicted aligned error and the files to download. It "
        + "opens by double click in any browser, needs no network, and can be sent to others.",
      "Shown is what is there; nothing is computed. What a fold must write for all of it, esmfold help report says.",
    ]
    command.completion = .folder
    command.examples = [
      Example(line: "esmfold report out", meaning: "out/report.html of the results in out"),
      Example(
        line: "esmfold report out -o kinases.html --title \"Kinases, first round\"", meaning: "elsewhere, with a title"),
    ]
    return command
  }()

  /// The page of a folder where no other is asked for.
  static func page(in folder: String) -> String { folder + "/report.html" }

  /// Writes a report and says what it is; reports an error when it cannot be written.
  ///
  /// - Returns: whether it was written.
  static func write(
    _ folder: String, to path: String, title: String?, _ layout: ReportLayout, _ context: CommandContext
  ) -> Bool {
    let diagnostics = context.diagnostics
    defer { diagnostics.endProgress() }
    if OpenTar.isOne(folder) {
      diagnostics.error(
        "\(visiblePath(folder)): found a tar, expected a folder of results\nhint: `tar xf` unpacks it into one")
      return false
    }
    do throws(ReportError) {
      let writer = try ReportWriter(of: folder, to: path, title: title, registry: context.temporaryFiles)
      let outcome = try writer.write(layout) { done, count in
        diagnostics.progress(Double(done) / Double(max(1, count)), "report, \(done) of \(count)")
      }
      diagnostics.endProgress()
      if outcome.unreadable > 0 {
        diagnostics.warning(
          "\(visiblePath(path)): found results of \(outcome.unreadable) proteins that cannot be read, expected none"
            + "\nhint: the report says of each what is wrong")
      }
      if !outcome.hasViewer {
        diagnostics.note(
          "this build has no 3D viewer: reports show structures after Scripts/fetch-viewer and a new build")
      }
      let beside = outcome.files.map { " and \(visiblePath($0))" } ?? ""
      diagnostics.note(
        "report: \(visiblePath(path))\(beside), \(counted(outcome.folded, "protein")), "
          + byteCount(outcome.size),
        event: "report",
        [
          ("path", .text(path)), ("folded", .whole(outcome.folded)), ("failed", .whole(outcome.failed)),
          ("unreadable", .whole(outcome.unreadable)), ("bytes", .whole(outcome.size)),
        ])
      return true
    } catch {
      diagnostics.error(error)
      return false
    }
  }
}
