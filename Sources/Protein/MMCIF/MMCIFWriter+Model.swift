// What the prediction is: program, settings, scores, title, the model and how it was made.

extension MMCIFWriter {
  /// The numbers of the two metrics that the AlphaFold database gives these numbers; further scores follow.
  static let meanMetric = 1, localMetric = 2

  private var pairMetric: Int { Self.localMetric + model.scores.count + 1 }

  mutating func writeProvenance() throws {
    try output.single("entry", ["id": .text(model.name)])
    try output.single(
      "audit_conform",
      [
        "dict_name": "mmcif_ma.dic", "dict_version": "1.4.2",
        "dict_location": "https://raw.githubusercontent.com/ihmwg/ModelCIF/master/dist/mmcif_ma.dic",
      ])
    try output.single(
      "software",
      [
        "pdbx_ordinal": 1, "name": .text(model.program), "version": .text(model.version), "type": "program",
        "classification": "model building",
        "description": "protein structure prediction from single sequences with the ESMFold network",
        "citation_id": "1",
      ])
    try output.table(
      "ma_software_parameter", ["parameter_id", "group_id", "data_type", "name", "value", "description"],
      model.parameters.enumerated().map { index, parameter in
        [
          .integer(index + 1), 1, .text(parameter.kind.rawValue), .text(parameter.name), .text(parameter.value),
          .text(parameter.meaning),
        ]
      })
    try output.single(
      "ma_software_group",
      [
        "ordinal_id": 1, "group_id": 1, "software_id": 1,
        "parameter_group_id": model.parameters.isEmpty ? .unknown : 1,
      ])
  }

  mutating func writeMetrics() throws {
    var metrics: [[CIFValue]] = [], values: [[CIFValue]] = []
    func metric(_ id: Int, _ name: String, _ type: String, _ mode: String, _ meaning: String) -> [CIFValue] {
      [.integer(id), .text(name), .text(type), .text(mode), 1, .text(meaning)]
    }
    func value(_ id: Int, _ name: String, _ value: Float, _ decimals: Int) throws(MMCIFError) -> [CIFValue] {
      var digits: [UInt8] = []
      guard digits.append(decimal: value, decimals) else { throw .score(value, name: name) }
      let text = String(decoding: digits, as: UTF8.self)
      return [.integer(values.count + 1), 1, .integer(id), .text(text)]
    }
    if let mean = model.meanPLDDT {
      metrics.append(metric(Self.meanMetric, "pLDDT", "pLDDT", "global", "mean over all atoms, 0-100"))
      values.append(try value(Self.meanMetric, "pLDDT", mean, 2))
      metrics.append(
        metric(Self.localMetric, "pLDDT", "pLDDT", "local", "of the alpha carbon, 0-100; B-factors are those of atoms"))
    }
    for (index, score) in model.scores.enumerated() {
      let id = Self.localMetric + 1 + index
      metrics.append(metric(id, score.name, score.type, "global", score.meaning))
      values.append(try value(id, score.name, score.value, score.decimals))
    }
    if alignedErrors != nil {
      metrics.append(
        metric(
          pairMetric, "PAE", "PAE", "local-pairwise",
          "expected error of the position of the second residue when the first one is superposed, in Angstrom"))
    }
    try output.table("ma_qa_metric", ["id", "name", "type", "mode", "software_group_id", "description"], metrics)
    try output.table("ma_qa_metric_global", ["ordinal_id", "model_id", "metric_id", "metric_value"], values)
  }

  mutating func writeTitle() throws {
    try output.single(
      "struct",
      [
        "entry_id": .text(model.name), "title": .text(model.title),
        "pdbx_structure_determination_methodology": "computational",
      ])
    try output.single(
      "struct_keywords",
      ["entry_id": .text(model.name), "pdbx_keywords": "PREDICTED STRUCTURE", "text": "PREDICTED STRUCTURE"])
    try output.single(
      "citation",
      [
        "id": "1",
        "title": "Evolutionary-scale prediction of atomic-level protein structure with a language model",
        "journal_abbrev": "Science", "journal_volume": "379", "page_first": "1123", "page_last": "1130",
        "year": "2023", "pdbx_database_id_PubMed": "36927031", "pdbx_database_id_DOI": "10.1126/science.ade2574",
      ])
    let authors = [
      "Lin, Z.", "Akin, H.", "Rao, R.", "Hie, B.", "Zhu, Z.", "Lu, W.", "Smetanin, N.", "Verkuil, R.", "Kabeli, O.",
      "Shmueli, Y.", "dos Santos Costa, A.", "Fazel-Zarandi, M.", "Sercu, T.", "Candido, S.", "Rives, A.",
    ]
    try output.table(
      "citation_author", ["citation_id", "name", "ordinal"],
      authors.enumerated().map { index, author in ["1", .text(author), .integer(index + 1)] })
  }

  mutating func writeModel() throws {
    try output.table(
      "ma_data", ["id", "name", "content_type"],
      [[1, "target sequences", "target"], [2, "predicted structure", "model coordinates"]])
    try output.table("ma_data_group", ["ordinal_id", "group_id", "data_id"], [[1, 1, 1], [2, 2, 2]])
    try output.single(
      "ma_model_list",
      [
        "ordinal_id": 1, "model_id": 1, "model_group_id": 1, "model_name": "ESMFold model",
        "model_group_name": "ESMFold models", "data_id": 2, "model_type": "Ab initio model",
      ])
    try output.single(
      "ma_protocol_step",
      [
        "ordinal_id": 1, "protocol_id": 1, "step_id": 1, "method_type": "modeling", "step_name": "ESMFold",
        "software_group_id": 1, "input_data_group_id": 1, "output_data_group_id": 2,
      ])
  }

  /// The confidence of each residue with atoms: what viewers colour by.
  mutating func writeLocalConfidence() throws {
    let count = structure.residueTypes.indices.count(where: structure.hasAtoms)
    if count == 0 || model.meanPLDDT == nil { return }
    output.beginTable(
      "ma_qa_metric_local",
      ["ordinal_id", "model_id", "label_asym_id", "label_seq_id", "label_comp_id", "metric_id", "metric_value"])
    var ordinal = 0
    for chain in polymers.chains {
      let asym = CIFValue.text(chain.id).bytes
      for residue in chain.residues {
        guard let confidence = structure.confidence(of: residue) else { continue }
        ordinal += 1
        output.text.bytes.append(integer: ordinal)
        output.text.append(" 1 ")
        output.text.bytes += asym + [.space]
        output.text.bytes.append(integer: residue - chain.residues.lowerBound + 1)
        output.text.append(" \(structure.residueTypes[residue].threeLetter) \(Self.localMetric) ")
        guard output.text.bytes.append(decimal: confidence, 2) else {
          throw MMCIFError.score(confidence, name: "pLDDT of residue \(residue + 1)")
        }
        output.text.bytes.append(.lineFeed)
        try output.text.passOn()
      }
    }
    try output.endCategory()
  }

  /// A row for each pair of residues with atoms. ChimeraX reads no others.
  mutating func writePairs(_ errors: AlignedErrors) throws {
    // `A 1 MET ` for each residue; empty for one without atoms.
    let labels = polymers.chains.flatMap { chain in
      chain.residues.map { residue -> [UInt8] in
        guard structure.hasAtoms(residue) else { return [] }
        let place = " \(residue - chain.residues.lowerBound + 1) \(structure.residueTypes[residue].threeLetter) "
        return CIFValue.text(chain.id).bytes + place.utf8
      }
    }
    let sides = [1, 2].flatMap { ["label_asym_id_\($0)", "label_seq_id_\($0)", "label_comp_id_\($0)"] }
    if labels.allSatisfy(\.isEmpty) { return }
    output.beginTable(
      "ma_qa_metric_local_pairwise", ["ordinal_id", "model_id"] + sides + ["metric_id", "metric_value"])
    let metric = Array("\(pairMetric) ".utf8)
    var ordinal = 0
    for (row, first) in labels.enumerated() where !first.isEmpty {
      for (column, second) in labels.enumerated() where !second.isEmpty {
        ordinal += 1
        output.text.bytes.append(integer: ordinal)
        output.text.append(" 1 ")
        output.text.bytes += first
        output.text.bytes += second
        output.text.bytes += metric
        let error = errors.values[row * errors.count + column]
        guard output.text.bytes.append(decimal: error, 2) else {
          throw MMCIFError.alignedError(error, row + 1, column + 1)
        }
        output.text.bytes.append(.lineFeed)
        try output.text.passOn()
      }
    }
    try output.endCategory()
  }
}
