// An output without some of the residues.

import Tensors

extension FoldArray {
  /// The same without some residues; axes over residues are next to one another.
  package func keeping(residues isKept: [Bool], along axes: [FoldField.Axis]) -> FoldArray {
    guard let first = axes.firstIndex(of: .residues) else { return self }
    let kept = isKept.indices.filter { isKept[$0] }, count = axes.count { $0 == .residues }
    precondition(axes[first..<first + count].allSatisfy { $0 == .residues } && shape[first] == isKept.count)
    // One axis, or pairs.
    let places = count == 1 ? kept : kept.flatMap { i in kept.map { i * isKept.count + $0 } }
    let stacks = shape[..<first].reduce(1, *), width = shape[(first + count)...].reduce(1, *)
    let size = shape[first..<first + count].reduce(1, *)
    let shape = zip(shape, axes).map { $1 == .residues ? kept.count : $0 }
    // Where a run of `width` values begins, for each that stays.
    let starts = (0..<stacks).flatMap { stack in places.map { (stack * size + $0) * width } }
    if let integers {
      var chosen: [Int] = []
      for start in starts { chosen += integers[start..<start + width] }
      return FoldArray(shape, chosen)
    }
    let tensor = Tensor<1>([starts.count * width])
    withBytes { bytes in
      guard let values = bytes.bindMemory(to: Float.self).baseAddress else { return }
      for (index, start) in starts.enumerated() {
        (tensor.pointer + index * width).update(from: values + start, count: width)
      }
    }
    return FoldArray(shape, tensor)
  }
}
