// Downloads over TLS: which certificates they trust, and that nothing downgrades them.

import Foundation
import Glibc
import TestSupport
import Testing
import Transfer

@Suite struct SecureTests {
  private let scratch: Scratch
  /// The folder for certificates, separate from the download.
  private let certificates: Scratch

  init() throws {
    scratch = try Scratch()
    certificates = try Scratch()
  }

  private func secure(_ server: LoopbackServer, of names: String = "IP:127.0.0.1,DNS:localhost") throws -> SecureServer
  {
    try SecureServer(server, certificateIn: certificates.path, of: names)
  }

  private func download(_ url: String, trusting server: SecureServer) -> Download {
    var download = TransferTests.download(url, scratch)
    download.trust.file = server.certificate
    return download
  }

  @Test(arguments: ["file", "folder", "both"])
  func whatIsTrustedIsFetched(by place: String) throws {
    let plain = try LoopbackServer { request, number in
      var reply = LoopbackServer.Reply.file(content, request)
      if number == 0 { reply.breaksAfter = 50_000 }
      return reply
    }
    let server = try secure(plain)
    var download = TransferTests.download(server.url + "/file", scratch)
    let elsewhere = try Scratch()
    let other = try SecureServer(plain, certificateIn: elsewhere.path)
    switch place {
    case "file": download.trust.file = server.certificate
    case "folder": download.trust.folder = certificates.path
    // The file and the folder are independent: each is trusted whatever the other holds.
    default: download.trust = CertificateTrust(file: other.certificate, folder: certificates.path)
    }
    try download.run()
    #expect(scratch.bytes() == content && scratch.names == ["file"])
    #expect(plain.requests.map(\.firstByte) == [nil, 50_000])
  }

  @Test func strangersAreNotTrusted() throws {
    let plain = try LoopbackServer { request, _ in .file(content, request) }
    let server = try secure(plain), elsewhere = try Scratch()
    let other = try SecureServer(plain, certificateIn: elsewhere.path)
    for download in [
      TransferTests.download(server.url + "/file", scratch), download(server.url + "/file", trusting: other),
    ] {
      let told = Told()
      guard case .certificate? = failure(download, told.observer) else { throw Unexpected() }
      // Another attempt would not help.
      #expect(told.waits.isEmpty)
    }
    #expect(plain.requests.isEmpty && scratch.names.isEmpty)
  }

  @Test func aCertificateIsForItsHostOnly() throws {
    let plain = try LoopbackServer { request, _ in .file(content, request) }
    let server = try secure(plain, of: "DNS:models.invalid,IP:127.0.0.2")
    guard case .certificate? = failure(download(server.url + "/file", trusting: server)) else { throw Unexpected() }
    #expect(plain.requests.isEmpty && scratch.names.isEmpty)
  }

  // === Redirects ===

  /// Anyone on the path could answer in place of the plain server.
  @Test(arguments: ["https", "HTTPS"])
  func redirectsNeverLeaveTLS(scheme: String) throws {
    let open = try LoopbackServer { request, _ in .file(content, request) }
    let hub = try LoopbackServer { _, _ in .init(status: 302, headers: [("Location", open.url + "/file")]) }
    let server = try secure(hub)
    let url = "\(scheme)://127.0.0.1:\(server.port)/file"
    guard case .request(_, let reason)? = failure(download(url, trusting: server)) else { throw Unexpected() }
    #expect(reason.contains("redirects to a protocol that is not allowed here"))
    #expect(hub.requests.count == 1 && open.requests.isEmpty && scratch.names.isEmpty)
  }

  @Test("A second redirect cannot leave TLS, either") func redirectsNeverLeaveTLSLater() throws {
    let open = try LoopbackServer { request, _ in .file(content, request) }
    let hub = try LoopbackServer { request, _ in
      .init(status: 302, headers: [("Location", request.target == "/file" ? "/next" : open.url + "/file")])
    }
    let server = try secure(hub)
    guard case .request? = failure(download(server.url + "/file", trusting: server)) else { throw Unexpected() }
    #expect(hub.requests.map(\.target) == ["/file", "/next"] && open.requests.isEmpty && scratch.names.isEmpty)
  }

  @Test func redirectsWithinTLSAndIntoIt() throws {
    let storage = try LoopbackServer { request, _ in .file(content, request) }
    let secureStorage = try secure(storage)
    let target = "https://localhost:\(secureStorage.port)/there"
    let hub = try LoopbackServer { _, _ in .init(status: 302, headers: [("Location", target)]) }
    let names = "IP:127.0.0.1,DNS:localhost", elsewhere = try Scratch()
    let secureHub = try SecureServer(hub, certificateIn: elsewhere.path, of: names)
    // One file may hold several certificates.
    let both = try [secureStorage, secureHub].map { try String(contentsOfFile: $0.certificate, encoding: .utf8) }
    certificates.write("both.pem", Array(both.joined().utf8))
    for url in [secureHub.url, hub.url] {
      var download = TransferTests.download(url + "/file", scratch)
      download.trust.file = certificates.path + "/both.pem"
      download.bearer = "secret"
      try download.run()
      #expect(scratch.bytes() == content)
    }
    #expect(hub.requests.allSatisfy { $0.headers["authorization"] == "Bearer secret" } && hub.requests.count == 2)
    #expect(storage.requests.allSatisfy { $0.headers["authorization"] == nil } && storage.requests.count == 2)
  }

  // === Patience ===

  @Test("The download gives up on a server that accepts connections but never answers") func aServerThatNeverGreets()
    throws
  {
    let (listener, port) = try Loopback.listener()
    defer { close(listener) }
    var download = TransferTests.download("https://127.0.0.1:\(port)/file", scratch)
    download.policy.connectTimeout = 1
    download.policy.attemptsWithoutAnswer = 1
    // Ends even a program that keeps waiting.
    let end = ContinuousClock.now + .seconds(15)
    var observer = TransferObserver()
    observer.isCancelled = { ContinuousClock.now > end }
    guard case .unreachable? = failure(download, observer) else { throw Unexpected() }
    #expect(scratch.names.isEmpty)
  }
}
