// How large a model is, as its authors count.

import Tensors
package import Weights

extension WeightStore {
  /// The number of elements of all tensors together, without buffers: whole numbers, truth values and rotary frequencies.
  package var parameterCount: Int {
    tensorsInOrder.reduce(0) {
      $0 + ($1.elementType.isFloat && !TensorName.isRotaryFrequencies($1.name) ? $1.count : 0)
    }
  }
}
