// Writing that fails, in processes of their own: a limit on the size of files stands for a disk that is full.

import Glibc
import Platform
import TestSupport
import Testing
import Transfer

@Suite struct FullDiskTests {
  /// In the process under test: no file may grow beyond so many bytes, and that is an error instead of a signal.
  private static func limitFiles(to bytes: Int) -> Bool {
    signal(SIGXFSZ, SIG_IGN)
    var limit = rlimit(rlim_cur: rlim_t(bytes), rlim_max: rlim_t(bytes))
    return setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0
  }

  @Test("What does not fit is an error, and what has come is kept") func fileTooLarge() async {
    await #expect(processExitsWith: .success) {
      let scratch = try Scratch()
      let server = try LoopbackServer { request, _ in .file(content, request) }
      try #require(Self.limitFiles(to: 100_000))
      guard case .system(let error)? = failure(download(server.url + "/file", scratch)) else { throw Unexpected() }
      #expect(
        error == SystemError(path: scratch.target + ".part", action: "write", code: EFBIG) && server.requests.count == 1
      )
      #expect(scratch.names == ["file.part", "file.part.resume"])
      #expect(scratch.bytes("file.part").map { $0 == Array(content[..<$0.count]) && $0.count <= 100_000 } == true)
    }
  }

  @Test("Without its record no byte is stored") func recordTooLarge() async {
    await #expect(processExitsWith: .success) {
      let scratch = try Scratch()
      let server = try LoopbackServer { request, _ in .file(Array("abc".utf8), request) }
      try #require(Self.limitFiles(to: 20))
      guard case .system(let error)? = failure(download(server.url + "/file", scratch)) else { throw Unexpected() }
      #expect(
        error == SystemError(path: scratch.target + ".part.resume", action: "write", code: EFBIG)
          && scratch.names.isEmpty)
    }
  }
}
