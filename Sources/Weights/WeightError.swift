// Every failure of this target, as data; `description` makes the sentence that a user reads.

import Glibc
package import Platform
package import Tensors

/// Why weights could not be read, imported or bound to a model.
package enum WeightError: SystemErrorWrapping, Equatable, Sendable {
  // MARK: Files

  /// A call to the system failed.
  case system(SystemError)
  /// `path` is a folder, a pipe or something else that is not a regular file.
  case notRegular(path: String, kind: String)
  /// The caller of an import rejected the result of `path`, and knows why.
  case refused(path: String)
  /// `path` is empty.
  case empty(path: String)
  /// `path` is larger than any file of its kind should be.
  case tooLarge(path: String, bytes: Int, limit: Int)
  /// `path` was written to while it was in use.
  case changed(path: String)

  // MARK: Formats

  /// The JSON text of `path` is malformed at byte `offset` (of the text, not of the file).
  case json(path: String, offset: Int, found: String, expected: String)
  /// A file that breaks the rules of its format at `what`.
  case malformed(path: String, what: String, found: String, expected: String)
  /// A tensor stored in a number format that this program does not read.
  case elementType(tensor: String, found: String, path: String)
  /// A shard named by an index is missing.
  case missingShard(shard: String, tensor: String, path: String)

  // MARK: Sources and the cache

  /// `path` holds no weights in a supported format; `found` says what it holds instead.
  case noWeights(path: String, found: String)
  /// `path` holds an adapter of PEFT, trained for the model `base`, if its configuration names one.
  case adapter(path: String, base: String?)
  /// `path` is not weights but something that can be recognised.
  case foreign(path: String, found: String, hint: String)
  /// The pickle in `path` would call `name` when PyTorch loads it.
  case action(path: String, name: String)
  /// `path` holds ESMFold's trunk only, and its language model `languageModel` is not beside it.
  case missingLanguageModel(path: String, languageModel: String)
  /// A language model was named for `path`, which has its own.
  case surplusLanguageModel(path: String, languageModel: String)
  /// There is no `config.json` at `path`.
  case noConfiguration(path: String)
  /// The HDF5 file `path` cannot be written as it should be, or was read back otherwise; `reason` says why.
  case hdf5(path: String, reason: String)
  /// `path` is not one of our cache files.
  case notACache(path: String, found: String)
  /// `path` ends too early.
  case truncated(path: String, bytes: Int, expected: Int)
  /// The import that wrote `path` did not finish.
  case incomplete(path: String)
  /// `path` was written in an unknown version of the schema.
  case version(path: String, found: Int, supported: Int)
  /// Not enough free space in the folder of `path`.
  case noSpace(path: String, needed: Int, available: Int)
  /// The import of `source` into the cache `folder` failed because files cannot be created there.
  case readOnlyCache(folder: String, source: String, code: Int32)
  /// The model `name` cannot be removed from the cache; `found` says what it is instead of a model's file.
  case notRemovable(name: String, found: String)
  /// `path`, which an export would write, exists already.
  case alreadyThere(path: String)
  /// A model name that cannot be a file name.
  case modelName(String)

  // MARK: Tensors

  /// A model needs `tensor`, which is missing.
  case missing(tensor: String, path: String)
  /// `tensor` does not have the shape that the configuration asks for.
  case shape(tensor: String, found: [Int], expected: [Int], path: String)
  /// `tensor` does not have the kind of numbers that the model needs ("integers", "floats").
  case kind(tensor: String, found: ElementType, expected: String, path: String)
  /// Tensors that no part of the model has read: the first few names, and their number.
  case unexpected(tensors: [String], count: Int, path: String)
  /// Element `index` of `tensor` is NaN or infinite.
  case notFinite(tensor: String, index: Int, value: Float, path: String)
  /// The bytes of `tensor` differ from those that the import wrote.
  case digest(tensor: String, found: String, expected: String, path: String)
  /// Element `index` of `tensor` is beyond the range of the type that it was to be converted to.
  case overflow(tensor: String, index: Int, value: Float, target: ElementType, path: String)
}

extension WeightError: CustomStringConvertible {
  /// `file: what: found X, expected Y`, and where it helps a second line with a hint.
  package var description: String {
    hint.map { "\(sentence)\nhint: \($0)" } ?? sentence
  }

  /// `file: what: found X, expected Y`.
  package var sentence: String {
    switch self {
    case .system(let error):
      "\(error)"
    case .notRegular(let path, let kind):
      "\(path): found \(kind), expected a file"
    case .refused(let path):
      "\(path): found another model than expected"
    case .empty(let path):
      "\(path): found an empty file, expected data"
    case .tooLarge(let path, let bytes, let limit):
      "\(path): size: found \(bytes) bytes, expected at most \(limit)"
    case .changed(let path):
      "\(path): found that the file was written to while it was in use, expected it as it was opened"
    case .json(let path, let offset, let found, let expected):
      "\(path): JSON text, byte \(offset): found \(found), expected \(expected)"
    case .malformed(let path, let what, let found, let expected):
      "\(path): \(what): found \(found), expected \(expected)"
    case .elementType(let tensor, let found, let path):
      "\(path): \(tensor): found element type \(found), expected float32, float16, bfloat16, int64 or bool"
    case .missingShard(let shard, let tensor, let path):
      "\(path): \(tensor): found no file \(shard) in the same folder, expected the shard that holds this tensor"
    default: cacheSentence
    }
  }

  private var cacheSentence: String {
    switch self {
    case .noWeights(let path, let found):
      "\(path): weights: found \(found), expected model.safetensors, pytorch_model.bin, the index of either, or one "
        + ".pt file"
    case .adapter(let path, _):
      "\(path): weights: found an adapter (PEFT, LoRA), expected those of a whole model"
    case .foreign(let path, let found, _):
      "\(path): format: found \(found), expected safetensors or a checkpoint of PyTorch"
    case .action(let path, let name):
      "\(path): pickle: found a call of \(name), expected tensors and plain values"
    case .missingLanguageModel(let path, let languageModel):
      "\(path): language model: found the trunk of ESMFold only, expected \(languageModel) in the same folder"
    case .surplusLanguageModel(let path, let languageModel):
      "\(path): language model: found a model that has its own, expected the trunk of ESMFold for \(languageModel)"
    case .noConfiguration(let path):
      "\(path): found no such file, expected the model's configuration beside its weights"
    case .hdf5(let path, let reason):
      "\(path): \(reason)"
    case .notACache(let path, let found):
      "\(path): found \(found), expected a model in the HDF5 form of this program"
    case .truncated(let path, let bytes, let expected):
      "\(path): size: found \(bytes) bytes, expected \(expected): the file ends too early"
    case .incomplete(let path):
      "\(path): found a model whose import did not finish, expected a complete one"
    case .version(let path, let found, let supported):
      "\(path): format version: found \(found), expected \(supported)"
    case .noSpace(let path, let needed, let available):
      "\(path): free space: found \(available) bytes, expected \(needed)"
    case .readOnlyCache(let folder, let source, let code):
      "\(folder): found a folder in which no file can be created (\(SystemError.words(code))), expected a place for "
        + "the import of \(source)"
    case .notRemovable(let name, let found):
      "\(name): found \(found), expected a model's file in the cache"
    case .alreadyThere(let path):
      "\(path): found an existing file, expected none"
    case .modelName(let name):
      "model name: found \(quoted(name)), expected letters, digits, '.', '_' and '-', not starting with '.'"
    default: tensorSentence
    }
  }

  private var tensorSentence: String {
    switch self {
    case .missing(let tensor, let path):
      "\(path): \(tensor): found no such tensor, expected it for this configuration"
    case .shape(let tensor, let found, let expected, let path):
      "\(path): \(tensor): found shape \(found), expected \(expected)"
    case .kind(let tensor, let found, let expected, let path):
      "\(path): \(tensor): found \(found) elements, expected \(expected)"
    case .unexpected(let tensors, let count, let path):
      "\(path): found \(count) \(count == 1 ? "tensor" : "tensors") that the configured model does not have, "
        + "expected none: \(tensors.joined(separator: ", "))\(count > tensors.count ? ", …" : "")"
    case .notFinite(let tensor, let index, let value, let path):
      "\(path): \(tensor): element \(index): found \(value), expected a finite number"
    case .digest(let tensor, let found, let expected, let path):
      "\(path): \(tensor): sha256: found \(found), expected \(expected)"
    case .overflow(let tensor, let index, let value, let target, let path):
      "\(path): \(tensor): element \(index): found \(value), expected a number in the range of \(target)"
    default: "weights: unknown error"  // Not reached: the three switches cover every case between them.
    }
  }

  private static let spaceHint = "free some space, or choose a folder on another disk"

  /// What can be done about it, where that helps.
  package var hint: String? {
    switch self {
    case .notACache: "a model in this form is made by importing its weights"
    case .truncated, .incomplete: "remove it and import the model again"
    case .version: "import the model again with this program, or use the program that wrote the file"
    case .malformed(_, what: "weights", _, _):
      "save the weights alone, torch.save(model.state_dict(), FILE), and import that"
    case .elementType: "convert the weights, for instance with tensor.float() in PyTorch"
    case .changed:
      "another program is writing to it; a file in use is replaced by renaming a new one to its name (cp NEW X.tmp; mv "
        + "X.tmp X)"
    case .malformed, .json, .notFinite: "the file may be damaged or still being written: fetch it again"
    case .digest: "import the model again, or copy the file again from where it is whole"
    case .missing, .shape, .unexpected: "config.json and the weights must come from the same model"
    case .noSpace: Self.spaceHint
    case .system(let error) where error.code == ENOSPC: Self.spaceHint
    case .readOnlyCache: "choose another cache folder, or import the model into a file where you may write"
    case .notRemovable: "only models of this program are removed"
    case .noWeights(_, let found) where found.hasPrefix("several"): "name the one to import"
    case .noWeights(_, let found) where found.hasSuffix(".h5"):
      "a file of the cache needs no import"
    case .foreign(_, _, let hint): hint
    case .adapter(_, let base):
      "merge it into its base model\(base.map { " \(quoted($0))" } ?? "") with PEFT, "
        + "PeftModel.from_pretrained(BASE, FOLDER).merge_and_unload().save_pretrained(\"merged\"), and import that folder"
    case .action:
      "nothing was run here, but PyTorch would run it: do not load this file, and tell the person who "
        + "gave it to you"
    case .missingLanguageModel: "Meta publishes the two separately: download the other file, or name it"
    case .noConfiguration: "copy config.json from the place where the weights came from"
    case .missingShard: "fetch every file that the index names"
    case .system(let error) where error.isForbidden && !error.action.hasPrefix("open"):
      "choose a folder that you may write to"
    default: nil
    }
  }
}
