// Real disks that fill up, of many sizes, and room that comes back while a run goes on: nothing wrong gets a final name, and
// the same command with room gives what an undisturbed run gives.

import Foundation
import TestSupport
import Testing

/// A run of the suite tries a sample of the sizes, another one each time; `Scripts/faults` tries all.
@Suite(
  .timeLimit(minutes: 60),
  .enabled(if: SmallDisk.canBeMade, "needs user namespaces to mount a small file system"))
struct SmallDiskTests {
  private let scratch: ScratchFolder
  private let hub: Hub

  init() throws {
    scratch = try ScratchFolder()
    hub = try Hub()
  }

  private static let sizes = 30

  /// Runs the command, copies what there is, makes room and runs it again. With `BALLAST` the rest of the disk is full of
  /// something else, which goes as soon as the program has used up what was free.
  private static let script = """
    if [[ -n $BALLAST ]]; then
      head -c "${BALLAST}k" /dev/zero > .ballast
      while [[ ! -e $KEEP/status && $(stat -f -c %f .) -gt 0 ]]; do sleep 0.001; done && rm -f .ballast &
    fi
    mkdir -p out
    "$@"
    echo $? > "$KEEP/status"
    wait
    rm -f .ballast
    cp -a out "$KEEP/first"
    mount -o "remount,size=$((64 << 10))k" "$PWD" || exit 98
    "$@" > "$KEEP/again.log" 2>&1
    echo $? > "$KEEP/again.status"
    cp -a out "$KEEP/again"
    """

  @Test("What does not fit leaves nothing wrong", arguments: WritingJob.all, [false, true])
  func sizes(_ job: WritingJob, _ comesBack: Bool) throws {
    let whole = scratch.path + "/whole"
    try FileManager.default.createDirectory(atPath: whole, withIntermediateDirectories: true)
    let undisturbed = try Binary.run(
      job.words(below: whole), environment: job.environment(below: whole, hub))
    try #require(undisturbed.status == 0, "\(undisturbed.error)")
    let expected = try ResultFiles.all(in: whole)

    // Whole pages, up to three times the results: a journal takes them twice, and a download.
    let pages = expected.values.reduce(0) { $0 + ($1.count + 4095) / 4096 } * 3
    let trials = FaultSample(ordinarily: 1).chosen(
      from: (1...Self.sizes).map { max(1, pages * $0 / Self.sizes) * 4 })
    var failures = 0
    for (number, kilobytes) in trials.enumerated() {
      let folder = "\(scratch.path)/trial-\(number)", keep = folder + "/keep"
      try FileManager.default.createDirectory(atPath: keep, withIntermediateDirectories: true)
      let out = folder + "/small/out", ballast = 4096
      var environment = try job.environment(below: out, hub)
      environment["KEEP"] = keep
      environment["BALLAST"] = comesBack ? "\(ballast)" : ""
      let ran = try SmallDisk.run(
        kilobytes: kilobytes + (comesBack ? ballast : 0), at: folder, Self.script,
        [Binary.path] + job.words(below: out),
        environment: environment)
      let place = "\(job), \(kilobytes) KiB, room \(comesBack ? "comes back" : "stays as it is")"
      try #require(ran.status == 0, "\(place): \(ran.error)")
      func written(_ file: String) throws -> Int {
        Int(try String(contentsOfFile: "\(keep)/\(file)", encoding: .utf8).dropLast()) ?? -1
      }
      let status = try written("status")
      if status != 0 { failures += 1 }
      #expect((0..<128).contains(status), "\(place): \(ran.error)")
      if status != 0 { #expect(ran.error.contains("error: "), "\(place): no message") }
      func faults(_ copy: String, isWhole: Bool) throws -> [String] {
        job.isExact
          ? try ResultFiles.faults(in: "\(keep)/\(copy)", expected, isWhole: isWhole)
          : try job.wrongFiles(in: "\(keep)/\(copy)", isWhole: isWhole)
      }
      let first = try faults("first", isWhole: status == 0)
      #expect(first.isEmpty, "\(place): status \(status): \(ran.error)")
      if status == 0, job.isOnce { continue }
      let log = try String(contentsOfFile: keep + "/again.log", encoding: .utf8)
      let again = try written("again.status"), left = try faults("again", isWhole: true)
      #expect(again == 0 && left.isEmpty, "\(place): again: \(log)")
      try FileManager.default.removeItem(atPath: folder)
    }
    // The smallest disk takes one page, which is all that some tables need.
    if trials.count == Self.sizes, !comesBack, pages > 3 { #expect(failures > 0, "\(job): no disk was too small") }
  }
}
