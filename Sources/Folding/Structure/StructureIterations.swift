// What every iteration of the structure module makes, not only the last (transformers: EsmFoldStructureModule stacks them).

import Protein
package import Tensors

/// An output of each iteration.
package enum StructureField: Sendable, CaseIterable {
  case frames, sidechainFrames, unnormalizedAngles, angles, positions, states

  /// Values of one residue.
  func width(_ configuration: StructureModuleConfiguration) -> Int {
    switch self {
    case .frames: 7
    case .sidechainFrames: 8 * 4 * 4
    case .unnormalizedAngles, .angles: 7 * 2
    case .positions: 14 * 3
    case .states: configuration.sequenceWidth
    }
  }
}

/// Outputs of all iterations, those that are asked for; the structure module writes them as it goes.
package struct StructureIterations: Sendable {
  /// Each [iterations, L, values of a residue].
  package let values: [StructureField: Tensor<3>]

  /// Makes room for the iterations over a protein of `length` residues.
  package init(
    _ fields: Set<StructureField>, length: Int, configuration: StructureModuleConfiguration, memory: inout Allocation
  ) {
    var values: [StructureField: Tensor<3>] = [:]
    for field in fields {
      values[field] = memory.tensor([configuration.blocks, length, field.width(configuration)])
    }
    self.values = values
  }

  /// Keeps what an iteration has made.
  ///
  /// - Parameters:
  ///   - output: The iteration's output.
  ///   - unnormalizedAngles: The angles before they were normalised, [L, 14].
  ///   - residues: The L residue types.
  ///   - iteration: Its number, from 0.
  func keep(
    _ output: StructureOutput, unnormalizedAngles: Tensor<2>, _ residues: [ResidueType], of iteration: Int
  ) {
    for (field, tensor) in values {
      let rows = tensor.matrix(iteration)  // [L, values of a residue]
      switch field {
      case .states: rows.copy(Rows(output.states))
      case .unnormalizedAngles: rows.copy(Rows(unnormalizedAngles))
      case .frames: rows.copy(output.frames.flatMap(\.sevenNumbers))
      case .sidechainFrames: rows.copy(output.sidechainFrames(residues))
      case .angles: rows.copy(output.angles)
      case .positions: rows.copy(output.positions)
      }
    }
  }
}

extension Rows {
  /// Copies as many values as there are, row-major.
  fileprivate func copy(_ values: [Float]) {
    precondition(values.count == count * columns, "\(values.count) values for \(count) rows of \(columns)")
    for row in 0..<count {
      for column in 0..<columns { self[row, column] = values[row * columns + column] }
    }
  }
}
