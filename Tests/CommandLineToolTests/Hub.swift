// A loopback server that stands in for the Hugging Face hub, with a cache to fetch into.

import Foundation
import Synchronization
import TestSupport
import Testing

/// A loopback hub with one model, and its own cache.
final class Hub {
  static let name = "esm2_t6_8M_UR50D"
  static let weights = "model.safetensors"

  let scratch: ScratchFolder
  let server: LoopbackServer

  /// - Parameters:
  ///   - model: the folder under Tests/Fixtures whose files are served.
  ///   - name: the name that they are served under.
  ///   - revision: the revision that has them.
  ///   - change: modifies the correct reply; gets the number of the request among those for the same file.
  /// - Throws: an error if there is no folder or no port.
  init(
    _ model: String = "family/esm2", as name: String = Hub.name, revision: String = "main",
    _ change: @escaping @Sendable (inout LoopbackServer.Reply, LoopbackServer.Request, Int) -> Void = { _, _, _ in }
  ) throws {
    scratch = try ScratchFolder()
    let counts = Counts()
    server = try LoopbackServer { request, _ in
      // A proxy gets the whole URL.
      let path = request.target.firstRange(of: "/facebook/").map { request.target[$0.lowerBound...] } ?? "/"
      let prefix = "/facebook/\(name)/resolve/\(revision)/"
      let file = path.dropFirst(prefix.count)
      guard path.hasPrefix(prefix), !file.contains("/"),
        let content = FileManager.default.contents(atPath: Fixtures.path("\(model)/\(file)"))
      else { return .init(status: 404) }
      var reply = LoopbackServer.Reply.file(Array(content), request)
      change(&reply, request, counts.next(String(file)))
      return reply
    }
  }

  /// A folder that the tests of one server share, as the processes of one user do.
  var cache: String { scratch.path + "/cache" }
  var imported: String { "\(cache)/\(Hub.name).h5" }
  var downloads: String { "\(cache)/downloads/\(Hub.name)" }

  func environment(_ more: [String: String] = [:]) -> [String: String] {
    ["ESMFOLD_CACHE": cache, "ESMFOLD_MIRROR": server.url].merging(more) { $1 }
  }

  func fetch(_ arguments: [String] = [], name: String = Hub.name, environment: [String: String] = [:]) throws
    -> Binary.Ran
  {
    try Binary.run(["weights", "fetch", name] + arguments, environment: self.environment(environment))
  }

  func start(_ arguments: [String] = []) throws -> Binary.Started {
    try Binary.Started(["weights", "fetch", Hub.name] + arguments, environment: environment())
  }

  func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  /// Scores by the model in the cache, and by the files that were served.
  func expectWorks(_ place: SourceLocation = #_sourceLocation) throws {
    let fasta = Data(">a\nMKTVRQERLKSIVRILERSKEPVSGAQLAEELS\n".utf8)
    let found = try Binary.run(["score", "--model", Hub.name], input: fasta, environment: environment())
    let expected = try Binary.run(["score", "--model", Fixtures.path("family/esm2")], input: fasta)
    #expect(found.status == 0 && found.output == expected.output, sourceLocation: place)
    #expect(found.output.split(separator: "\n").count == 2, sourceLocation: place)
  }

  /// Waits until `condition` holds, for as long as a busy machine may need.
  static func wait(_ place: SourceLocation = #_sourceLocation, _ condition: () -> Bool) {
    let isSo = holds(condition)
    #expect(isSo, sourceLocation: place)
  }
}

/// Counts requests by file.
private final class Counts: Sendable {
  private let counts = Mutex<[String: Int]>([:])

  func next(_ name: String) -> Int {
    counts.withLock { counts in
      defer { counts[name, default: 0] += 1 }
      return counts[name, default: 0]
    }
  }
}
