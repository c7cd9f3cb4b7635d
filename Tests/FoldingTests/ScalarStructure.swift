// Scalar twins of the structure module and the confidence heads, in double precision.

import Folding
import Glibc

/// p ↦ R p + t, R by rows.
struct Frame64 {
  var rotation: Rows64 = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
  var translation: [Double] = [0, 0, 0]

  func turn(_ p: [Double]) -> [Double] { rotation.map { zip($0, p).reduce(0) { $0 + $1.0 * $1.1 } } }
  func apply(_ p: [Double]) -> [Double] { zip(turn(p), translation).map { $0 + $1 } }
  func applyInverse(_ p: [Double]) -> [Double] {
    (0..<3).map { axis in (0..<3).reduce(0) { $0 + rotation[$1][axis] * (p[$1] - translation[$1]) } }
  }

  /// Suppl. Algorithm 23: rotation by the quaternion (1, b, c, d) and translation, both in the frame's own coordinates.
  func updated(_ v: [Double]) -> Frame64 {
    let n = (1 + v[0] * v[0] + v[1] * v[1] + v[2] * v[2]).squareRoot()
    let (a, b, c, d) = (1 / n, v[0] / n, v[1] / n, v[2] / n)
    let turn = [
      [a * a + b * b - c * c - d * d, 2 * b * c - 2 * a * d, 2 * b * d + 2 * a * c],
      [2 * b * c + 2 * a * d, a * a - b * b + c * c - d * d, 2 * c * d - 2 * a * b],
      [2 * b * d - 2 * a * c, 2 * c * d + 2 * a * b, a * a - b * b - c * c + d * d],
    ]
    let product = rotation.map { row in (0..<3).map { j in (0..<3).reduce(0) { $0 + row[$1] * turn[$1][j] } } }
    return Frame64(rotation: product, translation: apply([v[3], v[4], v[5]]))
  }
}

/// The structure module.
struct ScalarStructure {
  let weights: RandomWeights
  let configuration: StructureModuleConfiguration

  /// Algorithm 22; `prefix` is the scope of the weights.
  func attention(_ s: Rows64, _ z: Rows64, _ frames: [Frame64], prefix: String = "") -> Rows64 {
    let c = configuration, l = s.count, h = c.heads, d = c.headWidth, nq = c.queryPoints, nv = c.valuePoints
    func layer(_ name: String) -> Rows64 { s.map { weights.linear(prefix + name, $0) } }
    // Points are stored as all x, all y, all z.
    func points(_ rows: Rows64, _ count: Int) -> [Rows64] {
      rows.indices.map { i in
        (0..<h * count).map { p in frames[i].apply((0..<3).map { rows[i][$0 * h * count + p] }) }
      }
    }
    let q = layer("linear_q"), kv = layer("linear_kv"), b = z.map { weights.linear("\(prefix)linear_b", $0) }
    let queries = points(layer("linear_q_points"), nq), others = points(layer("linear_kv_points"), nq + nv)
    let gamma = weights["\(prefix)head_weights"].map { log(1 + exp($0)) }
    let wC = (2 / (9 * Double(nq))).squareRoot(), wL = (1.0 / 3).squareRoot()
    return (0..<l).map { (i: Int) -> [Double] in
      var scalars: [Double] = [], pairs: [Double] = [], local: Rows64 = []
      for head in 0..<h {
        let scores = (0..<l).map { (j: Int) -> Double in
          let dot = (0..<d).reduce(Double(0)) { (sum: Double, k: Int) in
            sum + q[i][head * d + k] * kv[j][2 * head * d + k]
          }
          let distances = (0..<nq).reduce(Double(0)) { (sum: Double, p: Int) in
            let differences = zip(queries[i][head * nq + p], others[j][head * (nq + nv) + p]).map { $0 - $1 }
            return sum + differences.reduce(Double(0)) { (sum: Double, x: Double) in sum + x * x }
          }
          let near: Double = gamma[head] * wC / 2 * distances
          return wL * (dot / Double(d).squareRoot() + b[i * l + j][head] - near)
        }
        let a = ScalarModules.softmax(scores)
        func mean(_ value: (Int) -> Double) -> Double {
          (0..<l).reduce(Double(0)) { (sum: Double, j: Int) in sum + a[j] * value(j) }
        }
        scalars += (0..<d).map { c in mean { kv[$0][(2 * head + 1) * d + c] } }
        pairs += z[0].indices.map { c in mean { z[i * l + $0][c] } }
        for p in 0..<nv {
          let global = (0..<3).map { axis in mean { others[$0][head * (nq + nv) + nq + p][axis] } }
          local.append(frames[i].applyInverse(global))
        }
      }
      let norms = local.map { (point: [Double]) -> Double in
        let square = point.reduce(Double(0)) { (sum: Double, x: Double) in sum + x * x }
        return (square + Double(c.epsilon)).squareRoot()
      }
      let blocks = (0..<3).flatMap { axis in local.map { $0[axis] } }
      return weights.linear("\(prefix)linear_out", scalars + blocks + norms + pairs)
    }
  }

  /// Algorithm 20 and its input from the trunk: states, frames (Å) and normalised angles of the last iteration.
  func fold(_ trunkS: Rows64, _ trunkZ: Rows64) -> (states: Rows64, frames: [Frame64], angles: Rows64) {
    let own = "structure_module."
    func add(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map { $0 + $1 } }
    func relu(_ a: [Double]) -> [Double] { a.map { max($0, 0) } }
    let z = trunkZ.map { weights.norm("\(own)layer_norm_z", weights.linear("trunk2sm_z", $0)) }
    let initial = trunkS.map { weights.norm("\(own)layer_norm_s", weights.linear("trunk2sm_s", $0)) }
    var s = initial.map { weights.linear("\(own)linear_in", $0) }
    var frames = [Frame64](repeating: Frame64(), count: s.count)
    for _ in 0..<configuration.blocks {
      let update = attention(s, z, frames, prefix: "\(own)ipa.")
      for i in s.indices {
        s[i] = weights.norm("\(own)layer_norm_ipa", add(s[i], update[i]))
        for layer in 0..<configuration.transitionLayers {
          let name = "\(own)transition.layers.\(layer).linear_"
          let hidden = relu(weights.linear("\(name)2", relu(weights.linear("\(name)1", s[i]))))
          s[i] = add(s[i], weights.linear("\(name)3", hidden))
        }
        s[i] = weights.norm("\(own)transition.layer_norm", s[i])
        frames[i] = frames[i].updated(weights.linear("\(own)bb_update.linear", s[i]))
      }
    }
    let angles = s.indices.map { i -> [Double] in
      let net = "\(own)angle_resnet."
      var a = add(
        weights.linear("\(net)linear_in", relu(s[i])), weights.linear("\(net)linear_initial", relu(initial[i])))
      for layer in 0..<configuration.resnetBlocks {
        let name = "\(net)layers.\(layer).linear_"
        a = add(a, weights.linear("\(name)2", relu(weights.linear("\(name)1", relu(a)))))
      }
      let raw = weights.linear("\(net)linear_out", relu(a))
      return (0..<14).map {
        let (x, y) = (raw[$0 / 2 * 2], raw[$0 / 2 * 2 + 1])
        return raw[$0] / max(x * x + y * y, Double(configuration.epsilon)).squareRoot()
      }
    }
    for i in frames.indices {
      frames[i].translation = frames[i].translation.map { $0 * Double(configuration.translationScale) }
    }
    return (s, frames, angles)
  }
}

/// The heads.
struct ScalarHeads {
  let weights: RandomWeights

  /// pLDDT of every atom, 0–100: centres of 50 bins.
  func plddt(_ states: Rows64) -> [Double] {
    states.flatMap { state -> [Double] in
      var x = weights.norm("lddt_head.0", state)
      for layer in 1...3 { x = weights.linear("lddt_head.\(layer)", x) }
      return (0..<37).map { atom in
        let shares = ScalarModules.softmax(Array(x[atom * 50..<(atom + 1) * 50]))
        return 100 * shares.enumerated().reduce(0) { $0 + $1.element * (0.01 + 0.02 * Double($1.offset)) }
      }
    }
  }

  /// pTM and aligned errors: 64 bins of half an Å from 0 on, AlphaFold 2 Suppl. 1.9.7.
  func alignedError(_ z: Rows64, length: Int) -> (ptm: Double, error: [Double]) {
    let n = Double(max(length, 19)), d0 = 1.24 * cbrt(n - 15) - 1.8
    let shares = z.map { ScalarModules.softmax(weights.linear("ptm_head", $0)) }
    let center = (0..<64).map { 0.25 + 0.5 * Double($0) }
    let near = center.map { (x: Double) -> Double in 1 / (1 + (x / d0) * (x / d0)) }
    let scores = shares.map { (p: [Double]) -> Double in zip(p, near).reduce(Double(0)) { $0 + $1.0 * $1.1 } }
    let means = (0..<length).map { i in scores[i * length..<(i + 1) * length].reduce(0, +) / Double(length) }
    return (means.max() ?? 0, shares.map { p in (0..<64).reduce(0) { $0 + p[$1] * center[$1] } })
  }

  /// The distogram's logits, averaged over both directions.
  func distogram(_ z: Rows64, length: Int) -> Rows64 {
    let logits = z.map { weights.linear("distogram_head", $0) }
    return logits.indices.map { pair in
      let other = logits[pair % length * length + pair / length]
      return zip(logits[pair], other).map { ($0 + $1) / 2 }
    }
  }
}
