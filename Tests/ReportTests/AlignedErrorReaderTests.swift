// Aligned errors read back from the JSON of this program, of the AlphaFold database and of ColabFold.

import Report
import Testing

@Suite struct AlignedErrorReaderTests {
  private func read(_ text: String) throws(ResultError) -> ReadErrors { try AlignedErrorReader.read(Array(text.utf8)) }

  @Test func aFileOfThisProgram() throws {
    let found = try read(
      "[{\"request_sha256\":\"ab\",\"predicted_aligned_error\":[[0.3,1.7],[25.0,31.7]],"
        + "\"max_predicted_aligned_error\":31.75}]\n")
    #expect(found.size == 2 && found.tenths == [3, 17, 250, 317])
    #expect(found.maximum == "31.75" && found.digest == "ab")
    // Low bytes, then high bytes: 250 is 0xFA, 317 is 0x13D.
    #expect(found.bytePlanes == [3, 17, 0xFA, 0x3D, 0, 0, 0, 1])
  }

  @Test(
    "Forms of other programs",
    arguments: [
      "[ { \"predicted_aligned_error\" : [ [ 0 , 12 ] ,\n[ 1 , 30 ] ] , \"max_predicted_aligned_error\":31.75 } ]",
      "{\"max_predicted_aligned_error\":30.9,\"predicted_aligned_error\":[[0.0,12.04],[0.95,30.00]]}",
      "{\"plddt\":[90.1,[2],{\"a\":\"]\"}],\"max_pae\":-1e3,\"x\":null,\"pae\":[[0,12.0],[1.0,29.951]],\"ptm\":0.5}",
    ])
  func forms(_ text: String) throws {
    #expect(try read(text).tenths == [0, 120, 10, 300])
  }

  @Test(
    "Errors are rounded to tenths",
    arguments: [
      ("0.04", 0), ("0.05", 1), ("0.949", 9), ("0.95", 10), ("7", 70), ("6553.5", 65535), ("00.10", 1), ("3.14159", 31),
    ])
  func rounding(_ text: String, _ tenths: UInt16) throws {
    #expect(try read("{\"pae\":[[\(text)]]}").tenths == [tenths])
  }

  @Test(
    "What is no square of numbers is refused, and where that is",
    arguments: [
      ("", "byte 1: found other text, expected an object"),
      ("{\"a\":1}", "found no predicted_aligned_error"),
      ("{\"pae\":[[1,2],[3]]}", "row 2: found 1 errors, expected 2"),
      ("{\"pae\":[[1,2],[3,4],[5,6]]}", "found 3 rows of 2 errors, expected a square"),
      ("{\"pae\":[[1,2]]}", "found 1 rows of 2 errors, expected a square"),
      ("{\"pae\":[[]]}", "found no number from 0 to 6553"),
      ("{\"pae\":[]}", "found no list, expected row 1"),
      ("{\"pae\":[[-1]]}", "byte 10: found no number from 0 to 6553"),
      ("{\"pae\":[[6553.6]]}", "found no number from 0 to 6553"),
      ("{\"pae\":[[99999999999999999999999999]]}", "found no number from 0 to 6553"),
      ("{\"pae\":[[1.]]}", "found no number"),
      ("{\"pae\":[[NaN]]}", "found no number"),
      ("{\"pae\":[[1]]", "found other text after a value"),
      ("{\"pae\":[[1]],\"x\":[[[[", "found the end of the file within a value"),
      ("{\"pae", "found the end of the file within a text"),
    ])
  func refusals(_ text: String, _ message: String) {
    do throws(ResultError) {
      _ = try read(text)
      Issue.record("nothing was thrown")
    } catch {
      #expect("\(error)".contains(message), "\(error)")
    }
  }

  @Test func everyCutAndEveryChangedByteIsReadOrRefused() {
    let text = Array("[{\"a\":{\"b\":[1,\"x\"]},\"predicted_aligned_error\":[[0.3,1.7],[2.0,31.7]],\"m\":1}]".utf8)
    for count in 0...text.count { _ = try? AlignedErrorReader.read(Array(text[..<count])) }
    for place in text.indices {
      for byte in UInt8.min...UInt8.max {
        var changed = text
        changed[place] = byte
        _ = try? AlignedErrorReader.read(changed)
      }
    }
  }
}
