// Finds the name that was probably meant.

/// The number of insertions, deletions, substitutions and transpositions that turn `a` into `b` (Damerau-Levenshtein
/// distance, restricted).
package func editDistance(_ a: String, _ b: String) -> Int {
  let a = Array(a.utf8)
  let b = Array(b.utf8)
  var beforeLast: [Int] = []
  var last = Array(0...b.count)
  for i in 0..<a.count {
    var row = [i + 1]
    row.reserveCapacity(b.count + 1)
    for j in 0..<b.count {
      var cost = min(last[j] + (a[i] == b[j] ? 0 : 1), min(last[j + 1], row[j]) + 1)
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, beforeLast[j - 1] + 1) }
      row.append(cost)
    }
    (beforeLast, last) = (last, row)
  }
  return last[b.count]
}

/// The candidate closest to `name`, or nil when none is close enough to be a likely typo.
///
/// A candidate that begins with the whole of `name` (or the other way round) counts as close.
package func nearest(to name: String, among candidates: [String]) -> String? {
  guard name.utf8.count <= 64 else { return nil }
  func distance(_ candidate: String) -> Int {
    let letters = name.utf8.count { $0 != UInt8(ascii: "-") }
    if letters >= 3, candidate.hasPrefix(name) || name.hasPrefix(candidate) { return 1 }
    return editDistance(name, candidate)
  }
  let best = candidates.map { (name: $0, distance: distance($0)) }.min { $0.distance < $1.distance }
  guard let best, best.distance <= max(1, name.utf8.count / 3) else { return nil }
  return best.name
}
