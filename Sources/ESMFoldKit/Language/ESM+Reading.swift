// What can be asked of a language model, and what it answers.

extension ESM {
  /// What a model is.
  public struct Summary: Sendable {
    /// Transformer layers, width of the states, attention heads.
    public let layers: Int, hiddenSize: Int, heads: Int
    /// Columns of the logits.
    public let vocabularySize: Int
    /// The longest sequence of tokens, `<cls>` and `<eos>` included, or `nil` without a limit.
    public let maximumTokens: Int?
    /// Whether the checkpoint has the head of the masked-language task, that of contacts, and the pooler.
    public let hasMaskedLanguageHead: Bool, hasContactHead: Bool, hasPooler: Bool
    /// Whether the checkpoint has a classifier of sequences, or one of tokens.
    public let hasSequenceClassifier: Bool, hasTokenClassifier: Bool
    /// Names of the classifier's outputs; empty without one.
    public let labels: [String]
    /// What config.json says of the outputs of a classifier of sequences (`problem_type`); `nil` where it says nothing,
    /// so that targets decide, see ``Classification/Problem/init(stated:labels:hasIntegerTargets:)``.
    public let problem: Classification.Problem?
  }

  /// The indices of all states, the embeddings first.
  public var allLayers: [Int] { Array(0...description.layers) }

  /// What to compute of a sequence; only the tokens by default.
  public struct Wanted: Sendable {
    /// States by index: 0 for the embeddings, i for the output of layer i; the last one has passed the final norm.
    public var layers: [Int]
    /// The masked-language head's logits of every token.
    public var logits: Bool
    /// Probabilities of contacts.
    public var contacts: Bool
    /// The attention weights of all layers: layers · heads · tokens² values.
    public var attentions: Bool
    /// tanh(dense(`<cls>`)). In the published checkpoints this layer is random: it was never trained.
    public var pooled: Bool
    /// The classifier's logits.
    public var classification: Bool

    /// Requests states, and everything that is true.
    public init(
      layers: [Int] = [], logits: Bool = false, contacts: Bool = false, attentions: Bool = false, pooled: Bool = false,
      classification: Bool = false
    ) {
      self.layers = layers
      self.logits = logits
      self.contacts = contacts
      self.attentions = attentions
      self.pooled = pooled
      self.classification = classification
    }
  }

  /// The results for one sequence of tokens.
  public struct Reading: Sendable {
    /// The sequence; empty where embeddings were read.
    public let tokens: [Int]
    /// The rows of the sequence itself, without `<cls>` at its beginning and `<eos>` at its end.
    public let residueRows: Range<Int>
    /// States [tokens, hidden size] by index, `<cls>` and `<eos>` included.
    public let representations: [Int: Matrix]
    /// The states that were asked for in the order of their indices: with ``ESM/allLayers`` the reference's
    /// `hidden_states`.
    public var hiddenStates: [Matrix] { representations.sorted { $0.key < $1.key }.map(\.value) }
    /// [tokens, vocabulary].
    public let logits: Matrix?
    /// Probabilities [tokens − 2, tokens − 2]: as in the reference, of all tokens but the first and the last. An `<eos>`
    /// in between has no attention.
    public let contacts: Matrix?
    /// Attention weights of all layers.
    public let attentions: AttentionMaps?
    /// [hidden size].
    public let pooled: [Float]?
    /// The classifier's outputs.
    public let classification: Classification?

    /// A state without the rows of `<cls>` and `<eos>`, or `nil` when it was not asked for.
    public func residues(ofLayer layer: Int) -> Matrix? { representations[layer]?.rows(residueRows) }
  }

  /// Attention weights: how much each token attends to each other one.
  public struct AttentionMaps: Sendable {
    /// Extents of `values`.
    public let layers: Int, heads: Int, tokens: Int
    /// [layers, heads, tokens, tokens], row-major; each row of the last two sums to 1.
    public let values: [Float]

    /// The weights of one head, [tokens, tokens]; layers count from 0.
    public subscript(_ layer: Int, _ head: Int) -> Matrix {
      precondition(layer >= 0 && layer < layers && head >= 0 && head < heads, "head \(head) of layer \(layer)")
      let size = tokens * tokens, start = (layer * heads + head) * size
      return Matrix(rows: tokens, columns: tokens, values: Array(values[start..<start + size]))
    }
  }
}
