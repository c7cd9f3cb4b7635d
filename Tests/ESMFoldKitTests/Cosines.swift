// Weights of fingerprints.

import Glibc

/// cos(k): no two positions of a row have the same weight.
enum Cosines {
  static let values = (0..<270 * 64).map { cos(Double($0)) }
}
