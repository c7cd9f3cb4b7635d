// `weights fetch` as a user runs it, against a loopback server. The model is tiny, and served under the name of one of
// which only rounded sizes are known.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(minutes: 20)) struct FetchBinaryTests {
  @Test func fromNothingToAModelThatWorks() throws {
    let hub = try Hub()
    let ran = try hub.fetch()
    #expect(ran.status == 0 && ran.output == hub.imported + "\n")
    #expect(ran.error.contains("fetching \(Hub.name) (31.4 MB) from \(hub.server.url)/facebook/\(Hub.name)"))
    #expect(
      hub.server.requests.map(\.target)
        == ["config.json", Hub.weights].map { "/facebook/\(Hub.name)/resolve/main/\($0)" })
    #expect(hub.server.requests.allSatisfy { $0.headers["user-agent"]?.hasPrefix("esmfold/") ?? false })
    // Only the model is left.
    #expect(
      hub.scratch.names("cache") == ["downloads", "\(Hub.name).h5"] && hub.scratch.names("cache/downloads").isEmpty)
    try hub.expectWorks()
    let info = try Binary.run(["weights", "info", Hub.name], environment: hub.environment())
    #expect(info.output.contains("\(hub.server.url)/facebook/\(Hub.name) (main)"))

    let again = try hub.fetch(name: "facebook/\(Hub.name)")
    #expect(again.status == 0 && again.output == ran.output && again.error.contains("in the cache already"))
    #expect(hub.server.requests.count == 2)
  }

  @Test func namesFormatsAndKeptFiles() throws {
    let hub = try Hub()
    #expect(try hub.fetch(["--name", "small", "--dtype", "float16", "--keep"]).status == 0)
    #expect(hub.scratch.names("cache") == ["downloads", "small.h5"])
    #expect(hub.scratch.names("cache/downloads/\(Hub.name)") == ["config.json", Hub.weights])
    // The kept files serve a second model, and a new import of the first.
    for options in [["--overwrite", "--name", "small", "--keep"], ["--offline"]] {
      #expect(try hub.fetch(options).status == 0)
    }
    #expect(hub.server.requests.count == 2)
    #expect(hub.scratch.names("cache/downloads").isEmpty)
    try hub.expectWorks()
  }

  @Test func otherFilesInTheFolderAreNotImported() throws {
    // The usual names are tried in order; the model does not have the first ones.
    let name = "esm2_t48_15B_UR50D"
    let hub = try Hub("torch/shards", as: name)
    try FileManager.default.createDirectory(atPath: "\(hub.cache)/downloads/\(name)", withIntermediateDirectories: true)
    _ = try hub.scratch.file("cache/downloads/\(name)/\(Hub.weights)", "something else")
    #expect(try hub.fetch(name: name).status == 0)
    #expect(hub.scratch.names("cache/downloads/\(name)") == [Hub.weights])
  }

  @Test func aDamagedModelIsFetchedAnew() throws {
    let hub = try Hub()
    try FileManager.default.createDirectory(atPath: hub.cache, withIntermediateDirectories: true)
    _ = try hub.scratch.file("cache/\(Hub.name).h5", "half a file")
    let ran = try hub.fetch()
    #expect(ran.status == 0)
    #expect(ran.error.components(separatedBy: "warning: the model in the cache cannot be used").count == 2)
    try hub.expectWorks()
  }

  @Test func shardsAreFetchedAsTheirIndexSays() throws {
    let name = "esm2_t48_15B_UR50D"
    let hub = try Hub("torch/shards", as: name)
    let ran = try hub.fetch(["--name", "sharded"], name: name)
    #expect(ran.status == 0)
    let shards = (1...2).map { "pytorch_model-0000\($0)-of-00002.bin" }
    let files = hub.server.requests.map { $0.target.split(separator: "/").last.map(String.init) ?? "" }
    #expect(files == ["config.json", "pytorch_model.bin.index.json"] + shards)
    #expect(hub.scratch.names("cache/downloads").isEmpty)
    let fasta = Data(">a\nMKTV\n".utf8)
    let found = try Binary.run(["score", "--model", "sharded"], input: fasta, environment: hub.environment())
    let expected = try Binary.run(["score", "--model", Fixtures.path("torch/shards")], input: fasta)
    #expect(found.status == 0 && found.output == expected.output)
  }

  // === Other places ===

  @Test func foldersAndTheirURLs() throws {
    let hub = try Hub()
    let folder = hub.scratch.path + "/with space"
    let layout = hub.scratch.path + "/mirror"
    let deep = "\(layout)/facebook/\(Hub.name)/resolve"
    try FileManager.default.createDirectory(atPath: deep, withIntermediateDirectories: true)
    for place in [folder, deep + "/main"] {
      try FileManager.default.copyItem(atPath: Fixtures.path("family/esm2"), toPath: place)
    }
    for place in [folder, folder + "/", layout, layout + "/", "file://\(layout)", "file://\(deep)/main/"] {
      let ran = try hub.fetch(["--from", place, "--overwrite"])
      #expect(ran.status == 0, "\(place): \(ran.error)")
    }
    // A local folder needs no connection.
    #expect(try hub.fetch(["--from", folder, "--overwrite", "--offline"]).status == 0)
    #expect(hub.server.requests.isEmpty)
    try hub.expectWorks()
    let url = "\(hub.server.url)/facebook/\(Hub.name)/resolve/main/"
    #expect(
      try hub.fetch(["--from", url, "--name", "b"], environment: ["ESMFOLD_MIRROR": "http://127.0.0.1:1"]).status == 0)
    #expect(try hub.fetch(["--from", hub.server.url + "/", "--name", "c"]).status == 0)
    #expect(hub.server.requests.count == 4)
  }

  @Test func proxiesOfTheEnvironment() throws {
    let proxy = try Hub()
    let place = "http://models.invalid:81"
    let used = try proxy.fetch(environment: ["ESMFOLD_MIRROR": place, "http_proxy": proxy.server.url])
    #expect(used.status == 0)
    #expect(proxy.server.requests.map(\.target).allSatisfy { $0.hasPrefix(place + "/facebook/") })
    #expect(proxy.server.requests.count == 2)
    try proxy.expectWorks()

    let direct = try Hub()
    let unused = try direct.fetch(environment: [
      "http_proxy": "http://127.0.0.1:1", "no_proxy": "example.org,127.0.0.1",
    ])
    #expect(unused.status == 0 && direct.server.requests.count == 2)
  }

  @Test(arguments: [403, 407])
  func proxiesThatRefuse(_ status: Int) throws {
    let proxy = try LoopbackServer { _, _ in .init(status: status) }
    let ran = try Hub().fetch(environment: ["ESMFOLD_MIRROR": "https://models.invalid", "https_proxy": proxy.url])
    #expect(ran.status == 1 && ran.error.contains("proxy: found status \(status)") && ran.error.contains("hint: http"))
    #expect(proxy.requests.map(\.method) == ["CONNECT"] && proxy.requests[0].target == "models.invalid:443")
  }

  @Test("A token that would begin another header is not sent", arguments: ["a\nX: y", "a b", "a\r\n", "a\u{7F}", "é"])
  func wrongToken(_ token: String) throws {
    let scratch = try ScratchFolder()
    // Nobody listens there, nor is anybody asked.
    let ran = try Binary.run(
      ["weights", "fetch", Hub.name],
      environment: ["HF_TOKEN": token, "ESMFOLD_MIRROR": "https://127.0.0.1:1", "ESMFOLD_CACHE": scratch.path])
    #expect(ran.status == 1 && ran.error.contains("HF_TOKEN: found a blank, a line end or another"), "\(ran.error)")
  }

  @Test func aTokenIsForHTTPSOnly() throws {
    let hub = try Hub()
    #expect(try hub.fetch(environment: ["HF_TOKEN": "secret"]).status == 0)
    #expect(hub.server.requests.allSatisfy { $0.headers["authorization"] == nil })
  }

  // === Failures ===

  @Test(arguments: [
    (401, "found status 401 (unauthorized)", "HF_TOKEN"), (403, "found status 403 (forbidden)", "--from"),
    (404, "found status 404 (not found)", "--from"), (410, "found status 410 (gone)", "--from"),
  ])
  func refusalsSayWhatToDo(_ status: Int, _ message: String, _ hint: String) throws {
    let hub = try Hub { reply, request, _ in
      if request.target.hasSuffix(Hub.weights) { reply = .init(status: status) }
    }
    let ran = try hub.fetch()
    #expect(ran.status == 1 && ran.output.isEmpty)
    #expect(ran.error.contains("\(Hub.weights): answer: \(message), expected 200\nhint: ") && ran.error.contains(hint))
    #expect(hub.server.requests(of: Hub.weights).count == 1 && !hub.exists(hub.imported))
  }

  @Test func troubleIsSaidAndOvercome() async throws {
    let hub = try Hub { reply, request, number in
      guard request.target.hasSuffix(Hub.weights) else { return }
      if number == 0 { reply = .init(status: 503, headers: [("Retry-After", "1")]) }
      if number == 1 { reply.breaksAfter = 30_000 }
    }
    let ran = try await hub.start(["--log-format", "json"]).endedAfterAWait()
    #expect(ran.status == 0)
    #expect(ran.error.contains("\"event\":\"retrying\"") && ran.error.contains("\"event\":\"fetched\""))
    #expect(hub.server.requests(of: Hub.weights).map(\.firstByte) == [nil, nil, 30_000])
    try hub.expectWorks()
  }

  @Test func aWrongFileIsNeverImported() throws {
    // The server states a digest, as the hub does for large files.
    let stated = String(repeating: "0123456789abcdef", count: 4)
    let hub = try Hub { reply, request, _ in
      if request.target.hasSuffix(Hub.weights) { reply.headers.append(("X-Linked-ETag", "\"\(stated)\"")) }
    }
    let ran = try hub.fetch()
    #expect(ran.status == 1 && ran.error.contains("sha256: found ") && ran.error.contains("expected \(stated)"))
    #expect(!hub.exists(hub.imported) && hub.scratch.names("cache/downloads/\(Hub.name)") == ["config.json"])
  }

  @Test func knownDigestsHoldForMirrorsToo() throws {
    let hub = try Hub(as: "esmfold_v1", revision: "75a3841ee059df2bf4d56688166c8fb459ddd97a")
    let ran = try hub.fetch(name: "esmfold_v1")
    #expect(ran.status == 1)
    #expect(ran.error.contains("config.json: sha256: found ") && ran.error.contains("--from"))
    #expect(hub.scratch.names("cache") == ["downloads"])
  }

  @Test func filesThatAreNoModelAreKeptAndSaid() throws {
    let hub = try Hub { reply, request, _ in
      if request.target.hasSuffix("config.json") { reply = .init(body: Array("{\"model_type\": \"esm\"}".utf8)) }
    }
    let ran = try hub.fetch()
    #expect(ran.status == 1 && ran.error.contains("without that folder it downloads them again"))
    #expect(
      hub.scratch.names("cache/downloads/\(Hub.name)") == ["config.json", Hub.weights] && !hub.exists(hub.imported))
  }

  @Test func whatDoesNotFitIsNotBegun() throws {
    let hub = try Hub { reply, request, _ in
      if request.target.hasSuffix(Hub.weights) { reply.announced = 1 << 60 }
    }
    let ran = try hub.fetch()
    #expect(ran.status == 1)
    #expect(ran.error.contains("\(hub.cache): disk: found ") && ran.error.contains("ESMFOLD_CACHE"))
    #expect(hub.scratch.names("cache/downloads/\(Hub.name)") == ["config.json"])
  }

  @Test func nobodyThere() async throws {
    let hub = try Hub()
    hub.server.stop()
    let ran = try await hub.start().endedAfterAWait()
    #expect(ran.status == 1 && ran.error.contains("cannot be reached") && ran.error.contains("https_proxy"))
    #expect(hub.scratch.names("cache/downloads").isEmpty)
  }

  @Test func aFolderThatCannotBeMade() throws {
    let hub = try Hub()
    let file = try hub.scratch.file("file", "")
    let ran = try hub.fetch(environment: ["ESMFOLD_CACHE": file + "/cache"])
    #expect(ran.status == 1 && ran.error.contains("\(file)"))
    #expect(hub.server.requests.isEmpty)
  }

  @Test(arguments: [
    ("esm2_t6_8M_UR50", "did you mean esm2_t6_8M_UR50D?"), ("facebook/esmfold_v2", "did you mean esmfold_v1?"),
    ("openfold", "the models are esmfold_v1, "),
  ])
  func unknownNames(_ name: String, _ hint: String) throws {
    let ran = try Hub().fetch(name: name)
    #expect(ran.status == 2 && ran.error.contains("\"\(name)\"") && ran.error.contains(hint))
    #expect(ran.error.contains("esm1v_t33_650M_UR90S_5"))
  }

  @Test(arguments: ["mirror.example.org", "ftp://127.0.0.1", "http://", "", "http://127.0.0.1/a?b=", "http://a b/"])
  func placesThatAreNone(_ place: String) throws {
    let ran = try Hub().fetch(["--from", place])
    #expect(ran.status == 2 && ran.error.contains("--from: found \"\(place)\", expected a URL (http, https or file)"))
  }

  // === Without network ===

  @Test func offlineSaysWhichFilesAreMissing() throws {
    let hub = try Hub()
    let ran = try hub.fetch(["--offline"])
    #expect(ran.status == 1 && ran.output.isEmpty)
    #expect(ran.error.contains("config.json and \(Hub.weights) in \(hub.downloads)"))
    #expect(ran.error.contains("\(hub.server.url)/facebook/\(Hub.name)"))

    // Copied by hand, one by one.
    try FileManager.default.copyItem(
      atPath: Fixtures.path("family/esm2/config.json"), toPath: hub.downloads + "/config.json")
    let half = try hub.fetch(["--offline"])
    #expect(half.status == 1 && half.error.contains("nor \(Hub.weights) in"))
    try FileManager.default.copyItem(
      atPath: Fixtures.path("family/esm2/\(Hub.weights)"), toPath: "\(hub.downloads)/\(Hub.weights)")
    #expect(try hub.fetch(["--offline"]).status == 0)
    try hub.expectWorks()
    // Now the cache suffices.
    #expect(try hub.fetch(["--offline"]).status == 0)
    #expect(hub.server.requests.isEmpty)
  }

  @Test func offlineChecksWhatIsThere() throws {
    let hub = try Hub()
    let folder = hub.cache + "/downloads/esmfold_v1"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for name in ["config.json", "pytorch_model.bin"] {
      _ = try hub.scratch.file("cache/downloads/esmfold_v1/\(name)", "{\"model_type\": \"esm\"}")
    }
    let ran = try hub.fetch(["--offline"], name: "esmfold_v1")
    #expect(ran.status == 1 && ran.error.contains("\(folder)/config.json: found sha256 "))
    #expect(hub.scratch.names("cache/downloads/esmfold_v1") == ["config.json", "pytorch_model.bin"])
  }

  @Test func otherCommandsOfferToFetch() throws {
    let fasta = Data(">a\nMKTV\n".utf8)
    let fold = try Binary.run(["fold", "-o", "/nonexistent"], input: fasta)
    #expect(
      fold.status == 2 && fold.error.contains("(8.4 GB)") && fold.error.contains("esmfold weights fetch esmfold_v1"))
    let score = try Binary.run(["score"], input: fasta)
    #expect(score.status == 2 && score.error.contains("(2.6 GB)"))
    #expect(score.error.contains("esmfold weights fetch esm2_t33_650M_UR50D"))
    let named = try Binary.run(["score", "--model", "esm2_t36_3B_UR50D"], input: fasta)
    #expect(named.status == 2 && named.error.contains("`esmfold weights fetch esm2_t36_3B_UR50D` (11.4 GB)"))
  }
}
