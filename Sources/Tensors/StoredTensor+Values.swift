// Small stored tensors as arrays.

import CKernels

extension ElementType {
  var code: ck_type {
    switch self {
    case .float32: ck_float32
    case .float16: ck_float16
    case .bfloat16: ck_bfloat16
    case .int64, .bool: preconditionFailure("\(self) is not a number format of the kernels")
    }
  }
}

extension StoredTensor {
  /// The values widened to float32, row-major. Integer tensors hold no model values and have no float form.
  package func floats() -> [Float] {
    precondition(elementType.isFloat, "\(name) holds integers")
    return withExtendedLifetime(self) { Kernels.active.widen(bytes, elementType) }
  }
}

extension Kernels {
  /// Floats as they are stored, of any alignment, widened to float32; exact.
  package func widen(_ bytes: UnsafeRawBufferPointer, _ type: ElementType) -> [Float] {
    let count = bytes.count / type.byteCount
    return [Float](unsafeUninitializedCapacity: count) { values, initialized in
      if let to = values.baseAddress { table.pointee.widen(Int64(count), bytes.baseAddress, type.code, to) }
      initialized = count
    }
  }
}
