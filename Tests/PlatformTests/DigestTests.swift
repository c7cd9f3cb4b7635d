// Digests against the examples of FIPS 180-2 and RFC 1321, and NIST's long one.

import Glibc
import Platform
import Testing

@Suite struct DigestTests {
  private static let sha256OfNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

  @Test(arguments: [
    ("", sha256OfNothing), ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ])
  func published(text: String, digest: String) {
    #expect(Digest(of: text).hexadecimal == digest)
  }

  @Test func inPieces() {
    var digest = RunningDigest()
    let piece = [UInt8](repeating: UInt8(ascii: "a"), count: 1000)
    for _ in 0..<1000 { piece.withUnsafeBytes { digest.update($0) } }
    #expect(digest.finish().hexadecimal == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  @Test("Files of several blocks, with a partial last block, and empty files") func files() throws {
    let scratch = try ScratchFolder()
    let empty = try scratch.write("empty", ""), abc = try scratch.write("abc", "abc")
    #expect(try Digest(ofFile: empty).hexadecimal == Self.sha256OfNothing)
    #expect(try Digest(ofFile: abc, .md5).hexadecimal == "900150983cd24fb0d6963f7d28e17f72")
    // Blocks are of 1 MiB.
    let text = String(repeating: "0123456789", count: 250_001), long = try scratch.write("long", text)
    #expect(try Digest(ofFile: long) == Digest(of: text))
    #expect(failure(try Digest(ofFile: scratch.path)) == SystemError(path: scratch.path, action: "open", code: EISDIR))
    mkfifo(scratch("pipe"), 0o600)
    #expect(failure(try Digest(ofFile: scratch("pipe")))?.code == EISDIR)
    #expect(
      failure(try Digest(ofFile: scratch("no"))) == SystemError(path: scratch("no"), action: "open", code: ENOENT))
  }

  @Test func digestsAreHexadecimalDigitsAndNothingElse() {
    let allButLast = Self.sha256OfNothing.dropLast()
    for character in "/:@G`g\u{E9} " { #expect(Digest(.sha256, allButLast + String(character)) == nil, "\(character)") }
    for character in "09afAF" { #expect(Digest(.sha256, allButLast + String(character)) != nil) }
    #expect(Digest(.md5, Self.sha256OfNothing) == nil && Digest(.sha256, Self.sha256OfNothing + "0") == nil)
    #expect(Digest(.md5, "900150983CD24FB0D6963F7D28E17F72")?.hexadecimal == "900150983cd24fb0d6963f7d28e17f72")
  }
}
