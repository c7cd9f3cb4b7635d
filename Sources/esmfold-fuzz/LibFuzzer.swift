// LLVM's coverage-guided engine, if the program is built with it (Scripts/fuzz): it chooses which inputs are worth
// mutating again; our mutators change them.

import Platform

#if ESMFOLD_LIBFUZZER
  import Glibc

  @_silgen_name("LLVMFuzzerRunDriver")
  private func runDriver(
    _ count: UnsafeMutablePointer<Int32>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
  ) -> Int32

  @_silgen_name("LLVMFuzzerMutate")
  private func engineMutate(_ data: UnsafeMutablePointer<UInt8>, _ count: Int, _ largest: Int) -> Int

  /// The worker of this process; set before the engine starts.
  nonisolated(unsafe) private var current: Worker?

  enum LibFuzzer {
    static func run(_ worker: Worker) -> Int32 {
      current = worker
      for (index, seed) in worker.seeds.enumerated() {
        try? WholeFile.write(seed, to: "\(worker.options.corpus)/seed-\(index)")
      }
      let words = [
        "esmfold-fuzz", worker.options.corpus, "-max_total_time=\(worker.options.seconds)",
        "-seed=\(worker.options.seed)",
        "-max_len=\(Subject.largestInput)", "-timeout=0", "-rss_limit_mb=0", "-len_control=0", "-print_final_stats=0",
        "-verbosity=0", "-artifact_prefix=\(worker.bench.folder)/", "-detect_leaks=0",
      ]
      var count = Int32(words.count)
      var pointers: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
      return pointers.withUnsafeMutableBufferPointer { buffer in
        var base = buffer.baseAddress
        return runDriver(&count, &base) { data, count in
          current?.read(Array(UnsafeBufferPointer(start: data, count: count)))
          return 0
        }
      }
    }

    /// Lets the engine change bytes.
    static func change(_ bytes: inout [UInt8]) {
      let count = bytes.count, room = min(count + 256, Subject.largestInput)
      guard count > 0, count <= room else { return }
      bytes += [UInt8](repeating: 0, count: room - count)
      let changed = bytes.withUnsafeMutableBufferPointer { buffer in
        buffer.baseAddress.map { engineMutate($0, count, room) } ?? 0
      }
      bytes.removeLast(bytes.count - min(changed, bytes.count))
    }
  }

  /// Called by the engine for each new input.
  @_cdecl("LLVMFuzzerCustomMutator")
  func customMutator(_ data: UnsafeMutablePointer<UInt8>, _ count: Int, _ largest: Int, _ seed: UInt32) -> Int {
    guard let worker = current else { return count }
    var mutator = worker.subject.mutator(seed: UInt64(seed), seeds: worker.seeds) { LibFuzzer.change(&$0) }
    var bytes = Array(UnsafeBufferPointer(start: data, count: count))
    // The engine mostly keeps inputs that are refused in a new way: seeds get further.
    if mutator.random.once(in: 3), let seed = mutator.random.element(of: worker.seeds) { bytes = seed }
    worker.subject.mutate(&bytes, &mutator)
    let kept = min(bytes.count, largest)
    for index in 0..<kept { data[index] = bytes[index] }
    return kept
  }
#endif
