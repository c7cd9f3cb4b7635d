// Failing writes, in separate processes: a file size limit stands in for a full disk.

import Glibc
import Platform
import TestSupport
import Testing
import Transfer

@Suite struct FullDiskTests {
  /// In the process under test: no file may grow beyond this many bytes, and exceeding it is an error, not a signal.
  private static func limitFiles(to bytes: Int) -> Bool {
    signal(SIGXFSZ, SIG_IGN)
    var limit = rlimit(rlim_cur: rlim_t(bytes), rlim_max: rlim_t(bytes))
    return setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0
  }

  @Test("A write that does not fit is an error, and the bytes received are kept") func fileTooLarge() async {
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

  @Test("No byte is stored without its record") func recordTooLarge() async {
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
