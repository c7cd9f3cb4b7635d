// `esmfold info`: what the program found on this machine, and the memory that a protein needs.

import ESMFoldKit
import Platform
import Transfer

enum InfoCommand {
  struct Options: Sendable {
    var common = CommonOptions()
    var model = ModelOptions()
    var length: Int?
  }

  static let command: Command = {
    let length = Option<Options>(
      OptionDescription(
        name: "length", short: "l", form: .value("L"), group: "Memory plan",
        help: "also say how much memory a protein of L residues needs"),
      .value { (values: inout Options, text: String) throws(InvalidValue) in
        values.length = try wholeNumber(text, atLeast: 1)
      })
    var command = Command(
      ["info"], "print version, processor, libraries, cache and memory needs", defaults: Options(),
      table: OptionTable(
        [
          length, ModelOptions.model.within(\.model), ModelOptions.precision.within(\.model),
          ModelOptions.threads.within(\.model),
        ]
          + CommonOptions.table.map { $0.within(\.common) }),
      common: \.common
    ) { (options, words, context) throws(UsageError) in
      if let word = words.first { throw .unexpectedArgument(word, expected: "options only") }
      return try run(options, context)
    }
    command.examples = [
      Example(line: "esmfold info --length 400", meaning: "what a protein of 400 residues needs with esmfold_v1")
    ]
    return command
  }()

  /// Say that `ESMFOLD_ISA` could not be followed.
  static func warnOfInstructionSet(_ system: SystemInfo, _ context: CommandContext) {
    guard let name = system.unavailableInstructionSet else { return }
    if let reason = system.blasFailure {
      context.diagnostics.warning(
        "ESMFOLD_ISA: blas: found \(visible(reason)), expected an OpenBLAS that works"
          + "\nhint: the package libopenblas0 of Debian and Ubuntu has one; computing with \(system.instructionSet)")
      return
    }
    context.diagnostics.warning(
      "ESMFOLD_ISA: found \(quoted(name)), expected one of \(system.instructionSets.joined(separator: ", ")), blas")
  }

  private static func run(_ options: Options, _ context: CommandContext) throws(UsageError) -> Int32 {
    let system = SystemInfo.current
    let threads = options.model.threads ?? system.availableThreads
    var rows = [
      ["version", programVersion],
      ["instruction set", "\(system.instructionSet) (of \(system.instructionSets.joined(separator: ", ")))"],
      ["BLAS", system.blas ?? "none: all products are this program's own kernels"],
      [
        "bf16",
        ESMFold.Precision.bf16.supported == .bf16
          ? "fast (AVX512_BF16)" : "not supported, --precision bf16 folds in fp32",
      ],
      ["threads", "\(threads) (\(words(SystemInfo.threadLimits) { "\($0)" }))"],
      ["memory", "\(byteCount(system.availableMemory)) available (\(words(SystemInfo.memoryLimits.left, byteCount)))"],
      ["libcurl", TransferLibrary.version ?? "none that can be loaded: weights fetch cannot download"],
      ["cache folder", context.cacheFolder],
    ]
    let whole = SystemInfo.memoryLimits.whole
    if !whole.all.isEmpty { rows.append(["limits of this process", words(whole, byteCount)]) }
    warnOfInstructionSet(system, context)
    context.warnOfSurplus(threads: threads)
    if let length = options.length {
      // Without --model the plan is that of esmfold_v1, whether or not it is in the cache.
      var location: ModelLocation?
      if let name = options.model.model {
        location = try ModelChoice.resolve(name, context)
        if location == nil { return ExitStatus.failed }
      }
      do {
        if let named = location { location = try context.imported(named) }
        rows += try memory(location, length, options.model.precision, threads)
      } catch {
        context.diagnostics.error(error)
        return ExitStatus.failed
      }
    }
    context.diagnostics.result(aligned(rows))
    return ExitStatus.done
  }

  /// `affinity 16, control group 12`; version 1 of control groups says "no limit" by a number beyond all memory.
  private static func words(_ limits: SystemInfo.Limits, _ text: (Int) -> String) -> String {
    limits.all.filter { $0.value < 1 << 60 }.map { "\($0.source) \(text($0.value))" }.joined(separator: ", ")
  }

  /// What a protein needs in all, in each stage, and with more outputs.
  private static func memory(
    _ location: ModelLocation?, _ length: Int, _ precision: ESMFold.Precision, _ threads: Int
  ) throws(ModelError) -> [[String]] {
    func plan(keeping kept: KeptOutputs = .structure, _ wanted: ESM.Wanted? = nil) throws(ModelError) -> MemoryPlan {
      try MemoryPlan.plan(
        for: location, length: length, precision: precision, threads: threads, keeping: kept,
        wanted: wanted)
    }
    func size(_ bytes: Int) -> String { bytes == Int.max ? "more than any machine has" : byteCount(bytes) }
    let least = try plan()
    var rows = [["memory for \(counted(length, "residue"))", "\(size(least.peakBytes)) with \(least.modelName)"]]
    for stage in least.stages { rows.append(["  \(stage.name)", size(stage.bytes)]) }
    if least.isOfFold {
      rows.append(["  in all with --save-tensors", size(try plan(keeping: .tensors).peakBytes)])
      rows.append([
        "  in all with --save-tensors=all", size(try plan(keeping: .fields(Set(FoldField.allCases))).peakBytes),
      ])
    } else {
      for (name, wanted) in [
        ("logits", ESM.Wanted(layers: [-1], logits: true)), ("contacts", ESM.Wanted(layers: [-1], contacts: true)),
        ("attentions", ESM.Wanted(layers: [-1], attentions: true)),
      ] {
        rows.append(["  in all with --include \(name)", size(try plan(wanted).peakBytes)])
      }
    }
    return rows
  }
}
