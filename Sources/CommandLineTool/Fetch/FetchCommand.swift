// `esmfold weights fetch NAME`: from a name to a model in the cache, with one command.

import ESMFoldKit
import Platform
import Transfer

enum FetchCommand {
  struct Options: Sendable {
    var common = CommonOptions()
    var mirror: FetchMirror?
    var settings = WeightsCatalog.ImportSettings()
    var isOffline = false
    var keepsDownloads = false
    var overwrites = false
  }

  private static let table: [Option<Options>] = [
    Option(
      OptionDescription(
        name: "from",
        form: .value("PLACE", completion: .folder, default: FetchMirror.hub, environment: "ESMFOLD_MIRROR"),
        group: "Fetch",
        help:
          "a mirror with the hub's layout (PLACE/facebook/NAME/resolve/REVISION/FILE), or with a slash at its end a "
          + "folder that holds the files of the model; http, https or file URL, or a folder of this machine"),
      .value { (values: inout Options, text: String) throws(InvalidValue) in values.mirror = try FetchMirror(text) }),
    ImportCommand.name.within(\.settings), ImportCommand.type.within(\.settings),
    Option(
      OptionDescription(
        name: "offline", group: "Fetch",
        help: "never open a connection: use the cache, or import files that are in its folder downloads/NAME"),
      .flag { $0.isOffline = $1 }),
    Option(
      OptionDescription(
        name: "keep", form: .negatable(), group: "Fetch", help: "keep the downloaded files after the import"),
      .flag { $0.keepsDownloads = $1 }),
    Option(
      OptionDescription(
        name: "overwrite", form: .negatable(), group: "Fetch",
        help: "import a model again that is already in the cache; kept downloads are used"),
      .flag { $0.overwrites = $1 }),
  ]

  static let command: Command = {
    var command = Command(
      ["weights", "fetch"], "download a model and import it into the cache", defaults: Options(),
      table: OptionTable(table + CommonOptions.table.map { $0.within(\.common) }), common: \.common
    ) { (options, words, context) throws(UsageError) in
      let names = KnownModel.all.map(\.name)
      guard let word = words.first else { throw .missingArgument("NAME, one of \(names.joined(separator: ", "))") }
      if words.count > 1 { throw .unexpectedArgument(words[1], expected: "one model") }
      guard let model = KnownModel.named(word) else { throw unknown(word, names) }
      return fetch(model, options, context)
    }
    command.arguments = "NAME"
    command.details =
      [
        "NAME is one of these models of the Hugging Face hub, with or without facebook/ before it:",
        KnownModel.all.map { $0.name + ($0.approximateSize.map { " (\($0))" } ?? "") }
          .joined(separator: ", ") + ".",
        "An interrupted download continues where it stopped, failed connections are tried again, and files are "
          + "checked against the SHA-256 that is known or that the server states. Until the import is done, the "
          + "model takes twice its size on the disk.",
        "Proxies are those of http_proxy, https_proxy, all_proxy and no_proxy; certificates those of SSL_CERT_FILE, "
          + "SSL_CERT_DIR or CURL_CA_BUNDLE; HF_TOKEN is sent to https servers, but not to servers that they "
          + "redirect to.",
      ]
    command.completion = .choice(KnownModel.all.map(\.name))
    command.examples = [
      Example(line: "esmfold weights fetch esmfold_v1", meaning: "then `esmfold fold` works without --model"),
      Example(
        line: "esmfold weights fetch esm2_t6_8M_UR50D --from /data/esm2_t6_8M_UR50D",
        meaning: "from a folder with config.json and the weights"),
      Example(
        line: "esmfold weights fetch esmfold_v1 --from https://mirror.example.org",
        meaning: "from a mirror of the hub"),
    ]
    return command
  }()

  private static func unknown(_ word: String, _ names: [String]) -> UsageError {
    let short = word.hasPrefix("facebook/") ? String(word.dropFirst("facebook/".count)) : word
    let guess = nearest(to: short, among: names).map { "did you mean \($0)? " } ?? ""
    return .model(
      "\(quoted(word)): found no known model of this name\nhint: \(guess)the models are \(names.joined(separator: ", "))"
        + "; others are downloaded with any tool and imported with `esmfold weights import`")
  }

  private static func fetch(_ model: KnownModel, _ options: Options, _ context: CommandContext) -> Int32 {
    do {
      let mirror = try options.mirror ?? FetchMirror(FetchMirror.hub)
      let path = try ModelFetch(model: model, mirror: mirror, options: options, context: context).run()
      context.diagnostics.result(visible(path) + "\n")
      return ExitStatus.done
    } catch {
      context.diagnostics.error(error)
      return ExitStatus.failed
    }
  }
}
