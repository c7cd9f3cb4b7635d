// Plain HDF5 files of results: named arrays at the root, readable with h5py and every other HDF5 reader.

import Glibc
import Platform
import Tensors

/// Writes a file of datasets in one go.
package enum DatasetFile {
  /// One array, row-major.
  package enum Values: Sendable {
    case floats([Float])
    case integers([Int])

    fileprivate var elementType: ElementType {
      switch self {
      case .floats: .float32
      case .integers: .int64
      }
    }

    fileprivate var count: Int {
      switch self {
      case .floats(let values): values.count
      case .integers(let values): values.count
      }
    }
  }

  /// One dataset: its name, its extents (none for a scalar) and its values.
  package struct Dataset: Sendable {
    let name: String
    let shape: [Int]
    let values: Values

    package init(_ name: String, _ shape: [Int], _ values: Values) {
      precondition(shape.reduce(1, *) == values.count, "\(name): \(values.count) values for \(shape)")
      self.name = name
      self.shape = shape
      self.values = values
    }
  }

  /// Writes `datasets` and text `attributes` to the file `path`, replacing what is there. Throws if that fails; the file
  /// is then of no use, so callers write under a temporary name.
  package static func write(
    _ datasets: [Dataset], attributes: [(name: String, value: String)], to path: String
  ) throws(WeightError) {
    let file = try HDF5File.create(path, metadataBytes: 8192 + 448 * datasets.count)
    for (name, value) in attributes { try file.setAttribute(name, value) }
    let places = try file.createDatasets(in: "/", datasets.map { ($0.name, $0.values.elementType, $0.shape) })
    try file.close()

    let descriptor = open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system(path: path, action: "open", code: errno) }
    defer { close(descriptor) }
    for (dataset, place) in zip(datasets, places) {
      let code =
        switch dataset.values {
        case .floats(let values): values.withUnsafeBytes { writeAll($0, to: descriptor, at: place.offset) }
        case .integers(let values):
          values.map { Int64($0).littleEndian }.withUnsafeBytes { writeAll($0, to: descriptor, at: place.offset) }
        }
      guard code == 0 else { throw .system(path: path, action: "write", code: code) }
    }
  }
}
