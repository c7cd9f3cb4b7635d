// The chains of a structure, and which of them have the same sequence.

/// Chains in the order of the structure, and their entities.
struct PolymerChains {
  struct Chain {
    let id: String
    /// Its residues in the structure.
    let residues: Range<Int>
    /// The number of its entity, from 1.
    let entity: Int
  }

  /// What chains of the same sequence are.
  struct Entity {
    /// From 1.
    let number: Int
    let residueTypes: [ResidueType]
    /// The names of its chains.
    var chainIDs: [String]
  }

  let chains: [Chain]
  private(set) var entities: [Entity] = []

  init(of structure: Structure) throws(MMCIFError) {
    var chains: [Chain] = [], names: Set<String> = [], numbers: [[ResidueType]: Int] = [:]
    let ids = structure.chainIDs
    var start = 0
    while start < ids.count {
      let id = ids[start]
      guard !id.isEmpty, id.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { throw .chainID(id) }
      guard names.insert(id).inserted else { throw .dividedChain(id) }
      let end = ids[start...].firstIndex { $0 != id } ?? ids.count
      let types = Array(structure.residueTypes[start..<end])
      let number = numbers[types] ?? entities.count + 1
      numbers[types] = number
      if number > entities.count {
        entities.append(Entity(number: number, residueTypes: types, chainIDs: [id]))
      } else {
        entities[number - 1].chainIDs.append(id)
      }
      chains.append(Chain(id: id, residues: start..<end, entity: number))
      start = end
    }
    self.chains = chains
  }
}
