// HDF5 files of results that grow record by record: one group for each, with text attributes and named arrays.

internal import CHDF5
package import Tensors

/// An HDF5 file being written; it can be read once it has been closed. Readable with h5py and every other HDF5 reader.
package struct ArrayFile: ~Copyable {
  /// One array, row-major, little-endian.
  package struct Array: Sendable {
    /// Name below the record's group; slashes make groups.
    let name: String
    let elementType: ElementType
    /// Extents; none for a scalar.
    let shape: [Int]
    let bytes: [UInt8]

    package init(_ name: String, _ elementType: ElementType, _ shape: [Int], bytes: [UInt8]) {
      precondition(shape.reduce(elementType.byteCount, *) == bytes.count, "\(name): \(bytes.count) bytes for \(shape)")
      self.name = name
      self.elementType = elementType
      self.shape = shape
      self.bytes = bytes
    }
  }

  /// Metadata is allocated in blocks of this many bytes.
  private static let metadataBlock = 1 << 16

  private let file: HDF5File

  /// Creates or truncates the file at `path`; `attributes` are those of the file.
  package init(creating path: String, attributes: [(name: String, value: String)]) throws(WeightError) {
    file = try HDF5File.create(path, metadataBytes: Self.metadataBlock, attributes: attributes)
  }

  /// Adds the group `name`, which must be new, with its attributes and arrays. Throws if the file cannot be written.
  package func append(
    group name: String, attributes: [(name: String, value: String)], arrays: [Array]
  ) throws(WeightError) {
    try file.append(group: name, attributes: attributes, arrays: arrays)
  }

  /// A text attribute of a group of a complete file, `nil` when it has none of this name. Throws when there is no such
  /// file or group.
  package static func attribute(
    _ name: String, of group: String = "/", ofFile path: String
  ) throws(WeightError) -> String? {
    let mapped = try MappedFile(path)
    return try HDF5File.open(image: mapped.bytes, owner: mapped, path: path).variableText(name, of: group)
  }

  /// Writes everything out and closes the file.
  package consuming func close() throws(WeightError) { try file.close() }
}

extension HDF5File {
  fileprivate static func create(
    _ path: String, metadataBytes: Int, attributes: [(name: String, value: String)]
  ) throws(WeightError) -> HDF5File {
    let file = try create(path, metadataBytes: metadataBytes, aligned: false)
    try HDF5.locked { () throws(WeightError) in
      for (name, value) in attributes { try file.setVariableText(name, value, on: file.identifier) }
    }
    return file
  }

  /// Sets a text attribute of variable length, which h5py gives as `str`.
  private func setVariableText(_ name: String, _ value: String, on object: hid_t) throws(WeightError) {
    let type = try HDF5Identifier("H5Tcopy", path, H5Tcopy(chdf5_c_string()))
    try HDF5.check("H5Tset_size", path, H5Tset_size(type.id, chdf5_variable_size()))
    try HDF5.check("H5Tset_cset", path, H5Tset_cset(type.id, H5T_CSET_UTF8))
    let space = try HDF5Identifier("H5Screate", path, H5Screate(H5S_SCALAR))
    let attribute = try HDF5Identifier(
      "H5Acreate2", path, H5Acreate2(object, name, type.id, space.id, chdf5_default(), chdf5_default()))
    let status = value.withCString { text in
      withUnsafePointer(to: UnsafePointer<CChar>?(text)) { H5Awrite(attribute.id, type.id, $0) }
    }
    try HDF5.check("H5Awrite", path, status)
  }

  /// The text attribute `name` of a group, as `setVariableText` writes it; `nil` if there is none.
  fileprivate func variableText(_ name: String, of group: String) throws(WeightError) -> String? {
    try HDF5.locked { () throws(WeightError) -> String? in
      let group = try HDF5Identifier("H5Gopen2", path, H5Gopen2(identifier, group, chdf5_default()))
      guard try HDF5.check("H5Aexists", path, H5Aexists(group.id, name)) > 0 else { return nil }
      let attribute = try HDF5Identifier("H5Aopen", path, H5Aopen(group.id, name, chdf5_default()))
      let type = try HDF5Identifier("H5Aget_type", path, H5Aget_type(attribute.id))
      let space = try HDF5Identifier("H5Aget_space", path, H5Aget_space(attribute.id))
      guard H5Tis_variable_str(type.id) > 0, H5Sget_simple_extent_npoints(space.id) == 1 else {
        throw .malformed(path: path, what: name, found: "another type", expected: "text of variable length")
      }
      var text: UnsafeMutablePointer<CChar>?
      try HDF5.check("H5Aread", path, H5Aread(attribute.id, type.id, &text))
      defer { H5free_memory(text) }
      return text.map { String(cString: $0) }
    }
  }

  fileprivate func append(
    group name: String, attributes: [(name: String, value: String)], arrays: [ArrayFile.Array]
  ) throws(WeightError) {
    try HDF5.locked { () throws(WeightError) in
      let creation = try HDF5File.creation(chdf5_group_create_class(), path)
      let group = try HDF5Identifier(
        "H5Gcreate2", path, H5Gcreate2(identifier, name, chdf5_default(), creation.id, chdf5_default()))
      for (name, value) in attributes { try setVariableText(name, value, on: group.id) }
      let types = try HDF5Types(path: path)
      for array in arrays { try write(array, types[array.elementType], in: group.id) }
    }
  }

  private func write(_ array: ArrayFile.Array, _ type: hid_t, in group: hid_t) throws(WeightError) {
    try createGroups(above: array.name, in: group)
    let creation = try HDF5File.creation(chdf5_dataset_create_class(), path)
    try HDF5.check("H5Pset_layout", path, H5Pset_layout(creation.id, H5D_CONTIGUOUS))
    try HDF5.check("H5Pset_fill_time", path, H5Pset_fill_time(creation.id, H5D_FILL_TIME_NEVER))
    let extents = array.shape.map { hsize_t($0) }
    let space = try HDF5Identifier(
      "H5Screate_simple", path,
      extents.isEmpty ? H5Screate(H5S_SCALAR) : H5Screate_simple(Int32(extents.count), extents, nil))
    let dataset = try HDF5Identifier(
      "H5Dcreate2", path,
      H5Dcreate2(group, array.name, type, space.id, chdf5_default(), creation.id, chdf5_default()))
    guard !array.bytes.isEmpty else { return }
    let status = H5Dwrite(
      dataset.id, type, chdf5_whole_space(), chdf5_whole_space(), chdf5_default(), array.bytes)
    try HDF5.check("H5Dwrite", path, status)
  }

  /// `representations/33` needs the group `representations`. The library could make it, but would store the time.
  private func createGroups(above name: String, in group: hid_t) throws(WeightError) {
    let parts = name.split(separator: "/").dropLast()
    for count in parts.indices {
      let path = parts[...count].joined(separator: "/")
      if try HDF5.check("H5Lexists", self.path, H5Lexists(group, path, chdf5_default())) > 0 { continue }
      let creation = try HDF5File.creation(chdf5_group_create_class(), self.path)
      _ = try HDF5Identifier(
        "H5Gcreate2", self.path, H5Gcreate2(group, path, chdf5_default(), creation.id, chdf5_default()))
    }
  }
}
