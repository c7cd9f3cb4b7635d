// The option of `esmfold fold` that says which tensors are saved.

import ESMFoldKit
import Platform

extension FoldOptions {
  static let saveTensors = OptionDescription(
    name: "save-tensors",
    form: .optional("all|LIST", completion: .choice(["all"] + FoldField.allCases.map(\.name))),
    group: "Input and output",
    help: "also write NAME.tensors.h5: positions, frames, angles, pLDDT, predicted aligned error, distogram and "
      + "representations as HDF5; with =all every output of the reference with all iterations, with =LIST those of these "
      + "names, separated by commas (-NAME leaves one out)")

  static let tensors = Option<FoldOptions>(
    saveTensors,
    .optional { (values: inout FoldOptions, isOn: Bool, text: String?) throws(InvalidValue) in
      guard isOn else { return values.kept = .structure }
      values.kept = .tensors
      if let text { values.kept = .fields(try fields(text)) }
    })

  /// The fields of a list, from left to right: `all` and names add to it, names with a dash before them take away.
  private static func fields(_ text: String) throws(InvalidValue) -> Set<FoldField> {
    var fields: Set<FoldField> = []
    for word in text.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
      if word == "all" {
        fields = Set(FoldField.allCases)
      } else if let field = FoldField(rawValue: word) {
        fields.insert(field)
      } else if word.hasPrefix("-"), let field = FoldField(rawValue: String(word.dropFirst())) {
        fields.remove(field)
      } else {
        throw unknown(word)
      }
    }
    guard !fields.isEmpty else { throw InvalidValue("at least one output; the list leaves out all") }
    return fields
  }

  private static func unknown(_ word: String) -> InvalidValue {
    let name = word.hasPrefix("-") ? String(word.dropFirst()) : word
    let hint = nearest(to: name, among: FoldField.allCases.map(\.name) + ["all"]).map { "did you mean \($0)?" }
    return InvalidValue(
      "all, or names of outputs separated by commas; \(quoted(name)) is none\nhint: "
        + (hint ?? "esmfold help output lists them"))
  }

  /// Takes a list of outputs that stands among the files, as after `--save-tensors all`: a word that is such a list and no file
  /// can only have been meant as the value.
  mutating func takeOutputs(from files: inout [String]) {
    guard kept == .tensors,
      let place = files.firstIndex(where: { !$0.exists && (try? Self.fields($0)) != nil }),
      let fields = try? Self.fields(files[place])
    else { return }
    kept = .fields(fields)
    files.remove(at: place)
  }
}
