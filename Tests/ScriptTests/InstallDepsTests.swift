// Scripts/install-deps with fake package managers: what it finds missing, and what it does about it.

import Testing

@Suite struct InstallDepsTests {
  /// A machine without the packages in `MISSING` until the file `installed` exists.
  private func tree(swift version: String? = "6.2") throws -> ScriptTree {
    let tree = try ScriptTree(["install-deps"])
    try tree.write(
      "bin/pkg-config",
      """
      #!/bin/sh
      case " $MISSING " in *" $2 "*) [ -e "$TREE/installed" ] || exit 1 ;; esac

      """, isProgram: true)
    if let version {
      try tree.write(
        "bin/swift", "#!/bin/sh\necho 'Apple Swift version \(version) (swift-\(version)-RELEASE)'\n", isProgram: true)
    }
    // If the test does not run as root.
    try tree.write("bin/sudo", "#!/bin/sh\n[ \"$1\" = -n ] && shift\nexec \"$@\"\n", isProgram: true)
    return tree
  }

  @Test func nothingIsDoneWhereAllIsThere() throws {
    let tree = try tree()
    try tree.program("apt-get", "exit 1")
    let ran = try tree.run("install-deps")
    #expect(ran.status == 0 && ran.output.isEmpty && ran.error.isEmpty && tree.log.isEmpty)
  }

  @Test(arguments: [
    ("openblas", "libopenblas-dev"), ("hdf5", "libhdf5-dev"), ("libcrypto", "libssl-dev"), ("zlib", "zlib1g-dev"),
    ("libcurl", "libcurl4-openssl-dev"), ("hdf5 zlib", "libhdf5-dev zlib1g-dev"),
  ])
  func whatIsMissingIsNamed(missing: String, packages: String) throws {
    let tree = try tree()
    let ran = try tree.run("install-deps", environment: ["MISSING": missing])
    #expect(ran.status == 1 && ran.output.isEmpty)
    #expect(
      ran.error == """
        install-deps: missing libraries, and no apt-get here to install them with: \(packages)
        hint: as an administrator, run: apt-get install \(packages)

        """)
  }

  @Test func pkgConfigItself() throws {
    let tree = try tree()
    try tree.remove("bin/pkg-config")
    let ran = try tree.run("install-deps")
    let all = "libopenblas-dev libhdf5-dev libssl-dev zlib1g-dev libcurl4-openssl-dev pkg-config"
    #expect(ran.status == 1 && ran.error.contains("hint: as an administrator, run: apt-get install \(all)\n"))
  }

  @Test func onlyWhatIsMissingIsInstalled() throws {
    let tree = try tree()
    try tree.program("apt-get", #": > "$TREE/installed""#)
    let ran = try tree.run("install-deps", environment: ["MISSING": "libcurl"])
    #expect(ran.status == 0 && ran.output == "install-deps: installing libcurl4-openssl-dev\n" && ran.error.isEmpty)
    #expect(tree.log == ["apt-get install --yes --no-install-recommends libcurl4-openssl-dev"])
  }

  @Test func oldListsAreFetchedAnewOnce() throws {
    let tree = try tree()
    try tree.program(
      "apt-get", #"[ "$1" = update ] && exit 0; [ "$(wc -l < "$TREE/log")" -gt 2 ] || exit 100; : > "$TREE/installed""#)
    #expect(try tree.run("install-deps", environment: ["MISSING": "zlib"]).status == 0)
    let install = "apt-get install --yes --no-install-recommends zlib1g-dev"
    #expect(tree.log == [install, "apt-get update --quiet", install])
  }

  @Test(arguments: [
    ("exit 100", "apt-get could not install: zlib1g-dev"),
    ("exit 0", "still missing after the installation: zlib1g-dev"),
  ])
  func failuresAreFailures(apt: String, message: String) throws {
    let tree = try tree()
    try tree.program("apt-get", apt)
    let ran = try tree.run("install-deps", environment: ["MISSING": "zlib"])
    #expect(ran.status == 1 && ran.error.contains("install-deps: \(message)\n"))
    #expect(ran.error.contains("hint: as an administrator, run: apt-get install zlib1g-dev\n"))
  }

  @Test(arguments: [("6.2", true), ("6.2.1", true), ("6.10", true), ("10.0", true), ("6.1.9", false), ("5.10", false)])
  func versionsOfSwift(version: String, isEnough: Bool) throws {
    let ran = try tree(swift: version).run("install-deps")
    #expect(ran.status == (isEnough ? 0 : 1))
    if !isEnough { #expect(ran.error.contains("found version \(version), expected 6.2 or newer\nhint: ")) }
  }

  @Test func withoutSwift() throws {
    let ran = try tree(swift: nil).run("install-deps")
    #expect(ran.status == 1 && ran.error.contains("swift: found none, expected Swift 6.2 or newer\nhint: "))
  }

  /// A machine without Swift whose distribution has `version` of it.
  private func withoutSwift(distribution version: String?) throws -> ScriptTree {
    let tree = try tree(swift: nil)
    try tree.write(
      "bin/apt-cache",
      "#!/bin/sh\nprintf 'swiftlang:\\n  Installed: (none)\\n  Candidate: \(version ?? "(none)")\\n'\n",
      isProgram: true)
    let swift = "#!/bin/sh\necho 'Swift version \(version ?? "") (swift-RELEASE)'\n"
    try tree.write("swift", swift, isProgram: true)
    try tree.program("apt-get", #"[ "$1" = update ] || { mv "$TREE/swift" "$TREE/bin/swift"; : > "$TREE/installed"; }"#)
    return tree
  }

  @Test(arguments: [
    ("6.2.3-2+b1", "", "swiftlang swiftlang-dev"), ("6.10~rc1-1", "zlib", "zlib1g-dev swiftlang swiftlang-dev"),
  ])
  func swiftOfTheDistribution(version: String, missing: String, packages: String) throws {
    let tree = try withoutSwift(distribution: version)
    let ran = try tree.run("install-deps", environment: ["MISSING": missing])
    #expect(ran.status == 0 && ran.error.isEmpty, "\(ran.error)")
    #expect(ran.output == "install-deps: installing \(packages)\n")
    #expect(tree.log == ["apt-get install --yes --no-install-recommends \(packages)"])
  }

  @Test(arguments: [
    ("6.0.3-2", "found none, and version 6.0.3 in this distribution, expected 6.2 or newer"),
    (nil, "found none, and none in this distribution, expected Swift 6.2 or newer"),
  ])
  func distributionsWithoutSuchASwift(version: String?, message: String) throws {
    let tree = try withoutSwift(distribution: version)
    let ran = try tree.run("install-deps")
    let ways = "https://www.swift.org/install/linux; or install a package that Scripts/package has made elsewhere"
    #expect(ran.status == 1 && ran.error == "install-deps: swift: \(message)\nhint: \(ways)\n")
    #expect(!tree.log.contains { $0.contains("install") })
  }
}
