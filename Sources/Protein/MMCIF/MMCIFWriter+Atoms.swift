// Sequences, chains and atoms.

extension MMCIFWriter {
  mutating func writePolymers() throws {
    let used = Set(structure.residueTypes)
    try output.table(
      "chem_comp", ["id", "type", "mon_nstd_flag", "name", "formula", "formula_weight"],
      ResidueType.all.filter(used.contains).sorted { $0.threeLetter < $1.threeLetter }.map { residue -> [CIFValue] in
        let component = ChemicalComponent.of(residue)
        return [
          .text(residue.threeLetter), .text(component.type), residue == .unknown ? .unknown : "y",
          .text(component.name), .text(component.formula), .text(component.weight),
        ]
      })
    let entities = polymers.entities
    try output.table(
      "entity", ["id", "type", "src_method", "pdbx_description", "pdbx_number_of_molecules"],
      entities.map { entity -> [CIFValue] in
        let chains = "\(entity.chainIDs.count == 1 ? "chain" : "chains") " + entity.chainIDs.joined(separator: ", ")
        return [
          .integer(entity.number), "polymer", "man",
          .text(String((entities.count == 1 ? model.subject : chains).unicodeScalars.prefix(Self.longestDescription))),
          .integer(entity.chainIDs.count),
        ]
      })
    try output.table(
      "entity_poly",
      [
        "entity_id", "type", "nstd_linkage", "nstd_monomer", "pdbx_strand_id", "pdbx_seq_one_letter_code",
        "pdbx_seq_one_letter_code_can",
      ],
      entities.map { entity in
        [
          .integer(entity.number), "polypeptide(L)", "no", "no", .text(entity.chainIDs.joined(separator: ",")),
          Self.sequence(entity.residueTypes.map { $0 == .unknown ? "(UNK)" : String($0.oneLetter) }),
          Self.sequence(entity.residueTypes.map { String($0.oneLetter) }),
        ]
      })
    try output.table(
      "entity_poly_seq", ["entity_id", "num", "mon_id", "hetero"],
      entities.lazy.flatMap { entity in
        entity.residueTypes.enumerated().map { place, residue -> [CIFValue] in
          [.integer(entity.number), .integer(place + 1), .text(residue.threeLetter), "n"]
        }
      })
    try output.table(
      "struct_asym", ["id", "entity_id", "pdbx_modified", "details"],
      polymers.chains.map { [.text($0.id), .integer($0.entity), "N", .unknown] })
    try output.table(
      "ma_target_entity", ["entity_id", "data_id", "origin"], entities.map { [.integer($0.number), 1, .notApplicable] })
    try output.table(
      "ma_target_entity_instance", ["asym_id", "entity_id", "details"],
      polymers.chains.map { [.text($0.id), .integer($0.entity), .notApplicable] })
    try writeNumbering()
  }

  /// The description of an entity is a line, whatever the header.
  private static let longestDescription = 255

  /// A sequence on lines of at most 80 characters.
  private static func sequence(_ residues: [String]) -> CIFValue {
    var lines = [""]
    for residue in residues {
      if let last = lines.last, last.utf8.count + residue.utf8.count > 80 { lines.append("") }
      lines[lines.count - 1] += residue
    }
    return lines.count == 1 ? .text(lines[0]) : .lines(lines)
  }

  /// Which residue of a sequence has which number, and whether it has atoms.
  private mutating func writeNumbering() throws {
    let columns = [
      "asym_id", "entity_id", "seq_id", "mon_id", "ndb_seq_num", "pdb_seq_num", "auth_seq_num", "pdb_mon_id",
      "auth_mon_id", "pdb_strand_id", "pdb_ins_code", "hetero",
    ]
    let structure = structure
    try output.table(
      "pdbx_poly_seq_scheme", columns,
      polymers.chains.lazy.flatMap { chain in
        chain.residues.map { residue -> [CIFValue] in
          let place = CIFValue.integer(residue - chain.residues.lowerBound + 1)
          let number = CIFValue.integer(structure.residueNumbers[residue])
          let name = CIFValue.text(structure.residueTypes[residue].threeLetter), isThere = structure.hasAtoms(residue)
          return [
            .text(chain.id), .integer(chain.entity), place, name, place, number, isThere ? number : .unknown,
            isThere ? name : .unknown, isThere ? name : .unknown, .text(chain.id), .notApplicable, "n",
          ]
        }
      })
  }

  private static let atomColumns = [
    "group_PDB", "id", "type_symbol", "label_atom_id", "label_alt_id", "label_comp_id", "label_asym_id",
    "label_entity_id", "label_seq_id", "pdbx_PDB_ins_code", "Cartn_x", "Cartn_y", "Cartn_z", "occupancy",
    "B_iso_or_equiv", "pdbx_formal_charge", "auth_seq_id", "auth_comp_id", "auth_asym_id", "auth_atom_id",
    "pdbx_PDB_model_num",
  ]

  mutating func writeAtoms() throws {
    let types = ResidueConstants.atom37Count
    guard structure.atomExists.contains(true) else { return }
    var elements: Set<Substring> = []
    for (atom, exists) in structure.atomExists.enumerated() where exists {
      elements.insert(ResidueConstants.atomTypes[atom % types].prefix(1))
    }
    try output.table("atom_type", ["symbol"], elements.sorted().map { [.text(String($0))] })
    output.beginTable("atom_site", Self.atomColumns)
    var serial = 0
    for chain in polymers.chains {
      let asym = String(decoding: CIFValue.text(chain.id).bytes, as: UTF8.self)
      for residue in chain.residues {
        let name = structure.residueTypes[residue].threeLetter
        let place = residue - chain.residues.lowerBound + 1
        let label = " . \(name) \(asym) \(chain.entity) \(place) ?"
        let author = " ? \(structure.residueNumbers[residue]) \(name) \(asym) "
        for atom in residue * types..<(residue + 1) * types where structure.atomExists[atom] {
          serial += 1
          try writeAtom(atom, serial, label: label, author: author)
        }
      }
    }
    try output.endCategory()
  }

  private mutating func writeAtom(_ atom: Int, _ serial: Int, label: String, author: String) throws {
    let name = ResidueConstants.atomTypes[atom % ResidueConstants.atom37Count]
    output.text.append("ATOM ")
    output.text.bytes.append(integer: serial)
    output.text.append(" \(name.prefix(1)) \(name)")  // Atoms of proteins are C, N, O and S: one letter.
    output.text.append(label)
    for axis in 0..<3 {
      output.text.bytes.append(.space)
      try writeNumber(structure.positions[atom * 3 + axis], 3, .coordinate, atom)
    }
    output.text.append(" 1.00 ")
    try writeNumber(structure.bFactors[atom], 2, .bFactor, atom)
    output.text.append(author)
    output.text.append("\(name) 1\n")
    try output.text.passOn()
  }

  private mutating func writeNumber(
    _ value: Float, _ decimals: Int, _ quantity: PDBError.Quantity, _ atom: Int
  ) throws(MMCIFError) {
    guard output.text.bytes.append(decimal: value, decimals) else {
      let (residue, type) = atom.quotientAndRemainder(dividingBy: ResidueConstants.atom37Count)
      throw .value(
        value, quantity,
        PDBError.Atom(
          name: ResidueConstants.atomTypes[type], residue: structure.residueTypes[residue].threeLetter,
          residueNumber: structure.residueNumbers[residue], chain: structure.chainIDs[residue]))
    }
  }
}
