// `esmfold fold`: checks everything that can be checked before the model is loaded, then folds protein by protein.

import ESMFoldKit
import Report

enum FoldCommand {
  static let command: Command = {
    var command = Command(
      ["fold"], "predict the structures of protein sequences", defaults: FoldOptions(), table: FoldOptions.table,
      common: \.common
    ) { (options, files, context) throws(UsageError) in
      try run(options, files, context)
    }
    command.arguments = "[FASTA...] -o DIR|FILE.tar"
    command.details = [
      "For each protein DIR/NAME.pdb is written (--format cif: DIR/NAME.cif), with pLDDT (0-100) in the column of the "
        + "B-factors, and a line is appended to DIR/summary.tsv. NAME is the first word of the header. FASTA files may be compressed with gzip; "
        + "- is standard input, which is also read when no file is given.",
      "A file with its final name is always complete. Complete results are skipped, so the same command continues "
        + "an interrupted run. -o FILE.tar appends the same files to one tar, for file systems that take few files.",
    ]
    command.completion = .file
    command.examples = [
      Example(line: "esmfold fold proteins.fasta -o out", meaning: "fold with esmfold_v1 from the cache"),
      Example(line: "esmfold fold a.fasta b.fasta.gz -o out --model ./esmfold_v1", meaning: "with a downloaded model"),
      Example(line: "esmfold fold a.fasta -o out --format pdb,cif --pae", meaning: "also mmCIF, and PAE as JSON"),
      Example(line: "esmfold fold a.fasta -o out.tar", meaning: "into one tar, which `tar xf` unpacks"),
      Example(
        line: "zcat all.gz | esmfold fold - -o out -n 0 --threads 8", meaning: "one pass only, on eight threads"),
    ]
    return command
  }()

  private static func run(
    _ given: FoldOptions, _ words: [String], _ context: CommandContext
  ) throws(UsageError) -> Int32 {
    let diagnostics = context.diagnostics
    var options = given, files = words
    options.takeOutputs(from: &files)
    var inputs = options.fasta + files
    guard let folder = options.output else { throw .missingOption(FoldOptions.output) }
    try options.checkFormats()
    try options.ensemble.check()
    if options.makesReport, let shard = options.cluster.shard {
      throw .conflict(
        "--report: found --shard \(shard.words), expected none: a report shows all results of a folder"
          + "\nhint: when all shards are done, `esmfold report DIR` makes it; --format pdb,cif --pae writes what it offers"
      )
    }
    try options.checkOutput(folder)
    context.announce(options.cluster)
    if inputs.isEmpty {
      guard !context.inputIsTerminal else { throw .noInput }
      inputs = ["-"]
    }
    for reason in options.withoutMeaning { diagnostics.detail(reason) }
    guard let location = try ModelChoice.resolve(options.model.model, context) else { return ExitStatus.failed }
    if let notice = location.notice { diagnostics.notice(notice) }
    InfoCommand.warnOfInstructionSet(.current, context)

    let run: FoldRun
    do throws(OutputError) {
      run = try FoldRun(options: options, output: folder, inputs: inputs, location: location, context: context)
    } catch {
      diagnostics.error(error)
      return ExitStatus.failed
    }
    let status = run.foldAll()
    guard options.makesReport else { return status }
    let isMade = ReportCommand.write(folder, to: ReportCommand.page(in: folder), title: nil, .auto, context)
    return isMade ? status : max(status, ExitStatus.failed)
  }
}
