// Where the residues of a fold are on an axis: chain after chain with gaps between them, and which of them have ticks.

/// An axis of residues.
package struct ResidueAxis {
  /// A residue with a number at the axis.
  package struct Tick: Equatable, Sendable {
    /// The middle of the residue.
    package let place: Double
    package let number: Int

    package init(place: Double, number: Int) { (self.place, self.number) = (place, number) }
  }

  let chains: [PictureSubject.Chain]
  /// The extent of a residue.
  let step: Double
  /// What lies between two chains.
  let gap: Double

  package init(chains: [PictureSubject.Chain], step: Double, gap: Double) {
    (self.chains, self.step, self.gap) = (chains, step, gap)
  }

  /// Where a residue of a chain begins.
  func start(of residue: Int, in chain: Int) -> Double { Double(residue) * step + Double(chain) * gap }

  /// The middle of a residue of a chain.
  func middle(of residue: Int, in chain: Int) -> Double { start(of: residue, in: chain) + step / 2 }

  /// Where a chain is.
  func range(of chain: Int) -> ClosedRange<Double> {
    let residues = chains[chain].residues
    let start = start(of: residues.lowerBound, in: chain)
    return start...start + Double(residues.count) * step
  }

  /// The middles of the gaps.
  package var borders: [Double] { chains.indices.dropFirst().map { range(of: $0).lowerBound - gap / 2 } }

  /// The whole extent.
  package var extent: Double { chains.isEmpty ? 0 : range(of: chains.count - 1).upperBound }

  /// Ticks at round numbers of residues, and at the first residues of chains that have one, where there is room.
  ///
  /// - Parameter spacing: The least distance of two ticks.
  /// - Returns: The ticks in their order.
  package func ticks(spacing: Double) -> [Tick] {
    // Half as much again, for the eye.
    let interval = Self.interval(atLeast: 1.5 * spacing / step)
    var ticks: [Tick] = []
    for (index, chain) in chains.enumerated() {
      func tick(_ place: Int) -> Tick {
        Tick(place: middle(of: chain.residues.lowerBound + place, in: index), number: chain.numbers[place])
      }
      let round = chain.numbers.indices.filter { chain.numbers[$0].isMultiple(of: interval) }.map(tick)
      // Beginnings of many short chains say nothing, and a round number is worth more than the first one.
      let first = chain.numbers.isEmpty || (round.isEmpty && chains.count > 1) ? [] : [tick(0)]
      let hasRoom = first.first?.place ?? 0 <= (round.first?.place ?? .infinity) - spacing
      for tick in (hasRoom ? first : []) + round where tick.place - (ticks.last?.place ?? -.infinity) >= spacing {
        ticks.append(tick)
      }
    }
    return ticks
  }

  /// The smallest of 1, 2, 5, 10, 20, 50, … that is not below a number of residues.
  package static func interval(atLeast count: Double) -> Int {
    var power = 1
    // No protein has as many residues.
    while power < 1_000_000_000 {
      for factor in [1, 2, 5] where Double(factor * power) >= count { return factor * power }
      power *= 10
    }
    return power
  }

  /// The names of the chains over the middles of those, without names that would touch the one before.
  ///
  /// - Parameter width: The extent of a name.
  /// - Returns: Names and their middles; none for a single chain.
  package func labels(width: (String) -> Double) -> [(text: String, place: Double)] {
    guard chains.count > 1 else { return [] }
    var labels: [(text: String, place: Double)] = [], end = -Double.infinity
    for (index, chain) in chains.enumerated() {
      let range = range(of: index), place = (range.lowerBound + range.upperBound) / 2, width = width(chain.id)
      guard place - width / 2 > end else { continue }
      labels.append((chain.id, place))
      end = place + width * 0.65
    }
    return labels
  }
}
