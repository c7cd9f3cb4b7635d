// The module-level goldens of Tests/Fixtures/structure.

import Tensors
import TestSupport
import Weights

/// Reads one file of Tests/Fixtures/structure.
func structureFixture(_ name: String) throws -> [String: [Float]] {
  var values: [String: [Float]] = [:]
  for tensor in try Safetensors(Fixtures.path("structure/\(name).safetensors")).tensors() {
    values[tensor.name] = tensor.floats()
  }
  return values
}
