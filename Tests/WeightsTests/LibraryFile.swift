// HDF5 files as the HDF5 library reads and writes them: the judge of the program's own reader and writer.

import CHDF5
import Tensors
import Testing

/// An open file. Tests that use it run one after the other (`HDF5LibraryTests`): the library is not safe for threads.
final class LibraryFile {
  private let file: hid_t

  enum Mode { case create, change, read }

  init(_ path: String, _ mode: Mode) throws {
    H5Eset_auto2(chdf5_error_stack(), nil, nil)
    let access = H5Pcreate(chdf5_file_access_class())
    defer { H5Pclose(access) }
    H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_V18)
    chdf5_disable_locking(access)
    H5Pset_fclose_degree(access, H5F_CLOSE_STRONG)
    file =
      switch mode {
      case .create: H5Fcreate(path, chdf5_truncate(), chdf5_default(), access)
      case .change: H5Fopen(path, chdf5_read_write(), access)
      case .read: H5Fopen(path, chdf5_read_only(), access)
      }
    try #require(file >= 0, "\(path)")
  }

  deinit { H5Fclose(file) }

  // MARK: Reading

  /// Names of the members of a group, by name or in the order of creation.
  func members(_ group: String = "/", byCreation: Bool) throws -> [String] {
    let id = H5Gopen2(file, group, chdf5_default())
    try #require(id >= 0, "\(group)")
    defer { H5Gclose(id) }
    var names: [String] = []
    let status = withUnsafeMutablePointer(to: &names) { pointer in
      chdf5_each_name(
        id, byCreation ? 1 : 0,
        { name, context in
          if let name { context?.assumingMemoryBound(to: [String].self).pointee.append(String(cString: name)) }
          return 0
        }, pointer)
    }
    try #require(status >= 0, "\(group)")
    return names
  }

  /// Shape, name of the type and bytes of a dataset.
  func dataset(_ path: String) throws -> (shape: [Int], type: String, bytes: [UInt8]) {
    let id = H5Dopen2(file, path, chdf5_default())
    try #require(id >= 0, "\(path)")
    defer { H5Dclose(id) }
    let space = H5Dget_space(id), type = H5Dget_type(id)
    defer {
      H5Sclose(space)
      H5Tclose(type)
    }
    var extents = [hsize_t](repeating: 0, count: 32)
    let rank = Int(H5Sget_simple_extent_dims(space, &extents, nil))
    var bytes = [UInt8](
      repeating: 0, count: Int(H5Sget_simple_extent_npoints(space)) * H5Tget_size(type))
    try #require(H5Dread(id, type, chdf5_whole_space(), chdf5_whole_space(), chdf5_default(), &bytes) >= 0)
    return (extents.prefix(rank).map { Int($0) }, Self.name(type), bytes)
  }

  private static func name(_ type: hid_t) -> String {
    if H5Tequal(type, chdf5_float32()) > 0 { return "float32" }
    if H5Tequal(type, chdf5_int64()) > 0 { return "int64" }
    if H5Tequal(type, chdf5_uint8()) > 0 { return "uint8" }
    for bits in [5, 8] {
      let half = half(exponentBits: bits)
      defer { H5Tclose(half) }
      if H5Tequal(type, half) > 0 { return bits == 5 ? "float16" : "bfloat16" }
    }
    return "another"
  }

  /// A binary floating-point type of two bytes: sign, `exponentBits`, and the rest for the mantissa.
  static func half(exponentBits: Int) -> hid_t {
    let type = H5Tcopy(chdf5_float32()), mantissaBits = 15 - exponentBits
    H5Tset_fields(type, 15, mantissaBits, exponentBits, 0, mantissaBits)
    H5Tset_size(type, 2)
    H5Tset_ebias(type, 1 << (exponentBits - 1) - 1)
    return type
  }

  /// A text attribute of an object, and whether it is of variable length.
  func text(_ name: String, of object: String = "/") throws -> (text: String, isVariable: Bool) {
    let id = H5Aopen_by_name(file, object, name, chdf5_default(), chdf5_default())
    try #require(id >= 0, "\(name)")
    defer { H5Aclose(id) }
    let type = H5Aget_type(id)
    defer { H5Tclose(type) }
    try #require(H5Tget_class(type) == H5T_STRING && H5Tget_cset(type) == H5T_CSET_UTF8)
    guard H5Tis_variable_str(type) > 0 else {
      var bytes = [UInt8](repeating: 0, count: H5Tget_size(type))
      try #require(H5Aread(id, type, &bytes) >= 0)
      return (String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self), false)
    }
    var text: UnsafeMutablePointer<CChar>?
    try #require(H5Aread(id, type, &text) >= 0)
    defer { H5free_memory(text) }
    return (text.map { String(cString: $0) } ?? "", true)
  }

  /// An integer attribute of the root.
  func integer(_ name: String) throws -> Int {
    let id = H5Aopen_by_name(file, "/", name, chdf5_default(), chdf5_default())
    try #require(id >= 0, "\(name)")
    defer { H5Aclose(id) }
    var value: Int64 = 0
    try #require(H5Aread(id, chdf5_int64(), &value) >= 0)
    return Int(value)
  }

  // MARK: Writing

  /// Creates a group.
  func addGroup(_ path: String) throws {
    let id = H5Gcreate2(file, path, chdf5_default(), chdf5_default(), chdf5_default())
    try #require(id >= 0, "\(path)")
    H5Gclose(id)
  }

  /// Creates a dataset of floats.
  func addDataset(_ path: String, _ values: [Float]) throws {
    let space = H5Screate_simple(1, [hsize_t(values.count)], nil)
    defer { H5Sclose(space) }
    let id = H5Dcreate2(file, path, chdf5_float32(), space, chdf5_default(), chdf5_default(), chdf5_default())
    try #require(id >= 0, "\(path)")
    defer { H5Dclose(id) }
    try #require(
      H5Dwrite(id, chdf5_float32(), chdf5_whole_space(), chdf5_whole_space(), chdf5_default(), values) >= 0)
  }

  /// Adds a text attribute of fixed length to an object.
  func addText(_ name: String, _ value: String, to object: String = "/") throws {
    let type = H5Tcopy(chdf5_c_string()), space = H5Screate(H5S_SCALAR), bytes = Array(value.utf8)
    defer {
      H5Sclose(space)
      H5Tclose(type)
    }
    H5Tset_size(type, bytes.count)
    H5Tset_strpad(type, H5T_STR_NULLPAD)
    H5Tset_cset(type, H5T_CSET_UTF8)
    let id = H5Acreate_by_name(
      file, object, name, type, space, chdf5_default(), chdf5_default(), chdf5_default())
    try #require(id >= 0, "\(name)")
    defer { H5Aclose(id) }
    try #require(H5Awrite(id, type, bytes) >= 0)
  }

  /// Removes a member.
  func remove(_ path: String) throws { try #require(H5Ldelete(file, path, chdf5_default()) >= 0) }
}
