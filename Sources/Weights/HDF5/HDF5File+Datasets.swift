// Groups of contiguous datasets: laid out in one call, listed in one call, their data read and written elsewhere through
// the offsets.

internal import CHDF5
package import Tensors

extension HDF5File {
  /// Creates the group `name` (`/` is the root, which is there already) with one contiguous dataset for each of `tensors`,
  /// in their order, and gives their places in the file. The space is reserved, not filled: the caller writes the data
  /// there once the file is closed. Each dataset gets a text attribute `placeholder`, to be set by `replaceTexts`: made
  /// now, it lies with the other metadata, not behind the data.
  package func createDatasets(
    in name: String, _ tensors: [(name: String, elementType: ElementType, shape: [Int])],
    placeholder: (name: String, value: String)? = nil
  ) throws(WeightError) -> [Dataset] {
    try HDF5.locked { () throws(WeightError) in
      let groupCreation = try HDF5File.creation(chdf5_group_create_class(), path)
      let group = try HDF5Identifier(
        "H5Gcreate2", path,
        name == "/"
          ? H5Gopen2(identifier, name, chdf5_default())
          : H5Gcreate2(identifier, name, chdf5_default(), groupCreation.id, chdf5_default()))
      let types = try HDF5Types(path: path)
      let creation = try HDF5File.creation(chdf5_dataset_create_class(), path)
      try HDF5.check("H5Pset_layout", path, H5Pset_layout(creation.id, H5D_CONTIGUOUS))
      try HDF5.check("H5Pset_alloc_time", path, H5Pset_alloc_time(creation.id, H5D_ALLOC_TIME_EARLY))
      try HDF5.check("H5Pset_fill_time", path, H5Pset_fill_time(creation.id, H5D_FILL_TIME_NEVER))
      var result: [Dataset] = []
      for tensor in tensors {
        let extents = tensor.shape.map { hsize_t($0) }
        let space = try HDF5Identifier(
          "H5Screate_simple", path,
          extents.isEmpty ? H5Screate(H5S_SCALAR) : H5Screate_simple(Int32(extents.count), extents, nil))
        let dataset = try HDF5Identifier(
          "H5Dcreate2", path,
          H5Dcreate2(
            group.id, tensor.name, types[tensor.elementType], space.id, chdf5_default(), creation.id, chdf5_default()))
        if let placeholder {
          let bytes = Array(placeholder.value.utf8)
          let type = try HDF5File.textType(bytes.count, path)
          try write(attribute: placeholder.name, type: type.id, bytes: bytes, on: dataset.id)
        }
        result.append(try place(dataset.id, tensor.name, tensor.elementType, tensor.shape))
      }
      return result
    }
  }

  /// Sets the text attribute `name` of datasets of the group `group`, which must have one of the same length.
  package func replaceTexts(
    _ name: String, in group: String, _ texts: [(dataset: String, value: String)]
  ) throws(WeightError) {
    try HDF5.locked { () throws(WeightError) in
      let group = try HDF5Identifier("H5Gopen2", path, H5Gopen2(identifier, group, chdf5_default()))
      for (dataset, value) in texts {
        let object = try HDF5Identifier("H5Dopen2", path, H5Dopen2(group.id, dataset, chdf5_default()))
        let attribute = try HDF5Identifier("H5Aopen", path, H5Aopen(object.id, name, chdf5_default()))
        let bytes = Array(value.utf8)
        let type = try HDF5File.textType(bytes.count, path)
        try HDF5.check("H5Awrite", path, H5Awrite(attribute.id, type.id, bytes))
      }
    }
  }

  /// The text attribute `name` of every dataset of the group `group` that has one.
  package func texts(_ name: String, in group: String) throws(WeightError) -> [String: String] {
    try HDF5.locked { () throws(WeightError) in
      let group = try HDF5Identifier("H5Gopen2", path, H5Gopen2(identifier, group, chdf5_default()))
      var result: [String: String] = [:]
      for dataset in try names(in: group.id) {
        let object = try HDF5Identifier("H5Dopen2", path, H5Dopen2(group.id, dataset, chdf5_default()))
        if let text = try text(name, of: object.id) { result[dataset] = text }
      }
      return result
    }
  }

  /// The datasets of the group `name`, in the order of their data, each of which must be `aligned` unless told otherwise.
  package func datasets(in name: String, aligned: Bool = true) throws(WeightError) -> [Dataset] {
    try HDF5.locked { () throws(WeightError) in
      let group = try HDF5Identifier("H5Gopen2", path, H5Gopen2(identifier, name, chdf5_default()))
      let types = try HDF5Types(path: path)
      var result: [Dataset] = []
      for name in try names(in: group.id) { result.append(try dataset(name, in: group.id, types, aligned: aligned)) }
      result.sort { ($0.offset, $0.name) < ($1.offset, $1.name) }
      return result
    }
  }

  /// The dataset `name` of the group `group`, in which there may be groups, too; it need not be aligned.
  package func dataset(_ name: String, in group: String) throws(WeightError) -> Dataset {
    try HDF5.locked { () throws(WeightError) in
      let group = try HDF5Identifier("H5Gopen2", path, H5Gopen2(identifier, group, chdf5_default()))
      return try dataset(name, in: group.id, try HDF5Types(path: path), aligned: false)
    }
  }

  private func dataset(
    _ name: String, in group: hid_t, _ types: borrowing HDF5Types, aligned: Bool
  ) throws(WeightError) -> Dataset {
    let dataset = try HDF5Identifier("H5Dopen2", path, H5Dopen2(group, name, chdf5_default()))
    let type = try HDF5Identifier("H5Dget_type", path, H5Dget_type(dataset.id))
    guard let elementType = types.elementType(of: type.id) else {
      throw .malformed(
        path: path, what: name, found: "another type", expected: "float32, float16, bfloat16, int64 or bool")
    }
    return try place(dataset.id, name, elementType, try shape(of: dataset.id, name), aligned: aligned)
  }

  private func names(in group: hid_t) throws(WeightError) -> [String] {
    var names: [String] = []
    let status = withUnsafeMutablePointer(to: &names) { pointer in
      chdf5_each_name(
        group,
        { name, context in
          if let name { context?.assumingMemoryBound(to: [String].self).pointee.append(String(cString: name)) }
          return 0
        }, pointer)
    }
    try HDF5.check("H5Literate", path, status)
    return names
  }

  private func shape(of dataset: hid_t, _ name: String) throws(WeightError) -> [Int] {
    let space = try HDF5Identifier("H5Dget_space", path, H5Dget_space(dataset))
    guard H5Sget_simple_extent_type(space.id) != H5S_NULL else {
      throw .malformed(path: path, what: name, found: "a dataset without a shape", expected: "a tensor")
    }
    let rank = try HDF5.check("H5Sget_simple_extent_ndims", path, H5Sget_simple_extent_ndims(space.id))
    var extents = [hsize_t](repeating: 0, count: max(1, Int(rank)))
    try HDF5.check("H5Sget_simple_extent_dims", path, H5Sget_simple_extent_dims(space.id, &extents, nil))
    let shape = extents.prefix(Int(rank)).compactMap { Int(exactly: $0) }
    guard shape.count == Int(rank) else {
      throw .malformed(path: path, what: name, found: "\(extents)", expected: "extents that fit 63 bits")
    }
    return shape
  }

  /// The dataset's place in the file, checked to be there and aligned; whether it fits the file is the reader's question.
  private func place(
    _ dataset: hid_t, _ name: String, _ elementType: ElementType, _ shape: [Int], aligned: Bool = true
  ) throws(WeightError) -> Dataset {
    if shape.contains(0) { return Dataset(name: name, elementType: elementType, shape: shape, offset: 0) }
    let address = H5Dget_offset(dataset)
    guard address != chdf5_undefined_address(), let offset = Int(exactly: address) else {
      throw .malformed(path: path, what: name, found: "data in pieces or none", expected: "contiguous data")
    }
    guard !aligned || offset % HDF5File.alignment == 0 else {
      throw .malformed(
        path: path, what: name, found: "data at byte \(offset)", expected: "a multiple of \(HDF5File.alignment)")
    }
    return Dataset(name: name, elementType: elementType, shape: shape, offset: offset)
  }
}
