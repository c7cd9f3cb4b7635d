// One request: asks for the file from a given byte on, checks the answer before storing it, and reports the outcome.

internal import CCurl
import Platform

/// A request in progress. libcurl calls back into it, on the thread that performs it.
final class Exchange {
  /// How a request ended.
  enum Outcome {
    case complete
    /// The part file does not match what the server has now: it is discarded, and the next request asks for everything.
    case stale(String)
    case failed(TransferError, retryAfter: Int)
  }

  private let download: Download
  private let file: PartialFile
  private let observer: TransferObserver
  private var meter = RateMeter()
  private var headers = ResponseHeaders()
  /// The file that the part file belongs to, according to the last answer with a body.
  private(set) var record: ResumeRecord
  /// The byte that was asked for.
  private let offset: Int
  /// Whether the answer's first byte has been looked at.
  private var hasBegun = false
  private var verdict: Outcome?
  /// Bytes of headers, and of bodies that are not the file, which a server may send without end.
  private var headerBytes = 0, otherBytes = 0
  private static let largestHeaders = 1 << 20, largestOther = 1 << 16
  /// What the server calls the content.
  var contentType: String? { headers.contentType }
  /// Whether any server has answered.
  private(set) var wasAnswered = false
  private let handle: UnsafeMutableRawPointer

  init(_ download: Download, into file: PartialFile, record: ResumeRecord, _ observer: TransferObserver)
    throws(TransferError)
  {
    if let reason = TransferLibrary.whyNotReady { throw .library(reason: reason) }
    guard let handle = ccurl_new() else { throw .library(reason: "cannot be initialised") }
    self.handle = handle
    self.download = download
    self.file = file
    self.record = record
    self.observer = observer
    offset = file.length
  }

  deinit { ccurl_free(handle) }

  // MARK: Request

  func perform() -> Outcome {
    var list: UnsafeMutablePointer<curl_slist>?
    defer { ccurl_free_list(list) }
    setOptions()
    if offset > 0 {
      ccurl_set_text(handle, CURLOPT_RANGE, "\(offset)-")
      if let validator = record.validator { list = ccurl_appended(list, "If-Range: \(validator)") }
    }
    ccurl_set_list(handle, CURLOPT_HTTPHEADER, list)
    meter.restart(offset)
    let explanation = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    explanation.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    defer { explanation.deallocate() }
    ccurl_set_callbacks(
      handle,
      { bytes, size, count, context in
        guard let bytes, let context else { return 0 }
        let body = UnsafeRawBufferPointer(start: bytes, count: size * count)
        return Exchange.at(context).receive(body) ? body.count : 0
      },
      { bytes, size, count, context in
        guard let bytes, let context else { return 0 }
        let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
        return Exchange.at(context).receive(header: line) ? line.count : 0
      },
      { context, _, _, _, _ in
        guard let context else { return 1 }
        return Exchange.at(context).isGoingOn() ? 0 : 1
      }, Unmanaged.passUnretained(self).toOpaque(), explanation)
    let code = ccurl_perform(handle)
    wasAnswered = headers.status != 0 || ccurl_proxy_status(handle) != 0
    return outcome(code, String(cString: explanation))
  }

  private static func at(_ context: UnsafeMutableRawPointer) -> Exchange {
    Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
  }

  private func setOptions() {
    let policy = download.policy
    ccurl_set_text(handle, CURLOPT_URL, download.url)
    ccurl_set_text(handle, CURLOPT_USERAGENT, download.agent)
    // After a redirect to plain http, anyone on the path could substitute another file.
    ccurl_set_protocols(handle, download.url.lowercased().hasPrefix("https:") ? 1 : 0)
    for (option, number) in [
      // Timeouts by signals do not work with threads.
      (CURLOPT_NOSIGNAL, 1), (CURLOPT_FOLLOWLOCATION, 1), (CURLOPT_MAXREDIRS, policy.redirects),
      (CURLOPT_CONNECTTIMEOUT, policy.connectTimeout), (CURLOPT_LOW_SPEED_LIMIT, policy.lowSpeed),
      (CURLOPT_LOW_SPEED_TIME, policy.lowSpeedTime), (CURLOPT_TCP_KEEPALIVE, 1), (CURLOPT_BUFFERSIZE, 256 << 10),
      (CURLOPT_SUPPRESS_CONNECT_HEADERS, 1),
    ] {
      ccurl_set_number(handle, option, number)
    }
    // libcurl itself finds a proxy in the environment, but leaves certificates to the program.
    if let path = download.trust.file { ccurl_set_text(handle, CURLOPT_CAINFO, path) }
    if let path = download.trust.folder { ccurl_set_text(handle, CURLOPT_CAPATH, path) }
    if let token = download.bearer { ccurl_set_bearer(handle, token) }
  }

  // MARK: Callbacks

  private func isGoingOn() -> Bool {
    if observer.isCancelled() {
      verdict = .failed(.cancelled(url: download.url), retryAfter: 0)
      return false
    }
    if hasBegun {
      meter.note(file.length)
      observer.progress(meter.progress(file.length, of: record.total))
    }
    return true
  }

  /// Receives a line of the headers; `false` ends the request.
  private func receive(header bytes: UnsafeRawBufferPointer) -> Bool {
    headerBytes += bytes.count
    guard headerBytes <= Self.largestHeaders else {
      verdict = failure(.request(url: download.url, reason: "found headers without end, expected an answer"))
      return false
    }
    headers.take(String(decoding: bytes, as: UTF8.self)[...])
    return true
  }

  /// Receives a piece of the body; `false` ends the request.
  private func receive(_ bytes: UnsafeRawBufferPointer) -> Bool {
    // The body of an error or a redirect is not the file, and is of no interest.
    if headers.status != 0, headers.status != 200, headers.status != 206 {
      otherBytes += bytes.count
      return otherBytes <= Self.largestOther
    }
    if !hasBegun { begin() }
    guard verdict == nil else { return false }
    if let total = record.total ?? download.bytes, file.length + bytes.count > total {
      verdict = failure(.size(url: download.url, found: file.length + bytes.count, expected: total))
      return false
    }
    guard file.length <= download.largest, bytes.count <= download.largest - file.length else {
      verdict = failure(
        .tooLarge(url: download.url, bytes: file.length + bytes.count, isStated: false, limit: download.largest))
      return false
    }
    do throws(TransferError) {
      try file.append(bytes)
      return true
    } catch {
      verdict = failure(error)
      return false
    }
  }

  private func failure(_ error: TransferError) -> Outcome { .failed(error, retryAfter: 0) }

  // MARK: Answer

  /// Examines an answer with status 200 or 206, or a file, before anything is stored; may decide the outcome.
  private func begin() {
    hasBegun = true
    if headers.status == 206 { checkRange() } else { beginAnew() }
    guard verdict == nil, let total = record.total else { return }
    if let expected = download.bytes ?? headers.linkedSize, expected != total {
      verdict = failure(.size(url: download.url, found: total, expected: expected))
    } else if !observer.accepting(total, file.length) {
      verdict = failure(.refused(url: download.url, bytes: total))
    } else if total > download.largest {
      verdict = failure(.tooLarge(url: download.url, bytes: total, isStated: true, limit: download.largest))
    }
  }

  /// The whole file is sent: the server ignores ranges, the file has changed, or there was no part file.
  private func beginAnew() {
    if offset > 0 { observer.event(.restarting(because: "the server sends the file from its beginning")) }
    record = ResumeRecord(download)
    record.etag = headers.strongETag
    record.lastModified = headers.lastModified
    record.sha256 = headers.linkedDigest?.hexadecimal
    let length = Int(ccurl_content_length(handle))
    if length >= 0 { record.total = length }
    do throws(TransferError) {
      try file.restart()
      try record.write(besides: file.path)
    } catch {
      verdict = failure(error)
    }
    meter.restart(0)
  }

  /// Whether the piece continues the part file and belongs to the same file.
  private func checkRange() {
    guard offset > 0, let range = headers.range, range.first == offset else {
      let found = headers.contentRange ?? "nothing"
      verdict =
        offset > 0
        ? .stale("the server sent another piece (\(found))")
        : failure(.range(url: download.url, found: found, expected: 0))
      return
    }
    // Servers should honour If-Range, but not all do.
    if let before = record.etag, let now = headers.etag, before != now {
      verdict = .stale("the file has changed on the server")
    } else if record.etag == nil, let before = record.lastModified, let now = headers.lastModified, before != now {
      verdict = .stale("the file has changed on the server")
    } else if let before = record.total, let now = range.total, before != now {
      verdict = .stale("the file has changed on the server")
    } else if record.total == nil {
      record.total = range.total
    }
  }

  private func outcome(_ code: CURLcode, _ explanation: String) -> Outcome {
    if let verdict { return verdict }
    // Of an answer that was cut off here, the status counts.
    guard code == CURLE_OK || otherBytes > Self.largestOther else {
      return .failed(error(code, explanation), retryAfter: 0)
    }
    switch headers.status {
    case 0, 200, 206:
      // An empty file.
      if !hasBegun { begin() }
      if let verdict { return verdict }
    case 416:
      // Everything has already arrived, or more than that.
      if offset > 0, let total = headers.range?.total, total == offset, record.total ?? total == total {
        return .complete
      }
      return offset > 0
        ? .stale("the server does not have the piece that is missing")
        : failure(.status(url: download.url, code: 416))
    case let status:
      let wait = Int(ccurl_retry_after(handle))
      if wait > download.policy.longestRetryAfter {
        return failure(.busy(url: download.url, code: status, seconds: wait))
      }
      return .failed(.status(url: download.url, code: status), retryAfter: wait)
    }
    if let total = record.total, file.length < total {
      return failure(.broken(url: download.url, reason: "\(file.length) of \(total) bytes have come"))
    }
    return .complete
  }

  private func error(_ code: CURLcode, _ explanation: String) -> TransferError {
    let url = download.url
    let reason = explanation.isEmpty ? String(cString: ccurl_words(code)) : explanation
    let proxyStatus = Int(ccurl_proxy_status(handle))
    if headers.status == 0, proxyStatus >= 400 { return .proxy(url: url, code: proxyStatus) }
    switch code {
    case CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT, CURLE_SSL_CONNECT_ERROR:
      return .unreachable(url: url, reason: reason)
    case CURLE_OPERATION_TIMEDOUT where headers.status == 0:
      return .unreachable(url: url, reason: reason)
    case CURLE_OPERATION_TIMEDOUT, CURLE_PARTIAL_FILE, CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR,
      CURLE_HTTP2, CURLE_HTTP2_STREAM, CURLE_WEIRD_SERVER_REPLY:
      return .broken(url: url, reason: reason)
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR:
      return .certificate(url: url, reason: reason)
    case CURLE_UNSUPPORTED_PROTOCOL where headers.status != 0:
      return .request(url: url, reason: "redirects to a protocol that is not allowed here: \(reason)")
    default:
      return .request(url: url, reason: reason)
    }
  }
}
