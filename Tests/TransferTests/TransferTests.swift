import Testing
import Transfer

@Suite struct TransferTests {
  @Test func version() { #expect(!TransferLibrary.version.isEmpty) }
}
