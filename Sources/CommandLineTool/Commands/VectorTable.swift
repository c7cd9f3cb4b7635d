// `esmfold embed --format csv` and `tsv`: a table of pooled vectors, a line for each record.

import ESMFoldKit

enum VectorTable {
  /// Writes the table; its file gets its name when all records are there.
  static func run(
    _ options: EmbedOptions, _ files: [String], _ context: CommandContext
  ) throws(UsageError) -> Int32 {
    let form = TableRun.Form(separator: options.format.separator, naming: .identifiers)
    return try TableRun.perform(
      options.language, output: (options.output, form), files: files, needs: ESM.Wanted(), context
    ) { table in
      let embedding = try Embedding(options, table.run.model)
      let columns = embedding.layers.flatMap { layer in
        (0..<table.run.model.description.hiddenSize).map { "layer\(layer)_\($0)" }
      }
      return table.writeEach(
        header: table.line(["name"] + columns), doing: "embedded", wanted: embedding.wanted
      ) { record, reading in
        let values = embedding.states(reading).flatMap(\.values)
        return table.line([record.name] + values.map { text($0, options.elementType) })
      }
    }
  }

  /// The shortest digits that read back as the same number.
  private static func text(_ value: Float, _ type: ResultArray.ElementType) -> String {
    type == .float16 ? "\(Float16(value))" : "\(value)"
  }
}
