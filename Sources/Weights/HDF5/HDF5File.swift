// An HDF5 file: created to be laid out, opened to be changed, or read from an image in memory (a mapped file, or data
// embedded in the program). Only what our files need: attributes, groups, contiguous datasets.

internal import CHDF5
private import Synchronization
package import Tensors

/// An open HDF5 file, closed at the end of its scope. Calls from several threads are serialised.
package struct HDF5File: ~Copyable {
  /// A contiguous dataset of one of our element types.
  package struct Dataset: Equatable, Sendable {
    package let name: String
    package let elementType: ElementType
    package let shape: [Int]
    /// Where the data begin in the file; 0 for a dataset without elements.
    package let offset: Int
  }

  /// The path as it was given, for messages.
  package let path: String
  private let id: hid_t
  /// What keeps an image alive; released after `deinit` has closed the file.
  private let owner: (any AnyObject & Sendable)?
  /// The library's name for the file, for the other half of this type.
  var identifier: hid_t { id }
  private var isOpen = true

  /// Every dataset begins at a multiple of this: a cache line, an AVX-512 register.
  package static let alignment = 64

  private init(path: String, id: hid_t, owner: (any AnyObject & Sendable)? = nil) {
    self.owner = owner
    self.path = path
    self.id = id
  }

  deinit {
    // Errors matter to writers, which call `close()`.
    if isOpen { _ = try? HDF5.locked { () throws(WeightError) in H5Fclose(id) } }
  }

  // MARK: Opening

  /// Creates the file at `path`, or empties the one that is there. `metadataBytes` is a guess at the size of everything
  /// but data; so much is kept together, which makes opening fast on a cold disk. What is to be mapped is `aligned`; the
  /// library then keeps a list of the gaps and searches it for every new object, so that many objects take forever.
  package static func create(
    _ path: String, metadataBytes: Int, aligned: Bool = true
  ) throws(WeightError) -> HDF5File {
    let id = try HDF5.locked { () throws(WeightError) in
      let access = try fileAccess(path)
      if aligned { try HDF5.check("H5Pset_alignment", path, H5Pset_alignment(access.id, 1, hsize_t(alignment))) }
      let block = hsize_t(max(512, metadataBytes))
      try HDF5.check("H5Pset_meta_block_size", path, H5Pset_meta_block_size(access.id, block))
      let creation = try HDF5File.creation(chdf5_file_create_class(), path)
      return try HDF5.check("H5Fcreate", path, H5Fcreate(path, chdf5_truncate(), creation.id, access.id))
    }
    return HDF5File(path: path, id: id)
  }

  /// Opens the file at `path` to be changed.
  package static func openForWriting(_ path: String) throws(WeightError) -> HDF5File {
    let id = try HDF5.locked { () throws(WeightError) in
      let access = try fileAccess(path)
      return try HDF5.check("H5Fopen", path, H5Fopen(path, chdf5_read_write(), access.id))
    }
    return HDF5File(path: path, id: id)
  }

  /// Opens `image`, the bytes of a whole file that `owner` keeps alive, for reading and without a copy. `path` is named in
  /// messages only.
  package static func open(
    image: UnsafeRawBufferPointer, owner: any AnyObject & Sendable, path: String
  ) throws(WeightError) -> HDF5File {
    // The library takes images of the same name for one file, and refuses the name of a file that exists.
    let serial = imageCounter.wrappingAdd(1, ordering: .relaxed).newValue
    let id = try HDF5.locked { () throws(WeightError) in
      let access = try fileAccess(path)
      try HDF5.check("H5Pset_fapl_core", path, H5Pset_fapl_core(access.id, 1 << 16, false))
      let base = UnsafeMutableRawPointer(mutating: image.baseAddress)
      // The library asks these callbacks to allocate, copy and free the image; all give it the one that is there.
      var callbacks = H5FD_file_image_callbacks_t(
        image_malloc: { _, _, base in base }, image_memcpy: { target, _, _, _, _ in target },
        image_realloc: { _, _, _, _ in nil }, image_free: { _, _, _ in 0 }, udata_copy: { $0 }, udata_free: { _ in 0 },
        udata: base)
      let status = H5Pset_file_image_callbacks(access.id, &callbacks)
      try HDF5.check("H5Pset_file_image_callbacks", path, status)
      try HDF5.check("H5Pset_file_image", path, H5Pset_file_image(access.id, base, image.count))
      let name = "esmfold image \(serial)"
      return try HDF5.check("H5Fopen", path, H5Fopen(name, chdf5_read_only(), access.id))
    }
    return HDF5File(path: path, id: id, owner: owner)
  }

  private static let imageCounter = Atomic<Int>(0)

  private static func fileAccess(_ path: String) throws(WeightError) -> HDF5Identifier {
    let access = try HDF5Identifier("H5Pcreate", path, H5Pcreate(chdf5_file_access_class()))
    // The format of 1.8: every library of today reads it, and its metadata carry checksums.
    try HDF5.check(
      "H5Pset_libver_bounds", path, H5Pset_libver_bounds(access.id, H5F_LIBVER_V18, H5F_LIBVER_V18))
    try HDF5.check("H5Pset_fclose_degree", path, H5Pset_fclose_degree(access.id, H5F_CLOSE_STRONG))
    try HDF5.check("H5Pset_file_locking", path, chdf5_disable_locking(access.id))
    return access
  }

  /// Properties of new objects of `kind`: without times, so that the same model gives the same bytes.
  static func creation(_ kind: hid_t, _ path: String) throws(WeightError) -> HDF5Identifier {
    let creation = try HDF5Identifier("H5Pcreate", path, H5Pcreate(kind))
    try HDF5.check("H5Pset_obj_track_times", path, H5Pset_obj_track_times(creation.id, false))
    return creation
  }

  /// Writes everything out and closes the file.
  package consuming func close() throws(WeightError) {
    isOpen = false
    let (id, path) = (id, path)
    _ = try HDF5.locked { () throws(WeightError) in try HDF5.check("H5Fclose", path, H5Fclose(id)) }
  }

  /// Hands everything written so far to the system.
  package func flush() throws(WeightError) {
    _ = try HDF5.locked { () throws(WeightError) in
      try HDF5.check("H5Fflush", path, H5Fflush(id, H5F_SCOPE_GLOBAL))
    }
  }

  // MARK: Attributes of the file

  /// Sets the text attribute `name`: UTF-8 of fixed length.
  package func setAttribute(_ name: String, _ value: String) throws(WeightError) {
    try HDF5.locked { () throws(WeightError) in
      let bytes = Array(value.utf8)
      let type = try HDF5File.textType(max(1, bytes.count), path)
      // A type of length 1 for the empty text, too: zero padding makes it empty again.
      try write(attribute: name, type: type.id, bytes: bytes.isEmpty ? [0] : bytes)
    }
  }

  /// Sets the attribute `name`: a 64-bit integer.
  package func setAttribute(_ name: String, _ value: Int) throws(WeightError) {
    try HDF5.locked { () throws(WeightError) in
      let bytes = withUnsafeBytes(of: Int64(value).littleEndian, Array.init)
      try write(attribute: name, type: chdf5_int64(), bytes: bytes)
    }
  }

  /// Creates an attribute of `object`, by default the file itself.
  func write(
    attribute name: String, type: hid_t, bytes: [UInt8], on object: hid_t? = nil
  ) throws(WeightError) {
    let space = try HDF5Identifier("H5Screate", path, H5Screate(H5S_SCALAR))
    let attribute = try HDF5Identifier(
      "H5Acreate2", path, H5Acreate2(object ?? id, name, type, space.id, chdf5_default(), chdf5_default()))
    try HDF5.check("H5Awrite", path, H5Awrite(attribute.id, type, bytes))
  }

  /// The text attribute `name`, or `nil` if there is none; throws if it is not text of fixed length.
  package func text(_ name: String) throws(WeightError) -> String? {
    try HDF5.locked { () throws(WeightError) -> String? in try text(name, of: id) }
  }

  /// The text attribute `name` of `object`. To be used under `HDF5.locked` only.
  func text(_ name: String, of object: hid_t) throws(WeightError) -> String? {
    guard let attribute = try openAttribute(name, of: object) else { return nil }
    let type = try HDF5Identifier("H5Aget_type", path, H5Aget_type(attribute.id))
    let size = H5Tget_size(type.id)
    // The attribute lies in memory already, so its size is not a promise that could be a lie.
    guard H5Tget_class(type.id) == H5T_STRING, H5Tis_variable_str(type.id) == 0, size > 0,
      H5Aget_storage_size(attribute.id) == hsize_t(size)
    else { throw .malformed(path: path, what: name, found: "another type", expected: "text of fixed length") }
    var bytes = [UInt8](repeating: 0, count: size)
    try HDF5.check("H5Aread", path, H5Aread(attribute.id, type.id, &bytes))
    guard let text = String(validating: bytes.prefix { $0 != 0 }, as: UTF8.self) else {
      throw .malformed(path: path, what: name, found: "bytes that are not UTF-8", expected: "text in UTF-8")
    }
    return text
  }

  /// The integer attribute `name`, or `nil` if there is none; throws if it is not one 64-bit integer.
  package func integer(_ name: String) throws(WeightError) -> Int? {
    try HDF5.locked { () throws(WeightError) -> Int? in
      guard let attribute = try openAttribute(name, of: id) else { return nil }
      let type = try HDF5Identifier("H5Aget_type", path, H5Aget_type(attribute.id))
      guard H5Tequal(type.id, chdf5_int64()) > 0, H5Aget_storage_size(attribute.id) == 8 else {
        throw .malformed(path: path, what: name, found: "another type", expected: "one 64-bit integer")
      }
      var value: Int64 = 0
      try HDF5.check("H5Aread", path, H5Aread(attribute.id, chdf5_int64(), &value))
      return Int(Int64(littleEndian: value))
    }
  }

  private func openAttribute(_ name: String, of object: hid_t) throws(WeightError) -> HDF5Identifier? {
    let exists = try HDF5.check("H5Aexists", path, H5Aexists(object, name))
    return exists > 0 ? try HDF5Identifier("H5Aopen", path, H5Aopen(object, name, chdf5_default())) : nil
  }

  static func textType(_ size: Int, _ path: String) throws(WeightError) -> HDF5Identifier {
    let type = try HDF5Identifier("H5Tcopy", path, H5Tcopy(chdf5_c_string()))
    try HDF5.check("H5Tset_size", path, H5Tset_size(type.id, size))
    try HDF5.check("H5Tset_strpad", path, H5Tset_strpad(type.id, H5T_STR_NULLPAD))
    try HDF5.check("H5Tset_cset", path, H5Tset_cset(type.id, H5T_CSET_UTF8))
    return type
  }
}
