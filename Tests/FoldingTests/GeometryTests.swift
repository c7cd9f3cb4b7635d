// Frames, torsion angles and recycling bins: against the reference's values, and against properties of all frames.

import Folding
import Protein
import TestSupport
import Testing

/// Å: coordinates of tens of Å through a chain of four float32 frames.
private let coordinateTolerance: Float = 1e-4

@Suite("Geometry") struct GeometryTests {
  @Test("A rotation preserves lengths, has an inverse and composes") func rotations() {
    var random = RandomNumbers(seed: 1)
    for _ in 0..<50 {
      let v = random.floats(6)
      let q = Quaternion.identity.updated([v[0], v[1], v[2]]), r = Quaternion.identity.updated([v[3], v[4], v[5]])
      let p = SIMD3<Float>(v[1], v[4], v[2])
      let turned = Rotation(q).apply(p)
      #expect(abs((turned * turned).sum() - (p * p).sum()) < 1e-5)
      let back = Rotation(q).applyInverse(turned) - p
      #expect((back * back).sum() < 1e-10)
      let composed = Rotation(q).composed(Rotation(r)).apply(p) - Rotation(q).apply(Rotation(r).apply(p))
      #expect((composed * composed).sum() < 1e-10)
    }
  }

  @Test("Torsion angles to frames and atoms of every residue type") func atoms() throws {
    let fixture = try structureFixture("atom14")
    let types = try #require(fixture["aatype"]), frames = try #require(fixture["frames"])
    let angles = try #require(fixture["angles"])
    var positions: [Float] = []
    for (i, type) in types.enumerated() {
      let residue = try #require(ResidueType(index: Int(type)))
      let f = frames[7 * i..<7 * i + 7].map { $0 }
      let backbone = BackboneFrame(
        quaternion: Quaternion(w: f[0], x: f[1], y: f[2], z: f[3]), translation: [f[4], f[5], f[6]])
      let groups = angles[14 * i..<14 * i + 14].withUnsafeBufferPointer { buffer in
        buffer.baseAddress.map { TorsionGeometry.frames(residue, backbone: backbone.rigid, angles: $0) } ?? []
      }
      for atom in TorsionGeometry.atom14(residue, frames: groups) { positions += [atom.x, atom.y, atom.z] }
    }
    let closeness = Closeness(positions, try #require(fixture["positions"]))
    #expect(closeness.maximum < coordinateTolerance, "\(closeness)")
  }

  @Test("Recycling bins") func recyclingBins() throws {
    let fixture = try structureFixture("recycle-bins")
    let coordinates = try #require(fixture["coordinates"])
    // [L, 3, 3] in the first three slots of [L, 14, 3].
    let atom14 = (0..<coordinates.count / 9).flatMap { i in
      coordinates[9 * i..<9 * i + 9] + [Float](repeating: 0, count: 33)
    }
    let carbons = Recycling.betaCarbons(atom14)
    let bins = carbons.flatMap { p in carbons.map { q in Float(Recycling.bin(p, q)) } }
    #expect(bins == fixture["bins"])
    #expect(Set(bins).count > 5)
  }
}
