// `esmfold embed`: vectors of residues or of whole records, and what else a language model makes of them.

enum EmbedCommand {
  static let command: Command = {
    var command = Command(
      ["embed"], "turn protein sequences into vectors", defaults: EmbedOptions(), table: EmbedOptions.table,
      common: \.common
    ) { (options, files, context) throws(UsageError) in
      try run(options, files, context)
    }
    command.arguments = "[FASTA...] -o FILE"
    command.details = [
      "The file has a group for each record, named after the first word of its header, with the attributes "
        + "original_id (the whole header), sequence and index (from 0), and the datasets representations/LAYER [L, C], or [C] with "
        + "--pool. The vectors of <cls> and <eos> are not included. Sequences may have tokens such as <mask>.",
      "A file with its final name is always complete. An interrupted run keeps finished records in FILE.h5.partial; "
        + "the same command continues it. That takes twice the disk space of the results.",
    ]
    command.completion = .file
    command.examples = [
      Example(line: "esmfold embed proteome.fasta -o proteome.h5 --pool mean", meaning: "one vector for each protein"),
      Example(
        line: "esmfold embed a.fasta -o a.h5 --layers 0,-1 --include contacts",
        meaning: "two states of each residue, and contacts"),
      Example(line: "esmfold embed a.fasta -o a.csv --format csv --pool mean", meaning: "a table of vectors"),
      Example(
        line: "zcat all.gz | esmfold embed - -o vectors --format npy --dtype float16", meaning: "a NumPy file each"),
    ]
    return command
  }()

  /// Runs the command, or another one that has its own `--output` option and its own verb for messages.
  static func run(
    _ options: EmbedOptions, _ files: [String], _ context: CommandContext,
    output: OptionDescription = EmbedOptions.output, doing verb: String = "embedded"
  ) throws(UsageError) -> Int32 {
    guard let given = options.output else { throw .missingOption(output) }
    try options.checkFormat(output)
    if options.format.separator != nil { return try VectorTable.run(options, files, context) }
    guard given != "-" else {
      throw .badValue(
        option: output, source: "--output", found: given,
        expected: options.format == .h5
          ? "a file: HDF5 needs random access, which a pipe does not allow" : "a folder: each record is a file")
    }
    let path = options.format == .h5 ? options.language.cluster.path(of: given) : given
    let naming = options.format == .h5 ? RecordSource.Naming.identifiers : .files
    guard let run = try LanguageRun.prepare(options.language, files: files, naming: naming, context) else {
      return ExitStatus.failed
    }
    do {
      let embedding = try Embedding(options, run.model)
      if options.format == .h5 {
        try OutputPath.check(path, inputs: run.input.paths)
      }
      let store = try embedding.store(at: path, run.input, context.temporaryFiles)
      return try write(embedding, to: store, path, run, verb)
    } catch {
      context.diagnostics.error(error)
      return ExitStatus.failed
    }
  }

  private static func write(
    _ embedding: Embedding, to store: any ResultStore, _ path: String, _ run: LanguageRun, _ verb: String
  ) throws -> Int32 {
    do {
      try DiskForecast(embedding, store, path, run).check(path, run.context.diagnostics)
    } catch {
      store.abandon()
      throw error
    }
    return run.fill(store, at: path, doing: verb) { run, order in
      run.readEach(embedding.wanted) { (record) throws(OutputError) in
        order.append(record.hash)
        return try store.contains(record)
      } _: { record, reading in
        try store.append(embedding.result(of: record, reading))
      }
    }
  }
}
