// Text of others where there is little room.

/// The beginning of a text that is about so many letters wide, with `…` where something is cut; wide scripts count twice.
func shortened(_ text: String, to width: Int) -> String {
  var columns = 0, kept = ""
  for character in text {
    let isWide = character.unicodeScalars.contains { $0.value >= 0x1100 }
    columns += isWide ? 2 : 1
    // Piles of accents are one character of any length.
    guard columns <= width, character.unicodeScalars.count <= 16 else { return kept + "…" }
    kept.append(character)
  }
  return kept
}
