// Sockets on the loopback interface.

import Glibc

package enum Loopback {
  /// No port is available.
  package struct Failure: Error { package let code: Int32 }

  /// A socket that accepts connections on a free port of 127.0.0.1, or one that refuses them but occupies the port.
  package static func listener(refuses: Bool = false) throws -> (descriptor: Int32, port: Int) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var place = address(0), size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code: Int32 = withUnsafeMutablePointer(to: &place) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        guard bind(descriptor, $0, size) == 0, refuses || listen(descriptor, 64) == 0 else { return -1 }
        return getsockname(descriptor, $0, &size)
      }
    }
    guard code == 0 else { throw Failure(code: errno) }
    return (descriptor, Int(UInt16(bigEndian: place.sin_port)))
  }

  /// A connection to a port of 127.0.0.1; nil if nothing listens there.
  package static func connection(to port: Int) -> Int32? {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var place = address(port)
    let code = withUnsafePointer(to: &place) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    if code == 0 { return descriptor }
    close(descriptor)
    return nil
  }

  private static func address(_ port: Int) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    address.sin_port = UInt16(port).bigEndian
    return address
  }
}
