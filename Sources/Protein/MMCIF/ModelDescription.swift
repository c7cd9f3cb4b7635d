// What a structure file says of a prediction besides its atoms.

/// A prediction in words and numbers.
package struct ModelDescription: Sendable {
  /// A setting of the program, or what it has read.
  package struct Parameter: Hashable, Sendable {
    /// The data types of ModelCIF that are in use.
    package enum Kind: String, Sendable { case integer, float, string, boolean }

    package let name: String
    package let kind: Kind
    package let value: String
    /// What it means.
    package let meaning: String

    package init(_ name: String, _ value: String, _ kind: Kind = .string, meaning: String) {
      self.name = name
      self.kind = kind
      self.value = value
      self.meaning = meaning
    }
  }

  /// A score of the whole model.
  package struct Score: Sendable {
    package let name: String
    /// One of the types of `_ma_qa_metric.type`, such as `pTM` and `ipTM`; `other` where none fits.
    package let type: String
    package let value: Float
    /// Decimals in the file, 1 to 4.
    package let decimals: Int
    /// What it means.
    package let meaning: String

    package init(_ name: String, type: String, _ value: Float, decimals: Int = 4, meaning: String) {
      self.name = name
      self.type = type
      self.value = value
      self.decimals = decimals
      self.meaning = meaning
    }
  }

  /// The name of the entry.
  package let name: String
  /// What the file holds.
  package let title: String
  /// What was folded: the header of its record.
  package let subject: String
  /// The program, and its version.
  package let program: String, version: String
  /// What the numbers depend on, and what they are called.
  package let parameters: [Parameter]
  /// Mean pLDDT over all atoms, 0-100; nil where there are none.
  package let meanPLDDT: Float?
  /// Further scores of the whole model.
  package let scores: [Score]

  package init(
    name: String, subject: String, program: (name: String, version: String), parameters: [Parameter],
    meanPLDDT: Float?, scores: [Score]
  ) {
    self.name = name
    self.subject = subject
    title = "ESMFOLD PREDICTION FOR " + subject
    (self.program, version) = program
    self.parameters = parameters
    self.meanPLDDT = meanPLDDT
    self.scores = scores
  }
}
