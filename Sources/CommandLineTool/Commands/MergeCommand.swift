// `esmfold merge`: the results of shards as those of one run.

import Platform

enum MergeCommand {
  static let command: Command = {
    var command = Command(
      ["merge"], "join the results of shards", defaults: MergeOptions(), table: MergeOptions.table, common: \.common
    ) { (options, paths, context) throws(UsageError) in
      try run(options, paths, context)
    }
    command.arguments = "DIR|FILE... [-o FILE|DIR]"
    command.details = [
      "esmfold merge DIR joins the tables of shards in a folder: summary.1-of-4.tsv and so on into summary.tsv, those of "
        + "NumPy files into index.tsv. With -o it joins folders into a new one, whose files are links to theirs where "
        + "that is possible, and HDF5 files, tars of fold or tables into a new file. FILE.h5 and FILE.tar stand for "
        + "themselves and the files of their shards.",
      "With --fasta the result is what a single run writes, byte for byte but for times, and structures and arrays are "
        + "compared with the sequences. A missing shard, results that differ under one name or are of another sequence, and "
        + "other settings are errors. Where records have no results, or a run was interrupted, the rest is merged and the "
        + "exit status is 1. Nothing is removed; an output is whole or not there.",
    ]
    command.completion = .file
    command.examples = [
      Example(line: "esmfold merge out -i proteome.fasta", meaning: "the summaries in out as one"),
      Example(line: "esmfold merge vectors.h5 -i proteome.fasta", meaning: "vectors.1-of-4.h5 and so on"),
      Example(line: "esmfold merge out.tar -i proteome.fasta", meaning: "out.1-of-4.tar and so on"),
      Example(line: "esmfold merge scores.*-of-*.tsv -o scores.tsv", meaning: "tables, by name"),
      Example(line: "esmfold merge part1 part2 -o all", meaning: "folders, into a new one"),
    ]
    return command
  }()

  private static func run(
    _ options: MergeOptions, _ paths: [String], _ context: CommandContext
  ) throws(UsageError) -> Int32 {
    guard let first = paths.first else { throw .missingArgument("folders or files with results of shards") }
    let run = MergeRun(options, context)
    do {
      let folders = paths.filter(\.isFolder)
      if folders.isEmpty {
        let files = try files(paths)
        guard !files.isEmpty else { throw ResultsError.system(path: first, action: "open", code: 2) }
        // `FILE.h5` alone is also what becomes of its shards.
        guard let output = options.output ?? (paths.count > 1 || files == [first] ? nil : first) else {
          throw UsageError.missingOption(MergeOptions.output.description)
        }
        try run.mergeFiles(files, to: output)
      } else {
        guard folders.count == paths.count else {
          throw UsageError.conflict("found folders and files together, expected one kind")
        }
        if !options.fasta.isEmpty {
          let options = PlaceOptions(verifies: true, settings: RunSettings())
          run.report.places = try folders.map { path throws(ResultsError) in
            try ResultPlaces.folder(path, options)
          }
        }
        if let output = options.output {
          try MergedFolder(folders, run).write(to: output)
        } else {
          guard folders.count == 1 else { throw UsageError.missingOption(MergeOptions.output.description) }
          try run.mergeTables(in: first)
        }
      }
      return run.report.isIncomplete ? ExitStatus.failed : ExitStatus.done
    } catch let error as UsageError {
      throw error
    } catch {
      context.diagnostics.error(error)
      return ExitStatus.failed
    }
  }

  /// What some paths stand for: files, and those of their shards, which may have more than was merged, or less.
  private static func files(_ paths: [String]) throws(ResultsError) -> [String] {
    var files: [String] = [], known: Set<FileIdentity> = []
    for path in paths {
      for file in try ResultPlaces.fileAndShards(path) {
        if let identity = FileIdentity(file), !known.insert(identity).inserted { continue }
        files.append(file)
      }
    }
    return files
  }
}
