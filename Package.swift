// swift-tools-version: 6.2
import PackageDescription

let swift: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("ExistentialAny"),
]
// No unsafeFlags: SwiftPM refuses them in a package that another one depends on by version.
let c: [CSetting] = [.enableWarning("all"), .enableWarning("extra"), .disableWarning("psabi")]

/// Arrows of the target graph; `Scripts/check-imports` checks the sources against the same table in `Sources/README.md`.
let package = Package(
  name: "esmfold",
  products: [
    .executable(name: "esmfold", targets: ["esmfold"]),
    .library(name: "ESMFoldKit", targets: ["ESMFoldKit"]),
  ],
  targets: [
    // C: kernels, embedded data and thin shims over libraries.
    .target(name: "CKernels", cSettings: c),
    .target(name: "CDemoModel", exclude: ["demo.h5", "README.md"], cSettings: c),
    .target(name: "CManual", cSettings: c),
    // The page's parts are in Report/Page; Scripts/fetch-viewer puts the 3D viewer into viewer.
    .target(name: "CReport", exclude: ["viewer"], cSettings: c),
    .target(name: "CArguments", cSettings: c),
    // Loads libcurl when it is needed; builds need its headers only.
    .target(name: "CCurl", cSettings: c),
    .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

    .target(name: "Platform", dependencies: ["CCrypto"], swiftSettings: swift),
    .target(name: "Tensors", dependencies: ["CKernels"], swiftSettings: swift),
    .target(name: "Protein", swiftSettings: swift),
    .target(name: "Weights", dependencies: ["Tensors", "Platform"], swiftSettings: swift),
    .target(name: "Checkpoints", dependencies: ["Weights", "Tensors", "Protein", "Platform"], swiftSettings: swift),
    .target(name: "ESM2", dependencies: ["Tensors", "Weights"], swiftSettings: swift),
    .target(name: "Folding", dependencies: ["Tensors", "Weights", "Protein"], swiftSettings: swift),
    .target(
      name: "ESMFoldKit",
      dependencies: ["ESM2", "Folding", "Checkpoints", "Weights", "Tensors", "Protein", "Platform", "CDemoModel"],
      swiftSettings: swift),
    .target(name: "Transfer", dependencies: ["Platform", "CCurl"], swiftSettings: swift),
    // The parts of the page in Page are embedded by CReport.
    .target(
      name: "Report", dependencies: ["ESMFoldKit", "Tensors", "Protein", "Platform", "CReport", "CZlib"],
      exclude: ["Page"], swiftSettings: swift),
    .target(name: "Pictures", dependencies: ["Protein", "Platform", "CZlib"], swiftSettings: swift),
    // The pages in Manual are embedded by CManual.
    .target(
      name: "CommandLineTool",
      dependencies: [
        "ESMFoldKit", "Report", "Transfer", "Pictures", "Protein", "Platform", "CZlib", "CManual", "CArguments",
      ],
      exclude: ["Manual"], swiftSettings: swift),
    .executableTarget(name: "esmfold", dependencies: ["CommandLineTool"], swiftSettings: swift),
    .executableTarget(
      name: "esmfold-bench",
      dependencies: [
        "ESMFoldKit", "ESM2", "Folding", "Weights", "Tensors", "Protein", "Platform", "COpenBLAS", "CKernels",
      ],
      exclude: ["README.md"], swiftSettings: swift),
    .executableTarget(
      name: "esmfold-demo-model", dependencies: ["Checkpoints", "Tensors"], swiftSettings: swift),
    .executableTarget(
      name: "esmfold-fuzz",
      dependencies: [
        "CommandLineTool", "ESMFoldKit", "ESM2", "Report", "Checkpoints", "Weights", "Tensors", "Protein", "Platform",
      ],
      exclude: ["README.md"], swiftSettings: swift),

    .target(
      name: "TestSupport", dependencies: ["Protein", "Platform"], path: "Tests/Support",
      swiftSettings: swift),
    .testTarget(name: "PlatformTests", dependencies: ["Platform", "TestSupport"], swiftSettings: swift),
    .testTarget(
      name: "TensorsTests", dependencies: ["Tensors", "CKernels", "COpenBLAS", "TestSupport"], swiftSettings: swift),
    .testTarget(name: "ProteinTests", dependencies: ["Protein", "TestSupport"], swiftSettings: swift),
    .target(
      name: "WeightsTestSupport", dependencies: ["Weights", "Platform", "TestSupport"], path: "Tests/WeightsSupport",
      swiftSettings: swift),
    // The HDF5 library judges the files that the program writes without it.
    .systemLibrary(name: "CHDF5", path: "Tests/CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"])]),
    // Files of the cache are easiest made by an import.
    .testTarget(
      name: "WeightsTests",
      dependencies: ["Weights", "Checkpoints", "Tensors", "Platform", "TestSupport", "WeightsTestSupport", "CHDF5"],
      swiftSettings: swift),
    .testTarget(
      name: "CheckpointsTests",
      dependencies: [
        "Checkpoints", "Weights", "Tensors", "Protein", "Platform", "CDemoModel", "esmfold-demo-model", "TestSupport",
        "WeightsTestSupport",
      ],
      swiftSettings: swift),
    .testTarget(
      name: "FoldingTests", dependencies: ["Folding", "Checkpoints", "Weights", "Tensors", "Protein", "TestSupport"],
      swiftSettings: swift),
    .testTarget(
      name: "ESMFoldKitTests",
      dependencies: [
        "ESMFoldKit", "ESM2", "Folding", "Checkpoints", "Weights", "Tensors", "Protein", "Platform", "TestSupport",
      ],
      swiftSettings: swift),
    // A server with certificates, for the tests of downloads alone; libssl-dev brings it, as libcurl needs it anyway.
    .systemLibrary(name: "CTLS", path: "Tests/CTLS", pkgConfig: "libssl", providers: [.apt(["libssl-dev"])]),
    .testTarget(
      name: "TransferTests", dependencies: ["Transfer", "Platform", "TestSupport", "CTLS"], swiftSettings: swift),
    .testTarget(
      name: "ReportTests", dependencies: ["Report", "Protein", "Platform", "CZlib"], swiftSettings: swift),
    .testTarget(
      name: "PicturesTests", dependencies: ["Pictures", "Protein", "CZlib", "TestSupport"], swiftSettings: swift),
    .testTarget(
      name: "CommandLineToolTests",
      dependencies: [
        "CommandLineTool", "ESMFoldKit", "esmfold", "Transfer", "Weights", "Tensors", "Protein", "Platform",
        "Pictures", "TestSupport",
      ],
      swiftSettings: swift),
    .testTarget(
      name: "FuzzTests", dependencies: ["esmfold-fuzz", "Weights", "Tensors", "Platform", "TestSupport"],
      swiftSettings: swift),
    .testTarget(name: "ScriptTests", swiftSettings: swift),
    .testTarget(
      name: "BenchTests", dependencies: ["esmfold-bench", "Tensors", "Weights", "Platform", "TestSupport"],
      swiftSettings: swift),
  ],
  cLanguageStandard: .c2x
)
