// Operations of the network's parts counted by hand: every matrix product with its three sizes, as the published modules
// have them. None of this is taken from the program.

/// A product of an m × k and a k × n matrix, repeated.
private struct Product {
  let count: Int, m: Int, k: Int, n: Int
  var operations: Int { 2 * count * m * k * n }
}

/// Sizes of a model.
struct ModelSizes {
  let layers: Int, width: Int, hidden: Int
  let blocks: Int, cS: Int, sequenceHeads: Int, cZ: Int, pairHeads: Int
  let iterations: Int, c: Int, heads: Int, angleWidth: Int
  /// Sizes of invariant point attention in both models.
  private let headWidth = 16, queryPoints = 4, valuePoints = 8

  /// facebook/esmfold_v1 with its 3B language model.
  static let published = ModelSizes(
    layers: 36, width: 2560, hidden: 10240, blocks: 48, cS: 1024, sequenceHeads: 32, cZ: 128, pairHeads: 4,
    iterations: 8, c: 384, heads: 12, angleWidth: 128)
  /// The embedded model, according to its README.
  static let demo = ModelSizes(
    layers: 6, width: 128, hidden: 512, blocks: 4, cS: 128, sequenceHeads: 4, cZ: 32, pairHeads: 2, iterations: 4,
    c: 96, heads: 4, angleWidth: 64)

  private func sum(_ products: [Product]) -> Double { Double(products.reduce(0) { $0 + $1.operations }) }

  /// Keyed by the name of the update's row, for L residues.
  func update(_ name: String, _ l: Int) -> Double? {
    let pairs = l * l
    switch name {
    case "pair_to_sequence": return sum([Product(count: 1, m: pairs, k: cZ, n: sequenceHeads)])
    case "seq_attention":
      let d = cS / sequenceHeads
      return sum([
        Product(count: 3, m: l, k: cS, n: cS), Product(count: 2, m: l, k: cS, n: cS),
        Product(count: sequenceHeads, m: l, k: d, n: l), Product(count: sequenceHeads, m: l, k: l, n: d),
      ])
    case "mlp_seq": return sum([Product(count: 1, m: l, k: cS, n: 4 * cS), Product(count: 1, m: l, k: 4 * cS, n: cS)])
    case "sequence_to_pair":
      return sum([Product(count: 1, m: l, k: cS, n: cZ), Product(count: 1, m: pairs, k: cZ, n: cZ)])
    case "tri_mul_out", "tri_mul_in":
      return sum([Product(count: 6, m: pairs, k: cZ, n: cZ), Product(count: cZ, m: l, k: l, n: l)])
    case "tri_att_start", "tri_att_end":
      let d = cZ / pairHeads, lines = l * pairHeads
      return sum([
        Product(count: 5, m: pairs, k: cZ, n: cZ), Product(count: 1, m: pairs, k: cZ, n: pairHeads),
        Product(count: lines, m: l, k: d, n: l), Product(count: lines, m: l, k: l, n: d),
      ])
    case "mlp_pair":
      return sum([Product(count: 1, m: pairs, k: cZ, n: 4 * cZ), Product(count: 1, m: pairs, k: 4 * cZ, n: cZ)])
    case "trunk block":
      let names = [
        "pair_to_sequence", "seq_attention", "mlp_seq", "sequence_to_pair", "tri_mul_out", "tri_mul_in",
        "tri_att_start", "tri_att_end", "mlp_pair",
      ]
      return names.reduce(0) { $0 + (update($1, l) ?? 0) }
    case "structure module": return structure(l)
    default: return nil
    }
  }

  private func structure(_ l: Int) -> Double {
    let pairs = l * l, points = queryPoints + valuePoints
    let once = [
      Product(count: 1, m: l, k: cS, n: c), Product(count: 1, m: pairs, k: cZ, n: cZ),
      Product(count: 1, m: l, k: c, n: c), Product(count: 1, m: pairs, k: cZ, n: heads),
      // The network of the angles.
      Product(count: 2, m: l, k: c, n: angleWidth), Product(count: 4, m: l, k: angleWidth, n: angleWidth),
      Product(count: 1, m: l, k: angleWidth, n: 14),
    ]
    let iteration = [
      // q, k and v; points of q, and of k and v together.
      Product(count: 3, m: l, k: c, n: heads * headWidth), Product(count: 1, m: l, k: c, n: heads * queryPoints * 3),
      Product(count: 1, m: l, k: c, n: heads * points * 3),
      // Scores, then what they weight: values, points, pairs.
      Product(count: heads, m: l, k: headWidth, n: l), Product(count: heads, m: l, k: l, n: headWidth),
      Product(count: heads, m: l, k: l, n: valuePoints * 3), Product(count: heads, m: l, k: l, n: cZ),
      Product(count: 1, m: l, k: heads * (headWidth + 4 * valuePoints + cZ), n: c),
      // Transition and backbone.
      Product(count: 3, m: l, k: c, n: c), Product(count: 1, m: l, k: c, n: 6),
    ]
    return sum(once) + Double(iterations) * sum(iteration)
  }

  /// A layer of the language model on t tokens.
  func layer(_ t: Int) -> Double {
    sum([
      Product(count: 4, m: t, k: width, n: width), Product(count: 1, m: t, k: width, n: hidden),
      Product(count: 1, m: t, k: hidden, n: width), Product(count: 1, m: t, k: width, n: t),
      Product(count: 1, m: t, k: t, n: width),
    ])
  }

  /// Bytes of a layer's float16 weights with biases and norms.
  var layerBytes: Int {
    2 * (4 * (width * width + width) + 2 * width * hidden + hidden + width + 4 * width)
  }

  /// Keyed by the name of the stage; nil for stages that are not counted.
  func stage(_ name: String, _ l: Int, passes: Int) -> Double? {
    let languageModel = Double(layers) * layer(l + 2)
    guard let block = update("trunk block", l) else { return nil }
    let pass = Double(blocks) * block, structure = structure(l)
    switch name {
    case "language model": return languageModel
    case "trunk pass": return pass
    case "structure module": return structure
    case "whole": return languageModel + Double(passes) * (pass + structure)
    default: return nil
    }
  }
}

/// What a kernel call multiplies, or reads and writes, from the name of its row.
enum KernelCounts {
  /// - Parameters:
  ///   - name: `kernel sizes`, as `product 96×512×128`.
  ///   - width: Bytes of a value in the row's precision.
  /// - Returns: Operations and bytes; nil for an unknown name.
  static func work(_ name: String, width: Int) -> (operations: Int, bytes: Int)? {
    let sizes =
      name.split(separator: " ").filter { $0.contains("×") }.last?
      .split(whereSeparator: { $0 == "×" || $0 == "," }).compactMap { Int($0) } ?? []
    let size = sizes.reduce(1, *)
    let stored = name.contains("16 packed") || name.hasSuffix("16") ? 2 : 4
    if sizes.count == 3, name.hasPrefix("rotate") { return (0, 2 * 4 * size) }
    if sizes.count == 3 { return (2 * size, 0) }
    if name.hasPrefix("layer norm") || name.hasPrefix("scale rows") { return (0, 2 * 4 * size) }
    // x and the gate are read, and so is the accumulator.
    if name.hasPrefix("gate ") { return (0, 3 * 4 * size) }
    if name.hasPrefix("add gated") { return (0, 4 * 4 * size) }
    if name == "add scaled 1024" { return (0, 3 * 4 * 1024) }
    // A row of each coordinate of each point; y is read and written.
    if name == "squared distances 12×256" { return (0, (12 + 2) * 256 * 4) }
    // A product and a difference for each value.
    if name.hasPrefix("products and differences") { return (0, 3 * 4 * size) }
    if name.hasPrefix("widen 32768") { return (0, (2 + 4) * 32768) }
    if name.hasPrefix("pack transposed") { return (0, (stored + width) * size) }
    if name.hasPrefix("pack v") || name.hasPrefix("transpose") || name.hasPrefix("narrow") {
      return (0, (4 + width) * size)
    }
    // Scores and biases are read, numerators written.
    if name.hasPrefix("softmax") { return (0, (4 + 4 + width) * size) }
    return nil
  }
}
