// Scalar twins of the trunk's modules: each update as in its paper, in double precision, one residue or pair at a time.

import Glibc

/// Rows of numbers: L for the single state, L² for the pairs, (i, j) at i · L + j.
typealias Rows64 = [[Double]]

/// The updates to s or z.
struct ScalarModules {
  let weights: RandomWeights
  let length: Int

  static func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  static func softmax(_ scores: [Double]) -> [Double] {
    let top = scores.max() ?? 0
    let numerators = scores.map { exp($0 - top) }, sum = numerators.reduce(0, +)
    return numerators.map { $0 / sum }
  }

  // === Pairs ===

  /// AlphaFold 2 Suppl. Algorithms 11 and 12.
  func triangleMultiplication(_ z: Rows64, outgoing: Bool) -> Rows64 {
    let l = length, x = z.map { weights.norm("layer_norm_in", $0) }
    func gated(_ side: String) -> Rows64 {
      x.map { x in
        zip(weights.linear("linear_\(side)_g", x), weights.linear("linear_\(side)_p", x)).map {
          Self.sigmoid($0) * $1
        }
      }
    }
    let channels = z[0].count
    // By channel, for speed: [c][i · L + j].
    let a = Self.byChannel(gated("a")), b = Self.byChannel(gated("b"))
    var product = Rows64(repeating: [Double](repeating: 0, count: channels), count: l * l)
    for c in 0..<channels {
      a[c].withUnsafeBufferPointer { a in
        b[c].withUnsafeBufferPointer { b in
          for i in 0..<l {
            for j in 0..<l {
              var sum = 0.0
              if outgoing {
                for k in 0..<l { sum += a[i * l + k] * b[j * l + k] }
              } else {
                for k in 0..<l { sum += a[k * l + i] * b[k * l + j] }
              }
              product[i * l + j][c] = sum
            }
          }
        }
      }
    }
    return zip(x, product).map { x, product in
      let gate = weights.linear("linear_g", x)
      return zip(gate, weights.linear("linear_z", weights.norm("layer_norm_out", product))).map {
        Self.sigmoid($0) * $1
      }
    }
  }

  /// Algorithms 13 (starting node) and 14 (ending node).
  func triangleAttention(_ z: Rows64, heads: Int, starting: Bool) -> Rows64 {
    let l = length, channels = z[0].count, d = channels / heads
    let x = z.map { weights.norm("layer_norm", $0) }
    func projection(_ name: String) -> Rows64 { x.map { weights.linear(name, $0) } }
    let q = projection("mha.linear_q"), k = projection("mha.linear_k"), v = projection("mha.linear_v")
    let gate = projection("mha.linear_g"), bias = Self.byChannel(projection("linear"))
    var result = Rows64(repeating: [], count: l * l)
    var keys = [Double](repeating: 0, count: l * channels), values = keys
    for line in 0..<l {
      // The edges that share this line's node: (line, k) or (k, line).
      for other in 0..<l {
        let edge = starting ? line * l + other : other * l + line
        for c in 0..<channels {
          keys[other * channels + c] = k[edge][c]
          values[other * channels + c] = v[edge][c]
        }
      }
      for own in 0..<l {
        let edge = starting ? line * l + own : own * l + line
        var out = [Double](repeating: 0, count: channels)
        for head in 0..<heads {
          let columns = head * d..<(head + 1) * d
          let scores = (0..<l).map { other in
            var dot = 0.0
            for c in columns { dot += q[edge][c] * keys[other * channels + c] }
            // Starting: b_jk; ending: b_ki.
            return dot / Double(d).squareRoot() + bias[head][starting ? own * l + other : other * l + own]
          }
          for (other, weight) in Self.softmax(scores).enumerated() {
            for c in columns { out[c] += weight * values[other * channels + c] }
          }
        }
        result[edge] = weights.linear("mha.linear_o", zip(gate[edge], out).map { Self.sigmoid($0) * $1 })
      }
    }
    return result
  }

  /// Algorithm 15, also for the single state.
  func transition(_ rows: Rows64) -> Rows64 {
    rows.map { row in
      weights.linear("mlp.3", weights.linear("mlp.1", weights.norm("mlp.0", row)).map { max($0, 0) })
    }
  }

  /// ESMFold's pair update from the single state: products and differences, the column's residue first.
  func sequenceToPair(_ s: Rows64) -> Rows64 {
    let qk = s.map { weights.linear("proj", weights.norm("layernorm", $0)) }, inner = qk[0].count / 2
    return (0..<length).flatMap { i in
      (0..<length).map { j in
        let products = (0..<inner).map { qk[j][$0] * qk[i][inner + $0] }
        let differences = (0..<inner).map { qk[j][$0] - qk[i][inner + $0] }
        return weights.linear("o_proj", products + differences)
      }
    }
  }

  // === The single state ===

  /// One value per head and pair.
  func pairBias(_ z: Rows64) -> Rows64 {
    z.map { weights.linear("pair_to_sequence.linear", weights.norm("pair_to_sequence.layernorm", $0)) }
  }

  /// Gated attention; a head's q, k and v are adjacent in the projection.
  func sequenceAttention(_ s: Rows64, bias: Rows64, heads: Int) -> Rows64 {
    let d = s[0].count / heads, x = s.map { weights.norm("layernorm_1", $0) }
    let qkv = x.map { weights.linear("seq_attention.proj", $0) }
    return (0..<length).map { (i: Int) -> [Double] in
      let gate = weights.linear("seq_attention.g_proj", x[i])
      let out = (0..<heads).flatMap { (head: Int) -> [Double] in
        let q = 3 * head * d, k = q + d, v = k + d
        let scores = (0..<length).map { (j: Int) -> Double in
          let product = (0..<d).reduce(Double(0)) { (sum: Double, c: Int) in sum + qkv[i][q + c] * qkv[j][k + c] }
          return product / Double(d).squareRoot() + bias[i * length + j][head]
        }
        let attention = Self.softmax(scores)
        return (0..<d).map { (c: Int) -> Double in
          (0..<length).reduce(Double(0)) { (sum: Double, j: Int) in sum + attention[j] * qkv[j][v + c] }
        }
      }
      return weights.linear("seq_attention.o_proj", zip(gate, out).map { Self.sigmoid($0) * $1 })
    }
  }

  private static func byChannel(_ rows: Rows64) -> Rows64 { (0..<rows[0].count).map { c in rows.map { $0[c] } } }
}
