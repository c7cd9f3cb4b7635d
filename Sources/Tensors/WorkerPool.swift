// The threads that work beside the calling one: started once, as many as the system gives, and reused.

import CKernels
import Glibc
import Synchronization

/// Threads that help whoever runs a parallel region; the caller always works, too, so a region needs no other thread to
/// end. (A pool of our own because libdispatch waits for ever where the system gives no threads.)
///
/// The steps of a computation follow each other within microseconds, and to wake a thread takes longer than many of them. So
/// who waits, for a region or for its end, first looks for a while (`patience`) and only then sleeps; an idle pool takes no
/// processor time.
///
/// `@unchecked Sendable`: everything that changes is guarded by `lock` or atomic.
package final class WorkerPool: @unchecked Sendable {
  /// The pool of this process. Its threads live as long as the process.
  package static let shared = WorkerPool()

  /// One call of `run`.
  private final class Region {
    /// In the frame of the call, which ends after all helpers have left.
    let body: UnsafePointer<(_ worker: Int) -> Void>
    /// Numbers of workers that nobody has taken yet.
    var vacancies: Range<Int>
    /// Threads of the pool that are in `body`; it grows while `lock` is held only.
    let helpers = Atomic(0)
    /// Whether the caller sleeps until they have left.
    let isAwaited = Atomic(false)

    init(_ body: UnsafePointer<(Int) -> Void>, workers: Int) {
      self.body = body
      vacancies = 1..<workers
    }
  }

  private let lock = Lock()
  /// Signalled when a region may need a thread, and when a thread has left a region.
  private let isNeeded = Lock.Condition(), hasLeft = Lock.Condition()
  private let startsThread: (WorkerPool) -> Bool
  private var threads = 0
  /// Regions that have vacancies, in the order of their calls.
  private var open: [Region] = []
  /// Threads that sleep until a region needs them.
  private var sleepers = 0
  /// How many regions are in `open`, for those who look without the lock.
  private let openCount = Atomic(0)
  /// Threads that look for a region.
  private let lookers = Atomic(0)
  /// Whether threads that look would take processors from those that compute.
  private let isCrowded = Atomic(false)

  /// - Parameter startsThread: Starts a thread that calls `help`; false when the system gives none.
  package init(startsThread: @escaping (WorkerPool) -> Bool = WorkerPool.startThread) {
    self.startsThread = startsThread
  }

  /// Starts threads until there are `count`, or the system gives no more.
  ///
  /// - Returns: How many of the `count` there are.
  package func start(_ count: Int) -> Int {
    lock.held { started(count) }
  }

  private func started(_ count: Int) -> Int {
    while threads < count, startsThread(self) {
      threads += 1
      isCrowded.store(threads >= Threads.availableProcessors, ordering: .relaxed)
    }
    return min(threads, count)
  }

  /// Calls `body(worker)` on the calling thread for worker 0 and, as far as threads are free before it returns, on others
  /// for the rest below `workers`, at least 1. Returns when all of these calls have.
  package func run(_ workers: Int, _ body: (_ worker: Int) -> Void) {
    guard workers > 1 else { return body(0) }
    // The check that this compiles to would hold the length of this file's path, wherever it was built.
    #sourceLocation(file:"WorkerPool-run.swift",line:59)
    withoutActuallyEscaping(body) { body in
      withUnsafePointer(to: body) { pointer in
        let region = Region(pointer, workers: workers)
        let sleepers = lock.held {
          open.append(region)
          openCount.store(open.count, ordering: .releasing)
          // Also those who help while they wait, of which no thread needs to be the pool's own.
          _ = started(workers - 1)
          return self.sleepers
        }
        // Those who look find the region by themselves.
        wake(min(workers - 1 - lookers.load(ordering: .relaxed), sleepers), of: sleepers)
        body(0)
        lock.held {
          open.removeAll { $0 === region }
          openCount.store(open.count, ordering: .relaxed)
        }
        leave(region)
      }
    }
    #sourceLocation()
  }

  /// Waits until all helpers have left a region that no other may enter.
  private func leave(_ region: Region) {
    if look({ region.helpers.load(ordering: .acquiring) == 0 }) { return }
    lock.held {
      region.isAwaited.store(true, ordering: .sequentiallyConsistent)
      while region.helpers.load(ordering: .sequentiallyConsistent) > 0 { hasLeft.wait(lock) }
    }
  }

  private func wake(_ count: Int, of sleepers: Int) {
    if count >= sleepers, count > 1 { return isNeeded.broadcast() }
    for _ in 0..<max(0, count) { isNeeded.signal() }
  }

  /// How long a thread looks before it sleeps, ns: longer than the steps of a computation are apart, and too short to matter where
  /// nothing is computed.
  private static let patience: UInt64 = 100_000

  /// Whether something happens within the time for which it is worth looking.
  private func look(_ hasHappened: () -> Bool) -> Bool {
    if hasHappened() { return true }
    if isCrowded.load(ordering: .relaxed) { return false }
    let start = Self.now()
    while Self.now() - start < Self.patience {
      // The clock takes as long as a few looks.
      for _ in 0..<16 {
        if hasHappened() { return true }
        ck_relax()
      }
    }
    return false
  }

  private static func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  /// Takes part in region after region; never returns.
  func help() -> Never {
    while true { help { false } }
  }

  /// Takes part in regions of others until there is something else to do: a thread that has to wait for them is better spent
  /// on helping them.
  ///
  /// - Parameter isOver: Whether to return; asked between regions, and after each call of `wake`. It must not use the pool.
  package func help(until isOver: () -> Bool) {
    while true {
      lookers.add(1, ordering: .relaxed)
      _ = look { openCount.load(ordering: .relaxed) > 0 }
      lookers.subtract(1, ordering: .relaxed)
      guard let place = lock.held({ join(unless: isOver) }) else { return }
      takePart(in: place)
    }
  }

  /// Lets those who help until something happens look whether it has.
  package func wake() {
    lock.held { isNeeded.broadcast() }
  }

  private func takePart(in place: (region: Region, worker: Int)) {
    place.region.body.pointee(place.worker)
    // The caller returns as soon as it sees the last one leave; either it sees that, or this sees that it sleeps.
    let isLast = place.region.helpers.subtract(1, ordering: .sequentiallyConsistent).newValue == 0
    if isLast, place.region.isAwaited.load(ordering: .sequentiallyConsistent) { lock.held { hasLeft.broadcast() } }
  }

  /// Waits for a region with a vacancy and takes it, or returns nil as soon as the condition holds; the lock is held.
  private func join(unless isOver: () -> Bool) -> (region: Region, worker: Int)? {
    while !isOver() {
      guard let region = open.first else {
        sleepers += 1
        isNeeded.wait(lock)
        sleepers -= 1
        continue
      }
      let worker = region.vacancies.removeFirst()
      if region.vacancies.isEmpty {
        open.removeFirst()
        openCount.store(open.count, ordering: .relaxed)
      }
      region.helpers.add(1, ordering: .relaxed)
      return (region, worker)
    }
    return nil
  }

  /// More than any kernel takes of its stack, and little address space where that is limited.
  private static let stackByteCount = 1 << 20

  /// Starts a thread that helps the pool for as long as the process lives.
  ///
  /// - Parameter pool: The pool.
  /// - Returns: Whether the system gave one.
  package static func startThread(_ pool: WorkerPool) -> Bool {
    var attributes = pthread_attr_t()
    guard pthread_attr_init(&attributes) == 0 else { return false }
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, stackByteCount)
    pthread_attr_setdetachstate(&attributes, CInt(PTHREAD_CREATE_DETACHED))
    // Signals that come from outside are for the program's first threads; a new one inherits the mask. Those that a thread
    // raises by what it does, and a profiler's, stay its own.
    var signals = sigset_t(), before = sigset_t()
    sigfillset(&signals)
    for number in [SIGBUS, SIGSEGV, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS, SIGPROF] { sigdelset(&signals, number) }
    pthread_sigmask(SIG_BLOCK, &signals, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    var thread = pthread_t()
    let context = Unmanaged.passRetained(pool).toOpaque()
    let code = pthread_create(
      &thread, &attributes,
      { context in
        guard let context else { return nil }
        Unmanaged<WorkerPool>.fromOpaque(context).takeUnretainedValue().help()
      }, context)
    if code != 0 { Unmanaged<WorkerPool>.fromOpaque(context).release() }
    return code == 0
  }
}

extension Range<Int> {
  /// Takes the first number off; the range is not empty.
  fileprivate mutating func removeFirst() -> Int {
    defer { self = lowerBound + 1..<upperBound }
    return lowerBound
  }
}

/// A lock that a thread can wait with for what another one does.
private final class Lock {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

  init() {
    var attributes = pthread_mutexattr_t()
    pthread_mutexattr_init(&attributes)
    // It is held for less time than a thread takes to go to sleep and to wake.
    pthread_mutexattr_settype(&attributes, CInt(PTHREAD_MUTEX_ADAPTIVE_NP))
    pthread_mutex_init(mutex, &attributes)
    pthread_mutexattr_destroy(&attributes)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  /// Calls `body` while the calling thread has the lock.
  func held<Value>(_ body: () -> Value) -> Value {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return body()
  }

  final class Condition {
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() { pthread_cond_init(condition, nil) }

    deinit {
      pthread_cond_destroy(condition)
      condition.deallocate()
    }

    /// Gives the lock back until the condition is signalled, or for no reason at all.
    func wait(_ lock: Lock) { pthread_cond_wait(condition, lock.mutex) }

    func signal() { pthread_cond_signal(condition) }

    func broadcast() { pthread_cond_broadcast(condition) }
  }
}
