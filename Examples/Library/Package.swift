// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "Library",
  dependencies: [.package(name: "esmfold", path: "../..")],
  targets: [
    .executableTarget(name: "Library", dependencies: [.product(name: "ESMFoldKit", package: "esmfold")])
  ]
)
