// Tensors in a pickle, and the storages that hold their bytes.

/// The bytes of one or more tensors: an entry of the archive.
struct PickleStorage: Equatable {
  /// The class, such as `torch.HalfStorage`.
  let kind: String
  /// The entry `data/KEY`.
  let key: String
  /// Elements.
  let count: Int
}

/// A view of a storage.
struct PickleTensor: Equatable {
  let storage: PickleStorage
  /// Elements before the first.
  let offset: Int
  let shape: [Int]
  /// Elements from one to the next along each extent.
  let strides: [Int]
}
