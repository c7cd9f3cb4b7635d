// The parts of Scripts/package that can be wrong without a build noticing: which C library the launcher of the tarball
// takes, and what is in the wheel. Scripts/test-package tries whole packages.

import Foundation
import Testing

@Suite struct PackagingTests {
  /// Runs a shell script; its standard output, or nil if it fails.
  private static func shell(_ script: String, _ environment: [String: String] = [:]) throws -> String? {
    let process = Process(), pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = ["-euc", script]
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardOutput = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return process.terminationStatus == 0 ? String(decoding: output, as: UTF8.self) : nil
  }

  /// `Scripts/packaging`.
  private static let packaging =
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path + "/Scripts/packaging"

  private static let hasCompiler = (try? shell("command -v clang")) != nil
  private static let hasPython = (try? shell("command -v python3")) != nil

  @Test(
    "The system's C library is used where it suffices, the tarball's elsewhere",
    .enabled(if: hasCompiler, "needs clang"),
    arguments: [
      ("ld.so (GNU libc) stable release version 2.34.", true), ("development release version 2.100.9000", true),
      ("stable release version 2.33.", false), ("stable release version 2.4", false), ("release version 2.", false),
      ("a loader without words", false), ("", false), (nil, false),
    ])
  func launcher(loader: String?, isSystems: Bool) throws {
    let tree = try ScriptTree([])
    let system = tree.path + "/system/ld.so"
    if let loader { try tree.write("system/ld.so", "\u{7F}ELF\0\(loader)\0more") }
    for (place, words) in [("esmfold", "system"), ("glibc/ld.so", "own")] {
      try tree.write("a place/lib/esmfold/\(place)", "#!/bin/sh\nprintf '%s\\n' \(words) \"$@\"\n", isProgram: true)
    }
    let ran = try Self.shell(
      """
      mkdir "$TREE/a place/bin" "$TREE/links"; cd "$TREE"
      clang -static -O1 -Wall -Werror -DGLIBC_MINOR=34 "-DLOADER=\\"${SYSTEM#/}\\"" "$CODE" -o "a place/bin/esmfold"
      ln -s esmfold "a place/bin/esm-fold"; ln -s "../a place/bin/esm-fold" links/esm-fold
      PATH="$PWD/links:$PATH"; esm-fold -i 'two words' ''
      """, ["TREE": tree.path, "SYSTEM": system, "CODE": Self.packaging + "/launcher.c"])
    let folder = tree.path + "/a place/lib/esmfold"
    let expected =
      isSystems
      ? ["system", "-i", "two words", ""]
      : [
        "own", "--library-path", "\(folder)/glibc", "--argv0", "esm-fold", "\(folder)/esmfold", "-i", "two words", "",
      ]
    #expect(ran == expected.map { $0 + "\n" }.joined())
  }

  @Test(
    "What stands in for functions of younger C libraries does what they do", .enabled(if: hasCompiler, "needs clang"))
  func olderLibrary() throws {
    let tree = try ScriptTree([])
    // With a C library that has the functions, it is that which is tried.
    try tree.write(
      "main.c",
      """
      #include <math.h>
      #include <stddef.h>
      #include <stdio.h>
      size_t strlcpy(char *, const char *, size_t);
      int __isoc23_sscanf(const char *, const char *, ...);
      long __isoc23_strtol(const char *, char **, int);
      long long __isoc23_strtoll(const char *, char **, int);
      unsigned long __isoc23_strtoul(const char *, char **, int);
      unsigned long long __isoc23_strtoull(const char *, char **, int);
      unsigned arc4random(void);
      int main(int count, char **words) {
        char text[] = "........", *end;
        int a = 0, b = 0;
        printf("%zu %s|", strlcpy(text, "abcdef", 4), text);
        printf("%zu %s|", strlcpy(text, "xy", 8), text);
        printf("%zu %s\\n", strlcpy(text, "long", 0), text);
        printf("%ld %s\\n", __isoc23_strtol("-0x1fz", &end, 0), end);
        printf("%lld %s\\n", __isoc23_strtoll("-9223372036854775808,", &end, 10), end);
        printf("%lu %llu\\n", __isoc23_strtoul("777", NULL, 8), __isoc23_strtoull("18446744073709551615", NULL, 10));
        printf("%d %d %d\\n", __isoc23_sscanf("12 of 34", "%d of %d", &a, &b), a, b);
        printf("%d\\n", arc4random() != arc4random() || arc4random() != arc4random());
        printf("%g %s\\n", hypotf(count + 2, 4), words[1] == NULL ? "" : words[1]);
      }
      """)
    let ran = try Self.shell(
      "cd $TREE; clang -O1 -w -fno-builtin main.c \"$CODE\" -lm -o program; timeout 20 ./program",
      ["TREE": tree.path, "CODE": Self.packaging + "/older-glibc.c"])
    #expect(
      ran == """
        6 abc|2 xy|4 xy
        -31 z
        -9223372036854775808 ,
        511 18446744073709551615
        2 12 34
        1
        5\u{20}

        """)
  }

  @Test(
    "A wheel holds the program, its pages and its licences, and a record of them that is right",
    .enabled(if: hasPython, "needs python3"))
  func wheel() throws {
    let tree = try ScriptTree([])
    try tree.write("program", "#!/bin/sh\necho folded \"$@\"\n", isProgram: true)
    for (name, text) in [
      ("man/man1/esmfold.1", ".TH"), ("doc/esmfold/README.md", "# esmfold"),
      ("doc/esmfold/licences/esmfold.txt", "MIT"),
    ] {
      try tree.write("common/share/\(name)", text)
    }
    let made = try Self.shell(
      """
      cd "$TREE"; ln -s esmfold-fold.1 common/share/man/man1/esm-fold.1
      for folder in first second; do
        mkdir $folder; touch program
        python3 "$CODE" program common 1.2.3 manylinux_2_34_x86_64 $folder
      done
      cmp first/*.whl second/*.whl
      python3 - <<'END'
      import base64, hashlib, zipfile
      archive = zipfile.ZipFile("first/esmfold-1.2.3-py3-none-manylinux_2_34_x86_64.whl")
      lines = archive.read("esmfold-1.2.3.dist-info/RECORD").decode().splitlines()
      record = {name: digest for name, digest, size in (line.split(",") for line in lines)}
      assert sorted(record) == sorted(archive.namelist())
      for entry in archive.infolist():
          content = archive.read(entry)
          digest = "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
          assert record[entry.filename] in (digest, ""), entry.filename
          print(oct(entry.external_attr >> 16), entry.date_time[0], entry.filename)
      END
      """, ["TREE": tree.path, "CODE": Self.packaging + "/wheel.py", "SOURCE_DATE_EPOCH": "1000000000"])
    #expect(
      made == """
        0o100644 2001 esmfold/__init__.py
        0o100644 2001 esmfold/__main__.py
        0o100644 2001 esmfold/_find.py
        0o100755 2001 esmfold-1.2.3.data/scripts/esmfold
        0o100644 2001 esmfold-1.2.3.data/data/share/man/man1/esmfold.1
        0o100644 2001 esmfold-1.2.3.dist-info/licenses/esmfold.txt
        0o100644 2001 esmfold-1.2.3.dist-info/METADATA
        0o100644 2001 esmfold-1.2.3.dist-info/WHEEL
        0o100644 2001 esmfold-1.2.3.dist-info/RECORD

        """)
  }
}
