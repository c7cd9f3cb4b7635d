// The list of all commands, and texts about the program as a whole.

import ESMFoldKit

package let programVersion = ESMFoldKit.version

/// The program: its commands and the texts that belong to no single command.
package struct Program: Sendable {
  package var commands: [Command]
  package let options = CommonOptions.informative.map(\.description)
  package let details = [
    "Predicts the structures of proteins from their sequences with ESMFold, on the CPU. "
      + "Results go to files or to standard output, everything else to standard error."
  ]
  package let examples = [
    Example(
      line: "esmfold fold Examples/demo.fasta -o out --model demo",
      meaning: "fold the example proteins with the model inside the program"),
    Example(
      line: "esmfold weights fetch esmfold_v1",
      meaning: "download and import facebook/esmfold_v1 (8.4 GB) once, then fold with it"),
    Example(line: "esmfold fold proteins.fasta.gz -o structures", meaning: "the default model is esmfold_v1"),
  ]

  package init(commands: [Command]) {
    self.commands = commands
  }

  /// All commands of this version.
  package static let all = Program(commands: [
    FoldCommand.command, ReportCommand.command, StatusCommand.command, MergeCommand.command, EmbedCommand.command,
    ScoreCommand.command, ContactsCommand.command, FillCommand.command,
    ClassifyCommand.command, TokenizeCommand.command, WeightsCommand.command, InfoCommand.command,
    CompletionCommand.command,
    HelpCommand.command,
  ])

  package static let exitStatuses = [
    ("0", "everything is done"),
    ("1", "some inputs failed; all others are done"),
    ("2", "the command line is wrong, or the model does not exist"),
    ("75", "--time-limit: records are left; the same command goes on"),
    ("130, 143", "stopped by SIGINT or SIGTERM (or SIGUSR1, a scheduler's warning); finished results are kept"),
  ]

  package static let environmentVariables = [
    ("ESMFOLD_CACHE", "folder of imported models (default: $XDG_CACHE_HOME/esmfold, else ~/.cache/esmfold)"),
    ("ESMFOLD_MIRROR", "the same as --from of weights fetch"),
    ("ESMFOLD_MODEL", "the same as --model"),
    ("ESMFOLD_THREADS", "the same as --threads"),
    ("ESMFOLD_ISA", "kernels to use: v4bf16, v4 (AVX-512), v3 (AVX2), base or blas (default: the best)"),
    ("https_proxy, no_proxy", "proxies for weights fetch, also http_proxy and all_proxy"),
    ("SSL_CERT_FILE", "certificates to trust, also SSL_CERT_DIR and CURL_CA_BUNDLE"),
    ("HF_TOKEN", "a token that weights fetch sends to https servers"),
    ("SLURM_CPUS_PER_TASK", "the most threads by default, in a job"),
    ("SLURM_MEM_PER_NODE, SLURM_MEM_PER_CPU", "the memory of a job; the latter times SLURM_CPUS_ON_NODE"),
    ("SLURM_JOB_ID, SLURMD_NODENAME", "in logs, also SLURM_ARRAY_JOB_ID and SLURM_ARRAY_TASK_ID"),
    ("NO_COLOR", "when set, nothing is coloured or printed in bold; TERM=dumb does the same"),
    ("COLORTERM", "truecolor or 24bit: the terminal has all colours, not 256"),
  ]

  /// The commands that do something, with groups replaced by their members.
  package var leaves: [Command] {
    commands.flatMap { $0.subcommands.isEmpty ? [$0] : $0.subcommands }
  }

  /// The command that the first words name, and how many words that are.
  ///
  /// - Throws: `UsageError` when no word or an unknown word is there.
  package func command(for words: [String]) throws(UsageError) -> (command: Command, words: Int) {
    guard let first = words.first else { throw .noCommand(known: commands.map(\.name)) }
    guard let command = commands.first(where: { $0.name == first }) else {
      if first.hasPrefix("-") {
        let known = options.flatMap(\.spellings)
        throw .unknownOption(first, nearest: nearest(to: first, among: known))
      }
      let known = commands.map(\.name)
      throw .unknownCommand(first, nearest: nearest(to: first, among: known), known: known)
    }
    if words.count > 1, let subcommand = command.subcommands.first(where: { $0.name == words[1] }) {
      return (subcommand, 2)
    }
    return (command, 1)
  }
}
