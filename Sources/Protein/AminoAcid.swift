// The twenty amino acids.
// The order is AlphaFold 2's (`ARNDCQEGHILKMFPSTWYV`, then X); the language model orders its tokens differently.

/// One of the twenty amino acids; the raw value is its place in AlphaFold 2's order.
package enum AminoAcid: Int, CaseIterable, Sendable {
  case alanine, arginine, asparagine, asparticAcid, cysteine, glutamine, glutamicAcid, glycine, histidine, isoleucine
  case leucine, lysine, methionine, phenylalanine, proline, serine, threonine, tryptophan, tyrosine, valine
}

extension UInt8 {
  var isASCIILowercase: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) }
  var isASCIIUppercase: Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) }
  /// Space, tab, vertical tab or form feed.
  var isBlank: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") || self == 0x0B || self == 0x0C }
  var isASCIIDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
  /// Neither ends a line nor the text.
  var isInsideLine: Bool { self != UInt8(ascii: "\n") && self != UInt8(ascii: "\r") && self != 0 }
}
