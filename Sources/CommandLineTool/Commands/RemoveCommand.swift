// `esmfold weights remove`: models leave the cache.

import ESMFoldKit
import Platform

enum RemoveCommand {
  static let command: Command = {
    var command = Command(
      ["weights", "remove"], "remove models from the cache", defaults: CommonOptions(),
      table: OptionTable(CommonOptions.table), common: \.self
    ) { (_, words, context) throws(UsageError) in
      if words.isEmpty { throw .missingArgument("NAME, a model in the cache") }
      return run(words, context)
    }
    command.arguments = "NAME..."
    command.completion = .cachedModel
    command.details = [
      "Only models in the cache folder are removed. If a model is a link, the link is removed and its target is "
        + "kept. There is no confirmation. A program that is using a model can go on using it; the disk space is "
        + "freed when that program ends."
    ]
    command.examples = [
      Example(
        line: "esmfold weights remove esm2_t6_8M_UR50D esm1b",
        meaning: "what cannot be removed is an error; the others are removed")
    ]
    return command
  }()

  private static func run(_ names: [String], _ context: CommandContext) -> Int32 {
    let catalog = WeightsCatalog(folder: context.cacheFolder)
    var status = ExitStatus.done
    for name in names {
      // A file of this name may exist, but everywhere else the word means the model inside the program.
      guard name != "demo" else {
        context.diagnostics.error("demo: found the model inside the program, expected one in the cache")
        status = ExitStatus.failed
        continue
      }
      do throws(ModelError) {
        let removed = try catalog.remove(name)
        let what = removed.target.map { "a link to \($0), which is kept" } ?? byteCount(removed.bytes)
        context.diagnostics.result("removed \(visible(removed.path)) (\(what))\n")
        let downloads = "\(context.cacheFolder)/downloads/\(name)"
        if FileIdentity(downloads) != nil {
          context.diagnostics.note("\(downloads): the files that `weights fetch` downloaded are kept")
        }
      } catch {
        context.diagnostics.error(Hints.message(of: error) + hint(error, catalog))
        status = ExitStatus.failed
      }
    }
    return status
  }

  /// A hint that names what was probably meant.
  private static func hint(_ error: ModelError, _ catalog: WeightsCatalog) -> String {
    guard case .notInCache(let name, _) = error else { return "" }
    let known = ((try? catalog.list()) ?? []).map(\.name)
    if let near = nearest(to: name, among: known) { return "\nhint: did you mean \(near)?" }
    return "\nhint: " + (known.isEmpty ? "the cache is empty" : "the cache has \(known.joined(separator: ", "))")
  }
}
