internal import Diagnostics
internal import Incremental
internal import Mesh
internal import Resources
internal import Store

/// What is found in a ServiceEntry.
struct ServiceEntryAnalysis {
  private let allocatesAddresses: Single<Bool>
  private let conflicts: ProtocolConflicts

  init(_ model: MeshModel) {
    let store = model.store
    allocatesAddresses = Single(store.graph, "addresses are allocated") {
      let metadata = store.meshConfig.defaultConfig.proxyMetadata
      return metadata["ISTIO_META_DNS_CAPTURE"] == "true"
        && (metadata["ISTIO_META_DNS_AUTO_ALLOCATE"] == "true"
          || metadata["PILOT_ENABLE_IP_AUTOALLOCATE"] == "true")
    }
    conflicts = ProtocolConflicts(store)
  }

  func remarks(_ id: NamespacedName, _ entry: ServiceEntry) -> [Remark] {
    withoutAddresses(entry) + conflicts.remarks(id, entry)
  }

  /// istioctl's serviceentry.Analyzer.
  private func withoutAddresses(_ entry: ServiceEntry) -> [Remark] {
    let opaque = entry.ports.enumerated().filter {
      $1.portProtocol == .tcp || $1.portProtocol == .unsupported
    }
    guard entry.addresses.isEmpty, entry.allocatedAddresses.isEmpty, !opaque.isEmpty,
      !allocatesAddresses()
    else { return [] }
    return opaque.map { index, port in
      Remark(.element("ports", index), .opaquePortOfNoAddress(port.number))
    }
  }
}

/// Several ServiceEntries that say different things of one host's port (istioctl's
/// serviceentry.ConflictingServiceEntryProtocolAnalyzer).
private struct ProtocolConflicts {
  private struct HostPort: Digested {
    let host: String
    let port: Int
  }

  private struct Statement: Hashable, Comparable {
    let entry: NamespacedName
    let portProtocol: PortProtocol
    let visibility: Visibility

    static func < (a: Self, b: Self) -> Bool {
      (a.entry, a.portProtocol.rawValue) < (b.entry, b.portProtocol.rawValue)
    }

    /// Some namespace, or everyone, is shown both.
    func meets(_ other: Statement) -> Bool {
      switch (visibility, other.visibility) {
      case (.nobody, .nobody), (.everyone, _), (_, .everyone): true
      case (.namespaces(let mine), .namespaces(let theirs)):
        mine.contains(where: theirs.contains)
      case (.nobody, .namespaces), (.namespaces, .nobody): false
      }
    }
  }

  private let statements: Index<HostPort, Statement>

  init(_ store: ObjectStore) {
    let statements = Index<HostPort, Statement>(store.graph)
    store.writtenServiceEntries.feed(statements) { member, entry in
      entry.spec.hosts.flatMap { host in
        entry.spec.ports.map { port in
          (HostPort(host: host, port: port.number), Self.statement(member.id, entry.spec, port))
        }
      }
    }
    self.statements = statements
  }

  private static func statement(
    _ id: NamespacedName, _ entry: ServiceEntry, _ port: ServiceEntry.Port
  ) -> Statement {
    Statement(
      entry: id, portProtocol: port.portProtocol,
      visibility: Visibility(entry.exportTo, of: id.namespace) ?? .everyone)
  }

  func remarks(_ id: NamespacedName, _ entry: ServiceEntry) -> [Remark] {
    for host in entry.hosts {
      for (index, port) in entry.ports.enumerated() {
        let mine = Self.statement(id, entry, port)
        let met = statements[HostPort(host: host, port: port.number)].prefix(Crowd.limit).filter {
          $0.meets(mine)
        }
        let others = met.filter { $0.portProtocol != mine.portProtocol && $0.entry != id }
        guard !others.isEmpty else { continue }
        return [
          Remark(
            .element("ports", index), ".protocol",
            .conflictingProtocols(
              host, port: port.number,
              others: others.map { "\($0.entry) says \($0.portProtocol.rawValue)" }))
        ]
      }
    }
    return []
  }
}
