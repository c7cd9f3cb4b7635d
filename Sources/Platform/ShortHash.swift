// A hash that is the same in every run, for tables on the disk and names of files; not against forgers.

/// FNV-1a with 64 bits.
package func shortHash(_ bytes: some Sequence<UInt8>) -> UInt64 {
  bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
}
