// `esmfold status`: what of an input is finished, failed or missing in its results.

import Platform

enum StatusCommand {
  static let command: Command = {
    var command = Command(
      ["status"], "say what is finished, failed and missing", defaults: StatusOptions(), table: StatusOptions.table,
      common: \.common
    ) { (options, paths, context) throws(UsageError) in
      try run(options, paths, context)
    }
    command.arguments = "DIR|FILE... --fasta FILE"
    command.details = [
      "Compares the results in folders and tars of fold, folders of NumPy files and HDF5 files with the input, whose "
        + "records are named as the commands name them. No model is needed. Give all folders or files of a run; FILE.h5 "
        + "and FILE.tar also stand for the files of their shards.",
      "A record is finished if its results are there and of its sequence; failed if a summary says why; other if there "
        + "are results of another sequence under its name. The exit status is 0 when all records are finished, else 1.",
    ]
    command.completion = .file
    command.examples = [
      Example(line: "esmfold status out --fasta proteome.fasta", meaning: "a report"),
      Example(line: "esmfold status out -i proteome.fasta --missing > rest.fasta", meaning: "what is left to do"),
      Example(line: "esmfold status vectors.h5 -i proteome.fasta --format json", meaning: "for scripts"),
    ]
    return command
  }()

  private static func run(
    _ options: StatusOptions, _ paths: [String], _ context: CommandContext
  ) throws(UsageError) -> Int32 {
    guard !paths.isEmpty else { throw .missingArgument("folders or files with results") }
    guard !options.fasta.isEmpty else { throw .missingOption(StatusOptions.fasta.description) }
    if options.listsMissing {
      if options.isJSON { throw .conflict("--missing: found --format json, expected one of them") }
      if options.input.naming == .file {
        throw .conflict(
          "--missing: found --name-by file, expected header: one FASTA has no names of files"
            + "\nhint: --format json lists the names of what is missing")
      }
    }
    do throws(ResultsError) {
      let places = try ResultPlaces.open(
        paths, PlaceOptions(required: options.required, verifies: options.verifies))
      guard let first = places.first else { return ExitStatus.failed }
      if places.contains(where: { $0.naming != first.naming || $0.dialect != first.dialect }) {
        context.diagnostics.error(
          "results: found structures, NumPy files and HDF5 files together, expected one kind: their records have other "
            + "names")
        return ExitStatus.usage
      }
      let input = AskedInput(
        paths: options.fasta, options: options.input, copies: options.complex.copies, naming: first.naming,
        dialect: first.dialect)
      let run = StatusRun(places: places, input: input, options: options, context: context)
      return try run.report()
    } catch {
      context.diagnostics.error(error)
      return ExitStatus.failed
    }
  }
}
