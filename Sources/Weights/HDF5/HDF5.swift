// How we talk to the HDF5 library: one caller at a time, its printing turned off, its error stack turned into `WeightError`.

internal import CHDF5
private import Synchronization

/// The library as a whole.
package enum HDF5 {
  /// HDF5 keeps global state; builds of it without threads need this lock, and loading is sequential anyway.
  private static let mutex = Mutex(())

  /// At the end of the process the library would close what is still open, which is nothing, or a file whose closing has
  /// failed on a full disk: that ends the program with a segmentation fault (HDF5 1.10.8, `H5F__close_cb`).
  private static let withoutExitHandler: Void = { _ = H5dont_atexit() }()

  /// Runs `body`, which may call the library, while nobody else does. Not reentrant.
  static func locked<Result: Sendable>(_ body: () throws(WeightError) -> Result) throws(WeightError) -> Result {
    try mutex.withLock { (_) throws(WeightError) -> Result in
      withoutExitHandler
      // Per thread in builds with threads, so said on every entry.
      H5Eset_auto2(chdf5_error_stack(), nil, nil)
      return try body()
    }
  }

  /// `status` of `call`, or the error that a negative one means.
  @discardableResult
  static func check<Status: SignedInteger>(
    _ call: StaticString, _ path: String, _ status: Status
  ) throws(WeightError) -> Status {
    if status < 0 { throw .hdf5(call: "\(call)", path: path, reason: innermostReason()) }
    return status
  }

  /// The version of the library that this program runs with, such as `1.10.8`.
  package static func version() -> String {
    var major: UInt32 = 0
    var minor: UInt32 = 0
    var release: UInt32 = 0
    let status = mutex.withLock { _ in
      withoutExitHandler
      return H5get_libversion(&major, &minor, &release)
    }
    return status < 0 ? "unknown" : "\(major).\(minor).\(release)"
  }

  /// The deepest message of the error stack says what went wrong; the others say who called whom.
  private static func innermostReason() -> String {
    var reason = "unknown error"
    withUnsafeMutablePointer(to: &reason) { pointer in
      let visit: H5E_walk2_t = { depth, error, context in
        if depth == 0, let text = error?.pointee.desc {
          context?.assumingMemoryBound(to: String.self).pointee = String(cString: text)
        }
        return 0
      }
      _ = H5Ewalk2(chdf5_error_stack(), H5E_WALK_UPWARD, visit, pointer)
    }
    return reason
  }
}

/// An identifier of the library, released at the end of its scope. To be used under `HDF5.locked` only.
struct HDF5Identifier: ~Copyable {
  let id: hid_t

  /// Takes over `id`, the result of `call`; negative means that the call failed.
  init(_ call: StaticString, _ path: String, _ id: hid_t) throws(WeightError) {
    self.id = try HDF5.check(call, path, id)
  }

  deinit {
    H5Idec_ref(id)
  }
}
