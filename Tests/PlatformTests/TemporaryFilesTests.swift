// The end of a process with unfinished files while another thread creates one.

import Foundation
import Glibc
import Platform
import Synchronization
import TestSupport
import Testing

@Suite struct TemporaryFilesTests {
  /// What has happened in a process of two threads.
  private final class Progress: Sendable {
    let ends = Atomic<Bool>(false), hasCreated = Atomic<Bool>(false)
  }

  @Test("What another thread is creating when a signal ends the process is removed") func createdMeanwhile()
    async throws
  {
    let scratch = try ScratchFolder()
    try await Handed.over(scratch.path) {
      await #expect(processExitsWith: .exitCode(7)) {
        let path = try Handed.taken(String.self) + "/a", files = TemporaryFiles(), progress = Progress()
        files.register(path) {
          Thread.detachNewThread {
            progress.ends.store(true, ordering: .sequentiallyConsistent)
            files.end {
              _ in
            } by: {
              // Were the file created behind the back of `end`, it would be there by now.
              while !progress.hasCreated.load(ordering: .sequentiallyConsistent) { usleep(100) }
              _exit(7)
            }
          }
          while !progress.ends.load(ordering: .sequentiallyConsistent) { usleep(100) }
          _ = FileManager.default.createFile(atPath: path, contents: nil)
          progress.hasCreated.store(true, ordering: .sequentiallyConsistent)
        }
        while true { pause() }
      }
    }
    #expect(scratch.names().isEmpty)
  }
}
