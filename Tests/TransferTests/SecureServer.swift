// TLS in front of a loopback server, with a certificate made for the test.

import CTLS
import Foundation
import Glibc
import TestSupport

/// Accepts TLS connections and forwards each request to a `LoopbackServer`, and its reply back.
final class SecureServer: Sendable {
  /// An OpenSSL call failed.
  struct Failure: Error { let call: String }

  /// The port on 127.0.0.1.
  let port: Int
  /// A PEM file with the self-signed certificate, alone in its folder, as `HASH.0`, so that the folder
  /// can be trusted too.
  let certificate: String
  private let listener: Int32
  private let inner: LoopbackServer
  /// Shared by the threads of all connections, as OpenSSL allows.
  nonisolated(unsafe) private let context: OpaquePointer

  /// - Parameters:
  ///   - inner: The server that answers.
  ///   - folder: The folder for the certificate.
  ///   - names: The certificate's subject alternative names in OpenSSL's format.
  /// - Throws: `Failure`, or `Loopback.Failure` if no port is available.
  init(_ inner: LoopbackServer, certificateIn folder: String, of names: String = "IP:127.0.0.1,DNS:localhost") throws {
    self.inner = inner
    guard let context = SSL_CTX_new(TLS_server_method()) else { throw Failure(call: "SSL_CTX_new") }
    self.context = context
    certificate = try Self.makeCertificate(of: names, in: folder, for: context)
    (listener, port) = try Loopback.listener()
    let listener = listener
    Thread.detachNewThread { [weak self] in
      // Closed here, once nothing can be accepted any more: no other server gets the number while this thread uses it.
      defer { close(listener) }
      while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { return }
        guard let server = self else {
          close(connection)
          continue
        }
        Thread.detachNewThread { server.serve(connection) }
      }
    }
  }

  deinit {
    shutdown(listener, Int32(SHUT_RDWR))
    SSL_CTX_free(context)
  }

  /// `https://127.0.0.1:PORT`
  var url: String { "https://127.0.0.1:\(port)" }

  // MARK: One connection

  private func serve(_ connection: Int32) {
    defer { close(connection) }
    // A client that disconnects early must not end the process; a pending signal ends with the thread.
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    guard let tls = SSL_new(context) else { return }
    defer { SSL_free(tls) }
    guard SSL_set_fd(tls, connection) == 1, SSL_accept(tls) == 1, let request = Self.readRequest(tls) else { return }
    guard let plain = Loopback.connection(to: inner.port) else { return }
    defer { close(plain) }
    guard send(plain, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else { return }
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = recv(plain, &block, block.count, 0)
      guard count > 0, SSL_write(tls, block, Int32(count)) == Int32(count) else { break }
    }
    SSL_shutdown(tls)
  }

  private static func readRequest(_ tls: OpaquePointer) -> [UInt8]? {
    var request: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 4096)
    while !request.suffix(4).elementsEqual("\r\n\r\n".utf8) {
      let count = SSL_read(tls, &block, Int32(block.count))
      guard count > 0, request.count < 1 << 16 else { return nil }
      request += block[..<Int(count)]
    }
    return request
  }

  // MARK: Certificate

  /// Valid from an hour ago for a day.
  private static func makeCertificate(of names: String, in folder: String, for context: OpaquePointer) throws -> String
  {
    func check(_ isDone: Bool, _ call: String) throws { if !isDone { throw Failure(call: call) } }
    let generator = EVP_PKEY_CTX_new_id(EVP_PKEY_ED25519, nil)
    defer { EVP_PKEY_CTX_free(generator) }
    var key: OpaquePointer?
    try check(EVP_PKEY_keygen_init(generator) == 1 && EVP_PKEY_keygen(generator, &key) == 1, "EVP_PKEY_keygen")
    defer { EVP_PKEY_free(key) }
    let certificate = X509_new()
    defer { X509_free(certificate) }
    try check(X509_set_version(certificate, 2) == 1 && X509_set_pubkey(certificate, key) == 1, "X509_set_version")
    try check(ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1) == 1, "ASN1_INTEGER_set")
    try check(X509_gmtime_adj(X509_getm_notBefore(certificate), -3600) != nil, "X509_gmtime_adj")
    try check(X509_gmtime_adj(X509_getm_notAfter(certificate), 86_400) != nil, "X509_gmtime_adj")
    // Every certificate has a unique name, by which a client finds the issuer.
    let name = X509_get_subject_name(certificate)
    try check(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, UUID().uuidString, -1, -1, 0) == 1, "X509_NAME")
    try check(X509_set_issuer_name(certificate, name) == 1, "X509_set_issuer_name")
    for (kind, value) in [(NID_subject_alt_name, names), (NID_basic_constraints, "critical,CA:TRUE")] {
      let part = X509V3_EXT_conf_nid(nil, nil, kind, value)
      defer { X509_EXTENSION_free(part) }
      try check(part != nil && X509_add_ext(certificate, part, -1) == 1, "X509_add_ext")
    }
    try check(X509_sign(certificate, key, nil) > 0, "X509_sign")
    try check(SSL_CTX_use_certificate(context, certificate) == 1, "SSL_CTX_use_certificate")
    try check(SSL_CTX_use_PrivateKey(context, key) == 1, "SSL_CTX_use_PrivateKey")
    let hash = String(X509_subject_name_hash(certificate), radix: 16)
    let path = "\(folder)/\(String(repeating: "0", count: 8 - hash.count))\(hash).0"
    guard let file = fopen(path, "w") else { throw Failure(call: "fopen") }
    defer { fclose(file) }
    try check(PEM_write_X509(file, certificate) == 1, "PEM_write_X509")
    return path
  }
}
