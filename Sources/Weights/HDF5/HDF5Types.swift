// The element types of our tensors as HDF5 types in a file.

internal import CHDF5
internal import Tensors

/// The HDF5 type of every element type, made once for a series of calls. To be used under `HDF5.locked` only.
struct HDF5Types: ~Copyable {
  private let float16: HDF5Identifier
  private let bfloat16: HDF5Identifier

  init(path: String) throws(WeightError) {
    // h5py reads the first as float16; it knows no bfloat16 and reads the second as float32, converted by the library.
    let float16 = try HDF5Types.half(exponentBits: 5, path)
    let bfloat16 = try HDF5Types.half(exponentBits: 8, path)
    self.float16 = float16
    self.bfloat16 = bfloat16
  }

  /// A binary floating-point type of two bytes: sign, `exponentBits`, and the rest for the mantissa.
  private static func half(exponentBits: Int, _ path: String) throws(WeightError) -> HDF5Identifier {
    let type = try HDF5Identifier("H5Tcopy", path, H5Tcopy(chdf5_float32()))
    let mantissaBits = 15 - exponentBits
    try HDF5.check("H5Tset_fields", path, H5Tset_fields(type.id, 15, mantissaBits, exponentBits, 0, mantissaBits))
    try HDF5.check("H5Tset_size", path, H5Tset_size(type.id, 2))
    try HDF5.check("H5Tset_ebias", path, H5Tset_ebias(type.id, 1 << (exponentBits - 1) - 1))
    return type
  }

  /// The identifier of `type`; valid while this value is.
  subscript(_ type: ElementType) -> hid_t {
    switch type {
    case .float32: chdf5_float32()
    case .float16: float16.id
    case .bfloat16: bfloat16.id
    case .int64: chdf5_int64()
    case .bool: chdf5_uint8()
    }
  }

  /// Which of our element types the HDF5 type `id` is, if any.
  func elementType(of id: hid_t) -> ElementType? {
    ElementType.allCases.first { H5Tequal(self[$0], id) > 0 }
  }
}
