// What a loaded model does otherwise than one might expect.

import Tensors

/// Something about a loaded model that its user may want to know.
public enum ModelRemark: Sendable, Equatable {
  /// This processor computes nothing faster in the number format that was asked for, so that another is used.
  case precision(asked: ESMFold.Precision, used: ESMFold.Precision)
  /// The configuration says `fp16_esm`: the reference computes the language model in float16, this library in float32.
  case referenceHalvesLanguageModel
  /// The system gives fewer threads than were asked for; results are the same, bit for bit.
  case threads(asked: Int, started: Int)

  /// The remark on threads that were started; `nil` when there are as many as were asked for.
  static func onThreads(_ asked: Int, _ threads: Threads) -> ModelRemark? {
    threads.count < asked ? .threads(asked: asked, started: threads.count) : nil
  }

  /// The remark on a number format; `nil` when it is the one that was asked for.
  static func onPrecision(_ asked: ESMFold.Precision) -> ModelRemark? {
    asked.supported == asked ? nil : .precision(asked: asked, used: asked.supported)
  }
}
