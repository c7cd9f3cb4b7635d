// Our own HDF5 files: the effects of damage, and what an attacker could do who recomputes the checksums.

import Checkpoints
import Platform
import Tensors
import Weights

extension Subject {
  /// Damage, which the format's checksums detect.
  package static let cache = Subject(
    name: "cache", seeds: cacheSeeds, tokens: cacheTokens,
    mutate: { bytes, mutator in
      if mutator.random.once(in: 2) { mutator.change(&bytes) } else { _ = changeMetadata(&bytes, &mutator) }
    }, read: readCache)

  /// Files with correct checksums and false metadata.
  package static let forgedCache = Subject(
    name: "cache-forged", seeds: cacheSeeds, tokens: cacheTokens,
    mutate: { bytes, mutator in
      let parts = changeMetadata(&bytes, &mutator)
      if !mutator.random.once(in: 10) { HDF5Layout.mend(&bytes, parts) }
    }, read: readCache)

  private static let cacheTokens = words(
    "format format_version complete tensor_count config sources source tensors OHDR OCHK BTHD BTLF FRHP FHDB FHIB FSHD")

  private static let cacheSeeds: @Sendable (SeedFiles, Workbench) throws -> [[UInt8]] = { files, bench in
    var seeds = try files.contents("weights", endings: [".h5"]) + files.contents("fuzz/cache", endings: [""])
    // A few tensors fit in one header, many are in a heap with an index.
    for model in ["weights", "family/tokens", "family/untied"] {
      var importer = Importer(try ModelSource("\(files.folder)/\(model)"), modelName: "m", program: "p")
      importer.recordedSource = "s"
      importer.recordedTime = "2020-01-01T00:00:00Z"
      try importer.run(to: bench.path("seed.h5"))
      seeds.append(try WholeFile.read(bench.path("seed.h5")))
      bench.remove("seed.h5")
    }
    return seeds
  }

  /// Changes structures in place, since moved ones are no longer found, and returns all that there were.
  private static func changeMetadata(_ bytes: inout [UInt8], _ mutator: inout Mutator) -> [HDF5Layout.Part] {
    let parts = HDF5Layout(bytes).parts
    for _ in 0...mutator.random.below(3) {
      guard let part = mutator.random.element(of: parts) else { break }
      var changed = Array(bytes[part.range])
      mutator.change(&changed)
      let count = min(changed.count, part.range.count)
      bytes.replaceSubrange(part.range.lowerBound..<part.range.lowerBound + count, with: changed[..<count])
    }
    return parts
  }

  private static let readCache: @Sendable ([UInt8], Workbench) throws -> Void = { bytes, bench in
    let path = try bench.write(bytes, as: "m.h5")
    let header = try WeightCache.header(of: path)
    let store = try WeightCache.open(path)
    precondition(store.names.count == header.tensorCount)
    for (name, size) in store.sizes { precondition(size >= 0 && store.contains(name)) }
    precondition(store.byteCount >= 0 && store.parameterCount >= 0)
    // Sums every byte: one beyond the mapping would fault.
    let sum = try store.checksum()
    precondition(sum >= 0)
  }
}

extension WeightStore {
  /// The sum of all bytes.
  fileprivate func checksum() throws(WeightError) -> Int {
    var sum = 0
    for name in names {
      let tensor = try anyShape(name)
      withExtendedLifetime(tensor) { for byte in tensor.bytes { sum &+= Int(byte) } }
    }
    return sum & .max
  }

  /// A tensor of any shape.
  private func anyShape(_ name: String) throws(WeightError) -> StoredTensor {
    do {
      return try stored(name, [])
    } catch .shape(_, let found, _, _) {
      return try stored(name, found)
    }
  }
}
