// The sizes of the published model, which benchmarks with random weights have.

import ESMFoldKit
import Weights

enum PublishedModel {
  /// The configuration of esmfold_v1.
  static var configuration: ModelConfiguration {
    get throws(BenchmarkError) {
      do throws(ModelError) {
        return try ModelConfiguration(json: MemoryPlan.publishedConfiguration, path: "esmfold_v1")
      } catch {
        throw .model("\(error)")
      }
    }
  }
}
