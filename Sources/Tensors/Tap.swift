// A hook on named intermediate tensors, for parity tests; costs nothing when unused.

/// Receives intermediate tensors by name while a model runs.
///
/// Names follow the modules of the reference (`trunk.0.blocks.0.tri_mul_out`). With no receiver, neither the name nor
/// the copy is made.
package struct Tap: Sendable {
  private let receive: (@Sendable (String, [Float]) -> Void)?

  /// No receiver.
  package static let none = Tap(nil)

  /// Passes every intermediate tensor to `receive`, row-major.
  package init(_ receive: (@Sendable (String, [Float]) -> Void)?) { self.receive = receive }

  /// Whether there is a receiver: for intermediates that must be assembled first.
  package var isListening: Bool { receive != nil }

  /// Reports one intermediate.
  package func callAsFunction(_ name: @autoclosure () -> String, _ values: @autoclosure () -> [Float]) {
    receive?(name(), values())
  }
}
