// Whether an import is a model that can be run.

import CDemoModel
import Weights

/// Whether an import is a model that can be run, asked before it takes its place in the cache; remembers why not.
struct ImportCheck {
  let role: ModelRole
  private(set) var refusal: ModelError?

  init(role: ModelRole) { self.role = role }

  mutating func accepts(_ store: WeightStore) -> Bool {
    do throws(ModelError) {
      try role.check(store)
      return true
    } catch {
      refusal = error
      return false
    }
  }
}
