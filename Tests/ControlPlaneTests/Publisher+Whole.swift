import Mesh

@testable import ControlPlane

extension Publisher {
  /// All that is to be done for a client that has come, in one list.
  func connect(_ stream: StreamNumber, as node: ConnectedProxy) -> [Instruction] {
    var all: [Instruction] = []
    connect(stream, as: node) { all += $0 }
    return all
  }
}
