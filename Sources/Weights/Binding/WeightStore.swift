// The tensors of one checkpoint by name, and the record of which of them a model has asked for.

private import Synchronization
package import Tensors

/// A checkpoint that is open for reading. Shared by the parts of a model while they bind their weights.
package final class WeightStore: Sendable {
  /// Where the weights come from, for messages.
  package let path: String
  /// The name of the model.
  package let modelName: String
  /// The model's `config.json`.
  package let configJSON: String
  /// The file that the tensors are views of; `nil` for tensors in memory.
  package let file: MappedFile?
  /// Identifies the weights, whatever the model is called: see `WeightCache.digest`.
  package let digest: String
  private let tensors: [String: StoredTensor]
  private let read = Mutex<Set<String>>([])

  /// A store of `tensors`, whose names must differ.
  package init(
    path: String, modelName: String, configJSON: String, tensors: [StoredTensor], file: MappedFile? = nil,
    digest: String = ""
  ) {
    self.digest = digest
    self.path = path
    self.file = file
    self.modelName = modelName
    self.configJSON = configJSON
    self.tensors = Dictionary(tensors.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    precondition(self.tensors.count == tensors.count, "\(path): two tensors of one name")
  }

  /// The names of all tensors, sorted.
  package var names: [String] { tensors.keys.sorted() }

  /// Every tensor, in the order of the file. This does not count as reading it.
  package var tensorsInOrder: [StoredTensor] {
    tensors.values.sorted {
      let (a, b) = (UInt(bitPattern: $0.bytes.baseAddress), UInt(bitPattern: $1.bytes.baseAddress))
      return (a, $0.name) < (b, $1.name)
    }
  }

  /// Bytes of all tensors together.
  package var byteCount: Int { tensors.values.reduce(0) { $0 + $1.byteCount } }

  /// Every tensor's name and bytes, in no particular order.
  package var sizes: [(name: String, bytes: Int)] { tensors.values.map { ($0.name, $0.byteCount) } }

  /// Whether there is a tensor `name`. This does not count as reading it.
  package func contains(_ name: String) -> Bool { tensors[name] != nil }

  /// The tensor `name`, which must have `shape`. Records that it was read.
  package func stored(_ name: String, _ shape: [Int]) throws(WeightError) -> StoredTensor {
    guard let tensor = tensors[name] else { throw .missing(tensor: name, path: path) }
    read.withLock { _ = $0.insert(name) }
    guard tensor.shape == shape else {
      throw .shape(tensor: name, found: tensor.shape, expected: shape, path: path)
    }
    return tensor
  }

  /// Throws if there is a tensor that was not read and that matches none of `patterns`, in which `*` stands for any
  /// characters: a model must account for its whole checkpoint.
  package func checkAllRead(ignoring patterns: [String]) throws(WeightError) {
    let read = read.withLock { $0 }
    let patterns = patterns.map { Array($0.utf8) }
    let unread = tensors.keys.filter { name in
      !read.contains(name) && !patterns.contains { WeightStore.matches(Array(name.utf8), $0) }
    }
    if !unread.isEmpty {
      throw .unexpected(tensors: Array(unread.sorted().prefix(4)), count: unread.count, path: path)
    }
  }

  /// Whether all of `text` matches `pattern`; if the match fails, the last `*` takes one character more and the rest is
  /// tried again.
  private static func matches(_ text: [UInt8], _ pattern: [UInt8]) -> Bool {
    var (t, p) = (0, 0)
    var retry: (text: Int, pattern: Int)?
    while t < text.count {
      if p < pattern.count, pattern[p] == UInt8(ascii: "*") {
        p += 1
        retry = (t, p)
      } else if p < pattern.count, pattern[p] == text[t] {
        t += 1
        p += 1
      } else if let last = retry {
        retry = (last.text + 1, last.pattern)
        (t, p) = (last.text + 1, last.pattern)
      } else {
        return false
      }
    }
    return pattern[p...].allSatisfy { $0 == UInt8(ascii: "*") }
  }
}
