// What a model is wanted for, and whether it can do that.

import Checkpoints
import Weights

/// What a model is wanted for.
public enum ModelRole: Sendable {
  /// To fold: only a folding model will do.
  case folding
  /// To read: any model of the family.
  case languageModel

  /// Throws unless the model beside a source's configuration can play this role.
  func check(_ source: ModelSource) throws(ModelError) {
    if case .folding = self {
      _ = try ModelConfiguration(of: source)
      return
    }
    let json: String
    do throws(WeightError) {
      json = try source.configuration()
    } catch {
      throw .weights(error)
    }
    let path = source.configurationPath
    let configuration = try EncoderConfiguration(json: json, path: path)
    if configuration.isFoldingModel {
      _ = try ModelConfiguration(json: json, path: path)
    } else {
      try configuration.tokenizer.check(vocabulary: "\(source.folder)/vocab.txt")
    }
  }

  /// Throws unless all of a checkpoint can be bound.
  func check(_ store: WeightStore) throws(ModelError) {
    if case .folding = self {
      _ = try FoldingModel(store)
    } else if try EncoderConfiguration(of: store).isFoldingModel {
      _ = try FoldingModel(store)
    } else {
      _ = try EncoderModel.load(store)
    }
  }
}
