// A published model: its names, files and digests.

import Weights

/// A model on the Hugging Face hub.
public struct KnownModel: Sendable {
  /// A file of a model.
  public struct File: Sendable, Equatable {
    /// Its name in the repository.
    public let name: String
    /// Its size, where that is known.
    public let bytes: Int?
    /// Its SHA-256 in hexadecimal digits, where that is known.
    public let sha256: String?

    init(_ name: String, bytes: Int? = nil, sha256: String? = nil) {
      self.name = name
      self.bytes = bytes
      self.sha256 = sha256
    }
  }

  /// Its name in the cache and for `ModelLocation.resolve`, and the last part of the repository's name.
  public let name: String
  /// The commit to fetch, or `main` where no full one is recorded.
  public let revision: String
  /// The `config.json`.
  public let configuration: File
  /// The weights, or the index of their shards.
  public let weights: File
  /// About how large the weights are in bytes; `nil` where that is not known.
  public let approximateBytes: Int?
  /// What is known of shards; which there are, the index says.
  private let shards: [File]

  private init(
    _ name: String, _ weights: File, about bytes: Int?, revision: String = "main",
    configuration: File = File("config.json"), shards: [File] = []
  ) {
    self.name = name
    self.revision = revision
    self.configuration = configuration
    self.weights = weights
    approximateBytes = bytes
    self.shards = shards
  }

  /// The configuration, then the weights or the index of their shards.
  public var files: [File] { [configuration, weights] }

  /// The repository on the hub, `facebook/NAME`.
  public var repository: String { Self.owner + name }

  private static let owner = "facebook/"

  /// About how large the weights are, as download pages say it, "8.4 GB"; `nil` where that is not known.
  public var approximateSize: String? {
    approximateBytes.map { bytes in
      let (unit, size) = bytes < 1_000_000_000 ? ("MB", 1_000_000) : ("GB", 1_000_000_000)
      let tenths = (bytes * 10 + size / 2) / size
      return tenths < 1000 ? "\(tenths / 10).\(tenths % 10) \(unit)" : "\((tenths + 5) / 10) \(unit)"
    }
  }

  /// The known model that a word means: its name, or that of its repository.
  ///
  /// - Parameter word: `esmfold_v1` or `facebook/esmfold_v1`.
  /// - Returns: The model; `nil` for another word.
  public static func named(_ word: String) -> KnownModel? {
    all.first { $0.name == word || $0.repository == word }
  }

  /// All of them: ESMFold, ESM-2 by size, ESM-1b, ESM-1v.
  ///
  /// Sizes and digests are those of the hub's file listings and LFS pointers. A file that is not as they say is not the
  /// file: wherever it comes from, it is refused.
  public static let all: [KnownModel] = [
    KnownModel(
      "esmfold_v1",
      File(
        pickle, bytes: 8_442_062_570, sha256: "2ee07356b125d1e3e57503c204111fd7323347fc4735d41d3caac57c2a78e116"),
      about: 8_442_062_570, revision: "75a3841ee059df2bf4d56688166c8fb459ddd97a",
      configuration: File(
        "config.json", sha256: "6b98125e2685fef2875499f6bd7c83968a077993ab53f99bf5581113665f7cc6")),
    KnownModel("esm2_t6_8M_UR50D", File(safetensors), about: 31_400_000),
    KnownModel("esm2_t12_35M_UR50D", File(safetensors), about: 136_000_000),
    KnownModel("esm2_t30_150M_UR50D", File(safetensors), about: 595_000_000),
    KnownModel("esm2_t33_650M_UR50D", File(safetensors), about: 2_610_000_000),
    KnownModel(
      "esm2_t36_3B_UR50D", File(pickleIndex), about: 11_367_082_474,
      shards: [
        File(
          "pytorch_model-00001-of-00002.bin", bytes: 9_976_735_419,
          sha256: "0f971f11c449d21422aa982b791619c10351972992c735f4c3cd43fe09790412"),
        File("pytorch_model-00002-of-00002.bin", bytes: 1_390_347_055),
      ]),
    KnownModel("esm2_t48_15B_UR50D", File(pickleIndex), about: 60_000_000_000),
    KnownModel("esm1b_t33_650M_UR50S", File(pickle), about: 2_610_000_000),
    KnownModel("esm1v_t33_650M_UR90S_1", File(pickle), about: nil),
    KnownModel("esm1v_t33_650M_UR90S_2", File(pickle), about: nil),
    KnownModel("esm1v_t33_650M_UR90S_3", File(pickle), about: nil),
    KnownModel("esm1v_t33_650M_UR90S_4", File(pickle), about: nil),
    KnownModel("esm1v_t33_650M_UR90S_5", File(pickle), about: nil),
  ]

  private static let safetensors = "model.safetensors"
  private static let pickle = "pytorch_model.bin"
  private static let pickleIndex = "pytorch_model.bin.index.json"

  // MARK: Shards

  /// Whether the weights are in several files.
  public var isSharded: Bool { weights.name == Self.pickleIndex }

  /// The shards that an index names, and how large they are together.
  ///
  /// - Parameter path: The index of this model's weights.
  /// - Returns: The files, with what is known of them, and the bytes of all tensors where the index says that.
  /// - Throws: `ModelError` when it is no such index.
  public func shards(ofIndex path: String) throws(ModelError) -> (files: [File], bytes: Int?) {
    do throws(WeightError) {
      let index = try ShardIndex(path)
      return (index.shards.map { name in shards.first { $0.name == name } ?? File(name) }, index.totalBytes)
    } catch {
      throw .weights(error)
    }
  }
}
