// Checkpoints that are valid except for their tensors' metadata: random names, shapes, strides and offsets.

/// Makes files as torch.save writes them.
enum TorchFile {
  /// A state dict of one to five tensors, nested or not.
  static func random(_ mutator: inout Mutator) -> StoredZip {
    var pickle: [UInt8] = [0x80, 2], storages: [(name: [UInt8], bytes: [UInt8])] = []
    let isNested = mutator.random.once(in: 4)
    if isNested { pickle += [UInt8]("}") + text(mutator.random.once(in: 2) ? "model" : "state_dict") }
    pickle += [UInt8]("}(")
    for key in 0...mutator.random.below(5) { tensor(key, &pickle, &storages, &mutator) }
    pickle += [UInt8]("u")
    if isNested { pickle += [UInt8]("s") }
    pickle += [UInt8](".")
    return StoredZip(entries: [([UInt8]("archive/data.pkl"), pickle)] + storages)
  }

  /// Adds a name and a tensor, which rarely fits its storage.
  private static func tensor(
    _ key: Int, _ pickle: inout [UInt8], _ storages: inout [(name: [UInt8], bytes: [UInt8])], _ mutator: inout Mutator
  ) {
    let types = [
      ("FloatStorage", 4), ("HalfStorage", 2), ("BFloat16Storage", 2), ("LongStorage", 8), ("BoolStorage", 1),
    ]
    let (type, size) = mutator.random.element(of: types) ?? ("FloatStorage", 4)
    let rank = mutator.random.below(5)
    var shape: [Int] = [], strides: [Int] = [], room = 1
    for _ in 0..<rank {
      let extent = mutator.random.once(in: 5) ? mutator.number() : mutator.random.below(6)
      shape.append(extent)
      strides.append(room)
      room = min(1 << 12, max(1, room * min(1 << 12, max(1, extent == .min ? 1 : abs(extent)))))
    }
    if !mutator.random.once(in: 4) { strides.reverse() }
    for axis in strides.indices where mutator.random.once(in: 5) {
      strides[axis] =
        mutator.random.once(in: 2) ? 0 : mutator.random.once(in: 2) ? mutator.number() : mutator.random.below(4)
    }
    let offset = mutator.random.once(in: 8) ? mutator.number() : mutator.random.below(2)
    let count = room + 2
    // A storage may be that of the previous tensor.
    let storage = mutator.random.once(in: 6) ? max(0, key - 1) : key
    pickle += text(mutator.random.element(of: names) ?? "w")
    pickle += [UInt8]("ctorch._utils\n_rebuild_tensor_v2\n((") + text("storage") + [UInt8]("ctorch\n\(type)\n")
    pickle += text("\(storage)") + text("cpu") + PickleOps.number(count) + [UInt8]("tQ") + PickleOps.number(offset)
    for numbers in [shape, strides] { pickle += [UInt8]("(") + numbers.flatMap(PickleOps.number) + [UInt8]("t") }
    pickle += [0x89] + [UInt8]("ccollections\nOrderedDict\n)RtR")
    storages.append(([UInt8]("archive/data/\(key)"), [UInt8](repeating: 0, count: count * size)))
  }

  /// Names that determine the checkpoint's origin and what is inferred from its shapes.
  private static let names = [
    "w", "b", "a.weight", "embed_tokens.weight", "embed_positions.weight", "layers.0.fc1.weight", "layers.0.fc1.bias",
    "layers.0.self_attn.rot_emb.inv_freq", "contact_head.regression.weight", "lm_head.weight", "esm_s_combine",
    "esm.embed_tokens.weight", "esm.layers.0.fc1.weight", "trunk.blocks.0.tri_att_start.linear.weight",
    "trunk.blocks.0.pair_to_sequence.linear.weight", "trunk.trunk2sm_s.weight", "trunk.trunk2sm_z.weight",
    "trunk.pairwise_positional_embedding.embedding.weight", "trunk.structure_module.ipa.head_weights",
    "trunk.structure_module.ipa.linear_q.weight", "lddt_head.1.weight", "emb_layer_norm_before.weight",
    "layers.9.fc2.bias",
  ]

  private static func text(_ text: String) -> [UInt8] { [0x8C, UInt8(text.utf8.count)] + [UInt8](text) }
}
