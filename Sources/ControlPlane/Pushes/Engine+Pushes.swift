internal import Delivery
internal import Incremental
internal import Mesh

/// What the engine does that may be a push: each is noted with its cause.
extension Engine {
  /// Settles what changed since last time, and answers what streams' threads have to do for it.
  func publish(_ occasion: PushCause.Occasion, changedAt: Duration) -> [Instruction] {
    _ = model.graph.takeComputed()
    let instructions = publisher.publish(changedAt: changedAt)
    note(PushCause(occasion: occasion, changes: takeChanges()), instructions)
    return instructions
  }

  /// A client has said who it is. What is to be done for it is performed part by part, each a push.
  func connect(
    _ stream: StreamNumber, as node: ConnectedProxy, perform: ([Instruction]) -> Void
  ) {
    _ = model.graph.takeComputed()
    var last = publisher.lastPush?.number
    publisher.connect(stream, as: node) { instructions in
      if publisher.lastPush?.number != last {
        last = publisher.lastPush?.number
        note(
          PushCause(occasion: .client(node.node.id), changes: ChangedObjects()), instructions)
      }
      perform(instructions)
    }
  }

  /// What changed nothing, and cost nothing, is no push.
  private func note(_ cause: PushCause, _ instructions: [Instruction]) {
    let computed = model.graph.takeComputed()
    guard let push = publisher.lastPush,
      !instructions.isEmpty || !computed.isEmpty || !cause.changes.isEmpty
    else { return }
    pushes.compiled(PushRecord(push, cause, computed: computed, instructions))
  }
}
