// What is fuzzed: one subject for each reader of files from untrusted sources.

import Platform

/// A reader and how to make inputs for it that get past its first checks.
package struct Subject: Sendable {
  /// Its name on the command line.
  package let name: String
  /// Complete initial inputs, most of them valid.
  package let seeds: @Sendable (SeedFiles, Workbench) throws -> [[UInt8]]
  /// Tokens of the format.
  let tokens: [[UInt8]]
  /// Changes an input and repairs what would get it refused too early, such as lengths and checksums.
  let mutate: @Sendable (inout [UInt8], inout Mutator) -> Void
  /// Reads an input as the program does; throws if it is refused. Any other abnormal end is a finding.
  package let read: @Sendable ([UInt8], Workbench) throws -> Void

  /// Every reader; the last one runs only when named.
  package static let all = [
    safetensors, index, zip, pickle, config, cache, fasta, variants, labels, results, forgedCache,
  ]

  /// A reader with a bug, by which the tests see that bugs are found: it traps on more than 40 bytes.
  package static let broken = Subject(
    name: "broken", seeds: { _, _ in [[UInt8]("a short text to begin with")] }, tokens: [],
    mutate: { bytes, mutator in mutator.change(&bytes) },
    read: { bytes, _ in precondition(bytes.count <= 40, "more than 40 bytes") })

  /// The largest input generated: what matters is slowness or memory use out of proportion to the input.
  package static let largestInput = 1 << 17

  /// The mutator of this subject.
  package func mutator(
    seed: UInt64, seeds: [[UInt8]], engine: ((inout [UInt8]) -> Void)? = nil
  ) -> Mutator {
    Mutator(random: SplitMix64(seed: seed), seeds: seeds, tokens: tokens, engine: engine)
  }

  /// Input `number` of the series that `seed` begins: the same on every machine.
  package func input(_ number: Int, seed: UInt64, seeds: [[UInt8]]) -> [UInt8] {
    var mutator = mutator(seed: seed &+ UInt64(number) &* 0xd134_2543_de82_ef95, seeds: seeds)
    var bytes = mutator.random.element(of: seeds) ?? []
    mutate(&bytes, &mutator)
    return bytes
  }
}

extension [UInt8] {
  /// The bytes of a text.
  init(_ text: String) { self.init(text.utf8) }
}
