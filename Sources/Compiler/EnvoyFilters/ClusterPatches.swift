internal import EnvoyAPI
internal import Mesh
internal import Resources

/// Applies patches of CLUSTER to one cluster (istiod's `ApplyClusterMerge`).
struct ClusterPatches {
  let patches: [EnvoyFilter.Patch]

  init(_ groups: PatchGroups) { patches = groups[.cluster] }

  /// Field numbers of `envoy.config.cluster.v3` and `envoy.config.core.v3`.
  private enum Field {
    static let name = 1
    static let transportSocket = 24
    static let transportSocketMatches = 43
    static let socketOfMatch = 3
    static let socketName = 1
    static let socketConfig = 3
  }

  private static let type = Envoy.Cluster.messageType

  /// Nil where a patch removes it.
  func patched(_ cluster: [UInt8]) -> [UInt8]? {
    var bytes = cluster
    var reference = Reference(MessageParts(cluster).text(Field.name))
    for patch in patches where reference.matches(patch.match) {
      if patch.operation == .remove { return nil }
      guard patch.operation.listMerge != nil else { continue }
      switch mergeSocket(of: patch, into: bytes) {
      case .merged(let merged)?: bytes = merged
      case .unreadable?: continue
      case .otherType?: return bytes
      case nil:
        bytes = patch.merged(into: bytes, as: Self.type)
        let name = MessageParts(bytes).text(Field.name)
        if name != reference.name { reference = Reference(name) }
      }
    }
    return bytes
  }

  /// The clusters that patches add, by name, the first of a name.
  var added: [(name: String, cluster: [UInt8])] {
    var names: Set<String> = []
    return patches.filter { $0.operation == .add && names.insert($0.valueName).inserted }
      .map { ($0.valueName, $0.value) }
  }

  /// A patch with a transport socket is about nothing else: the socket goes into the first of the
  /// cluster's choices with its name, or into the one socket, or takes that one's place. Nil for a
  /// patch without.
  private func mergeSocket(of patch: EnvoyFilter.Patch, into cluster: [UInt8]) -> AnyMerge? {
    guard let socket = MessageParts(patch.value).parts(Field.transportSocket) else { return nil }
    var parts = MessageParts(cluster)
    var choices = parts.elements(Field.transportSocketMatches).map(MessageParts.init)
    guard choices.isEmpty else {
      let place = choices.firstIndex {
        $0.parts(Field.socketOfMatch)?.text(Field.socketName) == socket.text(Field.socketName)
      }
      guard let place, let present = choices[place].parts(Field.socketOfMatch) else {
        return .merged(cluster)
      }
      return merge(socket, into: present) { merged in
        choices[place].set(Field.socketOfMatch, to: [merged])
        parts.set(Field.transportSocketMatches, to: choices.map(\.bytes))
        return parts.bytes
      }
    }
    guard let present = parts.parts(Field.transportSocket),
      present.text(Field.socketName) == socket.text(Field.socketName)
    else {
      parts.set(Field.transportSocket, to: [socket.bytes])
      return .merged(parts.bytes)
    }
    return merge(socket, into: present) { merged in
      parts.set(Field.transportSocket, to: [merged])
      return parts.bytes
    }
  }

  /// The socket with the patch's configuration merged into its own, put back by `cluster`.
  private func merge(
    _ patch: MessageParts, into socket: MessageParts, back cluster: ([UInt8]) -> [UInt8]
  ) -> AnyMerge {
    guard let base = socket.message(Field.socketConfig),
      let change = patch.message(Field.socketConfig)
    else { return .merged(cluster(socket.bytes)) }
    switch AnyMerge(base, with: change) {
    case .merged(let merged):
      var socket = socket
      socket.set(Field.socketConfig, to: [merged])
      return .merged(cluster(socket.bytes))
    case .unreadable: return .unreadable
    case .otherType: return .otherType
    }
  }
}

/// A cluster as matches look at it.
private struct Reference {
  let name: String
  let parsed: ClusterReference?

  init(_ name: String) {
    self.name = name
    parsed = ClusterReference(parsing: name)
  }

  func matches(_ match: EnvoyFilter.Match) -> Bool {
    guard case .cluster(let wanted)? = match.object else { return true }
    guard wanted.name.isEmpty else { return wanted.name == name }
    return (wanted.subset.isEmpty || wanted.subset == parsed?.subset)
      && (wanted.service.isEmpty || wanted.service == parsed?.host)
      && (wanted.port == 0 || wanted.port == parsed?.port)
  }
}
