// The threads that work beside the calling one: started once, as many as the system gives, and reused.

import Glibc

/// Threads that help whoever runs a parallel region; the caller always works, too, so a region needs no other thread to
/// end. (A pool of our own because libdispatch waits for ever where the system gives no threads.)
///
/// `@unchecked Sendable`: everything that changes is guarded by `lock`.
package final class WorkerPool: @unchecked Sendable {
  /// The pool of this process. Its threads live as long as the process.
  package static let shared = WorkerPool()

  /// One call of `run`.
  private final class Region {
    /// In the frame of the call, which ends after all helpers have left.
    let body: UnsafePointer<(_ worker: Int) -> Void>
    /// Numbers of workers that nobody has taken yet.
    var vacancies: Range<Int>
    /// Threads of the pool that are in `body`.
    var helpers = 0

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
    while threads < count, startsThread(self) { threads += 1 }
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
        lock.held {
          open.append(region)
          // Also those who help while they wait, of which no thread needs to be the pool's own.
          _ = started(workers - 1)
          for _ in 1..<workers { isNeeded.signal() }
        }
        body(0)
        lock.held {
          open.removeAll { $0 === region }
          while region.helpers > 0 { hasLeft.wait(lock) }
        }
      }
    }
    #sourceLocation()
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
    while let place = lock.held({ join(unless: isOver) }) { takePart(in: place) }
  }

  /// Lets those who help until something happens look whether it has.
  package func wake() {
    lock.held { isNeeded.broadcast() }
  }

  private func takePart(in place: (region: Region, worker: Int)) {
    place.region.body.pointee(place.worker)
    lock.held {
      place.region.helpers -= 1
      if place.region.helpers == 0 { hasLeft.broadcast() }
    }
  }

  /// Waits for a region with a vacancy and takes it, or returns nil as soon as the condition holds; the lock is held.
  private func join(unless isOver: () -> Bool) -> (region: Region, worker: Int)? {
    while !isOver() {
      guard let region = open.first else {
        isNeeded.wait(lock)
        continue
      }
      let worker = region.vacancies.removeFirst()
      if region.vacancies.isEmpty { open.removeFirst() }
      region.helpers += 1
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

  init() { pthread_mutex_init(mutex, nil) }

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
