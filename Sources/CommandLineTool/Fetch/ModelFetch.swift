// Fetching a model: look into the cache, look at what is downloaded already, download what is missing, import.

import ESMFoldKit
import Glibc
import Platform
import Transfer

/// One run of `weights fetch` for one model.
struct ModelFetch {
  let model: KnownModel
  let mirror: FetchMirror
  let options: FetchCommand.Options
  let context: CommandContext

  /// The word for `--model` afterwards.
  private var name: String { options.settings.name ?? model.name }
  private var isOffline: Bool { options.isOffline && !mirror.isLocal }
  private var diagnostics: Diagnostics { context.diagnostics }
  private var catalog: WeightsCatalog { WeightsCatalog(folder: context.cacheFolder) }
  private var downloads: String { context.cacheFolder + "/downloads" }
  /// The folder with the files of this model, as the import needs them.
  private var folder: String { "\(downloads)/\(model.name)" }
  /// The file of weights, or the index of its shards.
  private var weights: String { "\(folder)/\(model.weights.name)" }

  /// Makes sure that the model is in the cache.
  ///
  /// - Returns: the file in the cache.
  /// - Throws: `FetchError`, or what the catalog throws.
  func run() throws -> String {
    let before = try cached {
      diagnostics.warning("the model in the cache cannot be used and is downloaded again: \(Hints.message(of: $0))")
    }
    if let before, !options.overwrites {
      diagnostics.note("\(name) is in the cache already")
      return before.path
    }
    try create(context.cacheFolder)
    try create(downloads)
    let lock = try FetchLock("\(downloads)/\(model.name).lock") {
      diagnostics.note("another process is fetching \(model.name): waiting until it is done", event: "waiting")
    }
    defer { withExtendedLifetime(lock) {} }
    if let now = try cached({ _ in }), !options.overwrites || now.identity != before?.identity {
      diagnostics.note("\(name) has been fetched by another process")
      return now.path
    }
    try create(folder)
    context.temporaryFiles.promise("the part that has been downloaded is kept: the same command continues from there")
    if isOffline {
      try checkPresent()
    } else {
      defer { rmdir(folder) }  // where nothing has come
      try download()
    }
    let path = try importFiles()
    if !options.keepsDownloads { removeDownloads() }
    diagnostics.note(
      "\(name) is ready: --model \(name)", event: "fetched", [("model", .text(name)), ("file", .text(path))])
    return path
  }

  /// A usable model of that name in the cache, and which file it is; `complain` is told why one cannot be used.
  private func cached(_ complain: (ModelError) -> Void) throws -> (path: String, identity: FileIdentity?)? {
    guard let entry = try catalog.list().first(where: { $0.name == name }) else { return nil }
    if let problem = entry.problem {
      complain(problem)
      return nil
    }
    return (entry.path, FileIdentity(entry.path))
  }

  private func create(_ path: String) throws(FetchError) {
    do throws(SystemError) {
      try Folder.create(path)
    } catch {
      throw .system(error.renamed(path: error.path, action: "create the folder"))
    }
  }

  // MARK: Files

  /// Fetches what is missing: the configuration, the weights or their index, and what the index names.
  private func download() throws {
    diagnostics.note(
      "fetching \(model.name)" + (model.approximateSize.map { " (\($0))" } ?? "")
        + " from \(mirror.place(of: model))",
      event: "fetching", [("model", .text(model.name)), ("from", .text(mirror.place(of: model)))])
    var forecast = SpaceForecast(folder: context.cacheFolder)
    // The small file first: a wrong location is noticed at once.
    try fetch(model.configuration, &forecast)
    if !model.isSharded, let bytes = model.weights.bytes {
      try forecast.expect(bytes, present: present([model.weights]))
    }
    try fetch(model.weights, &forecast)
    guard model.isSharded else { return }
    let (shards, bytes) = try model.shards(ofIndex: weights)
    if let bytes { try forecast.expect(bytes, present: present(shards)) }
    for shard in shards { try fetch(shard, &forecast) }
  }

  /// Bytes of these files that are on disk, unfinished ones included.
  private func present(_ files: [KnownModel.File]) -> Int {
    files.reduce(0) { sum, file in
      let path = "\(folder)/\(file.name)"
      return sum + (FileStatus.sizeOfFile(path) ?? FileStatus.sizeOfFile(Download.partPath(of: path)) ?? 0)
    }
  }

  private func fetch(_ file: KnownModel.File, _ forecast: inout SpaceForecast) throws {
    let path = "\(folder)/\(file.name)"
    if let size = FileStatus.sizeOfFile(path) {
      if try isRight(file, path, size) { return forecast.finished(size) }
      unlink(path)
    }
    var download = Download(mirror.url(of: file.name, model), to: path)
    download.bytes = file.bytes
    download.digest = file.sha256.flatMap { Digest(.sha256, $0) }
    download.largest = model.largestBytes(of: file)
    let model = model
    download.inspect = { path in model.mismatch(of: file, at: path).map { ($0.found, $0.expected) } }
    download.agent = "esmfold/\(programVersion)"
    download.trust = trust
    // Plain http would expose the token.
    if mirror.isSecure, let token = variable("HF_TOKEN") {
      // A line end would begin another header.
      guard token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { throw FetchError.token }
      download.bearer = token
    }
    var observer = TransferObserver()
    let diagnostics = diagnostics
    observer.progress = { diagnostics.progress($0.fraction, "fetching \(file.name), \($0.words)") }
    observer.event = { Self.tell($0, of: file.name, diagnostics) }
    var refusal: FetchError?
    let before = forecast
    observer.accepting = { total, present in
      refusal = before.refusal(ofFile: total, present: present)
      return refusal == nil
    }
    do throws(TransferError) {
      try download.run(observer)
    } catch {
      throw refusal ?? .transfer(error, model: model.name)
    }
    let size = FileStatus.sizeOfFile(path) ?? 0
    diagnostics.detail("\(file.name): \(decimalBytes(size)) are here and right")
    forecast.finished(size)
  }

  private static func tell(_ event: TransferEvent, of file: String, _ diagnostics: Diagnostics) {
    switch event {
    case .resuming(let bytes, let total):
      diagnostics.note(
        "\(file): going on after \(decimalBytes(bytes))" + (total.map { " of \(decimalBytes($0))" } ?? ""),
        event: "resuming", [("file", .text(file)), ("bytes", .whole(bytes))])
    case .restarting(let reason):
      diagnostics.note(
        "\(file): starting again from the beginning: \(reason)", event: "restarting", [("file", .text(file))])
    case .waiting(let seconds, let error):
      diagnostics.note(
        "\(error); trying again in \(fixed(seconds, seconds < 10 ? 1 : 0)) s", event: "retrying",
        [("file", .text(file)), ("seconds", .decimal(seconds, 1))])
    }
  }

  /// Whether a file that already has its final name is the expected one.
  private func isRight(_ file: KnownModel.File, _ path: String, _ size: Int) throws(FetchError) -> Bool {
    do throws(FetchError) {
      try check(file, path, size)
      return true
    } catch {
      // As a pattern of the catch, Swift 6.2 does not compile it.
      guard case .wrongFile(_, let found, let expected) = error else { throw error }
      diagnostics.warning("\(path): found \(found), expected \(expected): it is downloaded again")
      return false
    }
  }

  private func check(_ file: KnownModel.File, _ path: String, _ size: Int) throws(FetchError) {
    if let expected = file.bytes, size != expected {
      throw .wrongFile(path: path, found: "\(size) bytes", expected: "\(expected)")
    }
    if let mismatch = model.mismatch(of: file, at: path) {
      throw .wrongFile(path: path, found: mismatch.found, expected: mismatch.expected)
    }
    guard let expected = file.sha256 else { return }
    diagnostics.detail("checking \(path)")
    diagnostics.progress(0, "checking \(file.name)")
    let found: Digest
    do throws(SystemError) {
      found = try Digest(ofFile: path)
    } catch {
      throw .transfer(.system(error), model: model.name)
    }
    if found.hexadecimal != expected {
      throw .wrongFile(path: path, found: "sha256 \(found.hexadecimal)", expected: expected)
    }
  }

  // MARK: Without network

  /// Makes sure that all files are present.
  private func checkPresent() throws {
    var missing = try absent(model.files)
    if missing.isEmpty, model.isSharded {
      missing = try absent(try model.shards(ofIndex: weights).files)
    } else if model.isSharded {
      missing.append("the shards that it names")
    }
    guard missing.isEmpty else {
      throw FetchError.offline(model: model.name, folder: folder, missing: missing, place: mirror.place(of: model))
    }
  }

  /// The names of the files that are missing; the others are checked.
  private func absent(_ files: [KnownModel.File]) throws -> [String] {
    var names: [String] = []
    for file in files {
      let path = "\(folder)/\(file.name)"
      if let size = FileStatus.sizeOfFile(path) { try check(file, path, size) } else { names.append(file.name) }
    }
    return names
  }

  // MARK: Import

  private func importFiles() throws -> String {
    var settings = options.settings
    settings.name = name
    // The folder will be removed, so the URL is recorded instead.
    if !isOffline { settings.origin = mirror.origin(of: model) }
    do {
      // Not the folder, which may hold other files that have not been checked.
      return try catalog.importModel(from: weights, to: nil, settings) {
        diagnostics.progress("importing", bytes: $0.bytesDone, of: $0.bytesTotal)
      }
    } catch {
      throw FetchError.refused(error, folder: folder)
    }
  }

  /// Removes what belongs to this model, and folders that are empty then.
  private func removeDownloads() {
    var files = model.files
    if model.isSharded, let named = try? model.shards(ofIndex: weights) { files += named.files }
    for file in files {
      unlink("\(folder)/\(file.name)")
      Download.removeParts(of: "\(folder)/\(file.name)")
    }
    rmdir(folder)
  }

  // MARK: Environment

  private func variable(_ name: String) -> String? { context.environment(name).flatMap { $0.isEmpty ? nil : $0 } }

  /// Certificates as the `curl` program finds them.
  private var trust: CertificateTrust {
    CertificateTrust(file: variable("CURL_CA_BUNDLE") ?? variable("SSL_CERT_FILE"), folder: variable("SSL_CERT_DIR"))
  }
}

/// The disk space that downloads and import need, compared with the free space.
private struct SpaceForecast {
  let folder: String
  /// Bytes of all files of weights, as far as that is known.
  private var expected = 0
  /// Bytes of files that are finished.
  private var finished = 0

  init(folder: String) { self.folder = folder }

  /// - Parameters:
  ///   - bytes: the size of all files of weights together.
  ///   - present: how much of it is on disk.
  /// - Throws: `FetchError.noRoom`.
  mutating func expect(_ bytes: Int, present: Int) throws(FetchError) {
    expected = bytes
    if let refusal = refusal(needed: max(0, bytes - present), bytes) { throw refusal }
  }

  mutating func finished(_ bytes: Int) { finished += bytes }

  /// Why a file of `total` bytes, of which some are present, cannot be downloaded; nil when it can.
  func refusal(ofFile total: Int, present: Int) -> FetchError? {
    let (sum, overflow) = finished.addingReportingOverflow(total)
    let all = overflow ? Int.max : max(expected, sum)
    return refusal(needed: max(0, all - finished - present), all)
  }

  /// The import needs about as much again as all files have. (The import checks again when it knows the exact size.)
  private func refusal(needed: Int, _ imported: Int) -> FetchError? {
    guard let free = try? Folder.freeSpace(in: folder) else { return nil }
    let (both, overflow) = needed.addingReportingOverflow(imported)
    if free == Int.max || !overflow && both <= free { return nil }
    return .noRoom(folder: folder, needed: overflow ? Int.max : both, free: free)
  }
}
