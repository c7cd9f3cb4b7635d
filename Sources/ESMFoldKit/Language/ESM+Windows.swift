// Sequences that are longer than a model's learned positions, in overlapping windows.

extension ESM {
  /// Residues that two neighbouring windows share at least.
  ///
  /// Enough for one of the two windows to see most of the context of a residue: near its edge, a window lacks the
  /// context beyond the edge.
  public static let windowOverlap = 256

  /// Cuts a sequence of tokens into overlapping windows that a model with learned positions can read.
  ///
  /// There are as few windows as the overlap allows, all of the same length, the longest that fits; they are spread evenly,
  /// the first at the beginning and the last at the end. Where the sequence has `<cls>` and `<eos>`, every window has them.
  ///
  /// - Parameters:
  ///   - sequence: Token ids.
  ///   - longest: Tokens of a window, `<cls>` and `<eos>` included.
  ///   - overlap: Residues that two neighbours share at least.
  /// - Returns: The residues of each window, counted from the first one after `<cls>`; one window when all fits into it.
  /// - Throws: `ModelError.windowOverlap` when a window is no longer than the overlap.
  public func windows(
    of sequence: [Int], longest: Int, overlap: Int = ESM.windowOverlap
  ) throws(ModelError) -> [Range<Int>] {
    let framing = framing(of: sequence)
    let length = sequence.count - framing.count, size = longest - framing.count
    guard length > size else { return [0..<length] }
    guard overlap >= 0, size > overlap else {
      throw .windowOverlap(overlap, size: size)
    }
    let steps = (length - size + size - overlap - 1) / (size - overlap)
    return (0...steps).map { index in
      let start = index * (length - size) / steps
      return start..<start + size
    }
  }

  /// Reads one sequence of any length; one that is too long for the model is read in overlapping windows.
  ///
  /// Results for a residue or token (states, logits, a token classifier's logits) are the mean over the windows that
  /// hold it, for a pair (contacts) the mean over those that hold both; a pair that no window holds gets 0. Results for
  /// the whole sequence (`<cls>`, `<eos>`, pooler, a sequence classifier's logits) are the mean over all windows. A
  /// sequence that fits is read as by `read`, with the same bits.
  ///
  /// - Parameters:
  ///   - sequence: Token ids.
  ///   - wanted: What to compute; attention maps have no mean over windows.
  ///   - longest: Tokens of a window, or `nil` for as many as the model can read.
  ///   - overlap: Residues that two neighbouring windows share at least.
  /// - Returns: A reading of the whole sequence.
  /// - Throws: `ModelError`.
  public func readInWindows(
    _ sequence: [Int], _ wanted: Wanted, longest: Int? = nil, overlap: Int = ESM.windowOverlap
  ) throws(ModelError) -> Reading {
    guard let longest = longest ?? description.maximumTokens, sequence.count > longest else {
      return try read([sequence], wanted)[0]
    }
    guard !wanted.attentions else {
      throw .attentionsOfWindows(tokens: sequence.count, longest: longest)
    }
    try checkMemory(ofSums: sequence.count, wanted)
    let framing = framing(of: sequence)
    let residues = Array(sequence[framing.before..<sequence.count - framing.after])
    var sum = WindowSum(tokens: sequence.count, framing: framing)
    for window in try windows(of: sequence, longest: longest, overlap: overlap) {
      // One at a time: a window is long enough to keep the model busy, and memory stays that of one.
      let tokens = sequence.prefix(framing.before) + residues[window] + sequence.suffix(framing.after)
      sum.add(try read([Array(tokens)], wanted)[0], window)
    }
    return sum.mean(of: sequence)
  }

  /// Refuses a sequence whose results over all windows do not fit into the free memory: the sums, their means, and what is
  /// put together for a file.
  private func checkMemory(ofSums tokens: Int, _ wanted: Wanted) throws(ModelError) {
    let available = SystemInfo.availableMemory
    // Far from overflow: 2^26 tokens, 2^31 contacts each.
    guard tokens < 1 << (wanted.contacts ? 20 : 26) else {
      throw .batchMemory(tokens: tokens, needed: Int.max, available: available)
    }
    var floats = wanted.layers.count * tokens * description.hiddenSize
    if wanted.logits { floats += tokens * description.vocabularySize }
    if wanted.contacts { floats += 2 * tokens * tokens }
    let needed = MemoryPlan.withMargin(3 * floats * MemoryLayout<Float>.stride)
    guard needed <= available else { throw .batchMemory(tokens: tokens, needed: needed, available: available) }
  }

  /// Tokens around the residues.
  struct Framing {
    let before: Int, after: Int
    var count: Int { before + after }
  }

  private func framing(of sequence: [Int]) -> Framing {
    let before = sequence.first == tokenizer.cls ? 1 : 0
    return Framing(before: before, after: sequence.count > before && sequence.last == tokenizer.eos ? 1 : 0)
  }
}

/// Sums over the windows of one sequence, and how many windows each value is a sum of.
private struct WindowSum {
  private let tokens: Int
  private let framing: ESM.Framing
  private var windows = 0
  private var tokenCounts: [Float]
  private var states: [Int: Matrix] = [:]
  private var logits: Matrix?
  private var contacts: [Float]?
  private var pairCounts: [Float] = []
  private var pooled: Matrix?
  private var classification: Classification?
  private var classes: Matrix?

  init(tokens: Int, framing: ESM.Framing) {
    self.tokens = tokens
    self.framing = framing
    tokenCounts = [Float](repeating: 0, count: tokens)
  }

  mutating func add(_ reading: ESM.Reading, _ window: Range<Int>) {
    let before = 0..<framing.before, after = tokens - framing.after..<tokens
    let rows = Array(before) + window.map { $0 + framing.before } + Array(after)
    windows += 1
    for row in rows { tokenCounts[row] += 1 }
    for (layer, state) in reading.representations { states[layer] = adding(state, to: states[layer], at: rows, tokens) }
    if let values = reading.logits { logits = adding(values, to: logits, at: rows, tokens) }
    if let values = reading.pooled {
      pooled = adding(Matrix(rows: 1, columns: values.count, values: values), to: pooled, at: [0], 1)
    }
    if let values = reading.classification {
      classification = values
      classes = adding(values.logits, to: classes, at: values.isPerToken ? rows : [0], values.isPerToken ? tokens : 1)
    }
    if let values = reading.contacts { addContacts(values, tokensAt: rows) }
  }

  /// target[rows] += values.
  private func adding(_ values: Matrix, to target: Matrix?, at rows: [Int], _ count: Int) -> Matrix {
    let columns = values.columns
    var sum = target?.values ?? [Float](repeating: 0, count: count * columns)
    for (from, to) in rows.enumerated() {
      for column in 0..<columns { sum[to * columns + column] += values[from, column] }
    }
    return Matrix(rows: count, columns: columns, values: sum)
  }

  /// A contact's row and column count from the second token of its window; of a whole sequence likewise.
  private mutating func addContacts(_ values: Matrix, tokensAt rows: [Int]) {
    let size = max(0, tokens - 2)
    var sum = contacts ?? [Float](repeating: 0, count: size * size)
    if pairCounts.isEmpty { pairCounts = sum }
    let places = rows.dropFirst().dropLast().map { $0 - 1 }
    for (i, row) in places.enumerated() where (0..<size).contains(row) {
      for (j, column) in places.enumerated() where (0..<size).contains(column) {
        sum[row * size + column] += values[i, j]
        pairCounts[row * size + column] += 1
      }
    }
    contacts = sum
  }

  func mean(of sequence: [Int]) -> ESM.Reading {
    let size = max(0, tokens - 2)
    let all = [Float](repeating: Float(windows), count: 1)
    return ESM.Reading(
      tokens: sequence, residueRows: framing.before..<tokens - framing.after,
      representations: states.mapValues { divided($0, by: tokenCounts) },
      logits: logits.map { divided($0, by: tokenCounts) },
      contacts: contacts.map { sums in
        Matrix(rows: size, columns: size, values: zip(sums, pairCounts).map { $1 == 0 ? 0 : $0 / $1 })
      },
      attentions: nil, pooled: pooled.map { divided($0, by: all).values },
      classification: classes.flatMap { classes in
        classification?.replacing(logits: divided(classes, by: classes.rows == 1 ? all : tokenCounts))
      })
  }

  private func divided(_ sums: Matrix, by counts: [Float]) -> Matrix {
    let values = sums.values.indices.map { sums.values[$0] / counts[$0 / sums.columns] }
    return Matrix(rows: sums.rows, columns: sums.columns, values: values)
  }
}

extension Classification {
  /// The same classifier's outputs with other logits.
  fileprivate func replacing(logits: Matrix) -> Classification {
    Classification(problem: problem, isPerToken: isPerToken, labels: labels, logits: logits)
  }
}
