internal import Segments

/// What a client was last told of a name, accepted or not.
enum Told {
  case resource(Resource)
  /// All that is known is the version: it came from an earlier stream, or has been replaced since.
  case version(ContentHash)
  /// The same; `last` is what took its place and is itself gone.
  case outdated(ContentHash, last: Resource)
  /// That it does not exist.
  case absent
  case nothing

  func isSame(as resource: Resource) -> Bool {
    switch self {
    case .resource(let old): old === resource || old.body == resource.body
    case .version(let hash), .outdated(let hash, last: _): hash == resource.body.hash
    case .absent, .nothing: false
    }
  }

  /// The content that goes on serving where it is gone; nil where only its version is known.
  var kept: Resource? {
    switch self {
    case .resource(let kept), .outdated(_, last: let kept): kept
    case .version, .absent, .nothing: nil
    }
  }

  /// Where no more is known of it.
  var version: ContentHash? {
    switch self {
    case .version(let hash), .outdated(let hash, last: _): hash
    case .resource, .absent, .nothing: nil
    }
  }

  /// What it adds to the digest of all that a client was told.
  func digest(of name: String) -> ContentHash? {
    switch self {
    case .resource(let resource): resource.digest
    case .version(let hash), .outdated(let hash, last: _): Resource.digest(name, hash)
    case .absent: Resource.digest(name, Told.noVersion)
    case .nothing: nil
    }
  }

  /// The version of no content.
  static let noVersion = ContentHash.zero
}

/// What a client was told of names beside those that this says by itself.
///
/// Nearly all clients nearly always have exactly what there is, so that is what costs nothing to say.
enum Assumption {
  case nothing
  /// Of all names it wants: what the table has of them.
  case table
  /// The same of these names only.
  case tableOf(Set<String>)
}

/// A name and version that a client kept from an earlier stream.
package struct KnownVersion: Hashable, Sendable {
  package let name: String
  package let version: String

  package init(name: String, version: String) {
    self.name = name
    self.version = version
  }
}

extension Subscription {
  /// What the client was last told of a name. Valid while the books are up to the table.
  func told(_ name: String, _ table: ResourceTable) -> Told {
    if let exception = exceptions[name] { return exception }
    switch base {
    case .nothing: return .nothing
    case .table: break
    case .tableOf(let covered): guard covered.contains(name) else { return .nothing }
    }
    guard wants(name) else { return .nothing }
    if let resource = table[name] { return .resource(resource) }
    return names.contains(name) && !owed.contains(name) ? .absent : .nothing
  }

  /// Notes what the client is told of a name now.
  mutating func tell(_ name: String, _ now: Told, _ table: ResourceTable) {
    if let digest = toldDigest {
      var sum = digest
      if let old = told(name, table).digest(of: name) { sum.subtract(old) }
      if let new = now.digest(of: name) { sum.add(new) }
      toldDigest = sum
    }
    exceptions[name] = now
  }

  /// Where nothing is due, the client has what there is.
  mutating func simplify() {
    guard place != nil, !reviewsAll, changed.isEmpty, owed.isEmpty, removals.isEmpty else { return }
    base = .table
    if !exceptions.isEmpty { exceptions = [:] }
  }

  /// The table is about to be another one: what the client was told of this one is written down.
  mutating func leave(_ table: ResourceTable) {
    guard place != nil else { return }
    let covered: [String] =
      switch base {
      case .nothing: []
      case .table: isWildcard ? table.names + names.filter { table[$0] == nil } : Array(names)
      case .tableOf(let names): Array(names)
      }
    for name in covered where exceptions[name] == nil { exceptions[name] = told(name, table) }
    base = .nothing
    place = nil
    reviewsAll = true
  }

  /// All resources the client was sent last, as far as they are kept here.
  func held(_ table: ResourceTable) -> [Resource] {
    let all = Set(isWildcard ? table.names : []).union(names).union(exceptions.keys)
    return all.sorted().compactMap { name in
      let told = told(name, table)
      if case .resource(let resource) = told { return resource }
      return table[name].flatMap { told.isSame(as: $0) ? $0 : nil }
    }
  }

  /// The others that it was sent, or has from an earlier stream: something else has taken their place
  /// since, which the client has not been sent yet.
  func replaced(_ table: ResourceTable) -> [KnownVersion] {
    exceptions.sorted { $0.key < $1.key }.compactMap { name, told in
      guard let version = told.version, !(table[name].map(told.isSame) ?? false) else { return nil }
      return KnownVersion(name: name, version: version.description)
    }
  }

  /// The version of a state-of-the-world response: a digest of all the client has once it accepts it,
  /// so that the same client, back on another stream, says with it what it holds. What it has
  /// rejected it does not have.
  mutating func version(_ table: ResourceTable, sent: [String]) -> String {
    var digest = table.digest
    if isWildcard {
      for name in removals { if let gone = told(name, table).digest(of: name) { digest.add(gone) } }
    } else {
      if toldDigest == nil {
        toldDigest = names.reduce(into: Told.noVersion) { sum, name in
          if let told = told(name, table).digest(of: name) { sum.add(told) }
        }
      }
      digest = toldDigest ?? digest
    }
    for name in rejected.subtracting(sent) {
      digest.subtract(Resource.digest(name, Told.noVersion))
    }
    return digest.description
  }
}

// MARK: - What the client brings from an earlier stream

extension Subscription {
  /// What the client says it has: by name, or a digest of everything.
  enum Claim {
    case names([KnownVersion])
    case digest(ContentHash)
  }

  /// Compares what the client says it has with what there is; what it wants and does not say it has is
  /// owed. A client that has it all costs a look at
  /// each name and nothing to keep.
  mutating func review(_ claim: Claim, _ catalog: Catalog) {
    let table = catalog[type]
    switch claim {
    case .names(let known):
      let isAll =
        known.count == (isWildcard ? table.count : names.count)
        && (!isWildcard || names.allSatisfy { table[$0] != nil })
        && known.allSatisfy { wants($0.name) && table[$0.name]?.isVersion($0.version) == true }
      if isAll {
        hasAll(table)
      } else {
        owed.formUnion(names.subtracting(known.lazy.map(\.name)))
        for known in known where wants(known.name) {
          exceptions[known.name] = .version(ContentHash(known.version) ?? Told.noVersion)
        }
      }
    case .digest(let digest):
      guard digest == self.digest(ofAll: table), isWildcard ? names.isEmpty : type == .endpoints
      else { return }
      owed = []
      owesAnswer = false
      hasAll(table)
      let claimed = StreamStatus.Response(version: digest.description, nonce: "")
      (record.sent, record.accepted) = (claimed, claimed)
    }
  }

  private mutating func hasAll(_ table: ResourceTable) {
    base = .table
    place = table.sequence
    reviewsAll = false
    shareNames(table)
  }

  /// What ``version(_:sent:)`` says to a client that has all there is of what it wants.
  private func digest(ofAll table: ResourceTable) -> ContentHash {
    guard !isWildcard else { return table.digest }
    return names.reduce(into: Told.noVersion) { sum, name in
      sum.add(table[name]?.digest ?? Resource.digest(name, Told.noVersion))
    }
  }

  /// Takes the catalog's own copies of names, which all clients share; where it is all names there are,
  /// the set as well.
  mutating func shareNames(_ table: ResourceTable) {
    guard !names.isEmpty else { return }
    if names.count == table.count, names.allSatisfy({ table[$0] != nil }) {
      names = table.allNames
    } else {
      names = Set(names.lazy.map { table[$0]?.name ?? $0 })
    }
  }
}
