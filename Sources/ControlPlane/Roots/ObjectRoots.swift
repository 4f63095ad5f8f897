internal import Documents
internal import Ingest
internal import Resources
internal import Segments

/// A hash of the objects that count, by kind: two that were given the same have the same, in whatever
/// order and with whatever in between. A change costs the objects it changes.
///
/// Of Secrets only what is public counts: their names, and certificates, which private keys have to fit.
/// What servers count by themselves (versions, generations) is none of it.
struct ObjectRoots {
  struct Sum: Hashable, Sendable {
    var count = 0
    var hash = ContentHash.zero
  }

  /// There are as many of these as objects.
  struct Part: Sendable {
    /// Of kind, namespace and name; the last byte is the kind's number. It tells objects of a file apart.
    let identity: UInt64
    let hash: ContentHash

    private static let kinds = Kind.allCases

    var kind: Kind { Part.kinds[Int(identity & 0xFF)] }

    init(_ kind: Kind, _ root: Node) { self.init(kind, PartHashes(kind, root)) }

    init(_ kind: Kind, _ hashes: PartHashes) {
      guard let number = Part.kinds.firstIndex(of: kind) else {
        preconditionFailure("all kinds are among all cases")
      }
      identity = hashes.identity.high & ~0xFF | UInt64(number)
      hash = ContentHash(combining: [hashes.rest, hashes.metadata] + hashes.endpoints)
    }
  }

  /// The hashes of what is in an object, of which its own is made: most of that stays as it is when the
  /// object changes.
  struct PartHashes: Sendable {
    let identity: ContentHash
    let metadata: ContentHash
    /// Of all else that counts.
    let rest: ContentHash
    /// Of an EndpointSlice.
    let endpoints: [ContentHash]

    init(_ kind: Kind, _ root: Node) {
      var bytes = CanonicalBytes()
      let metadata = root["metadata"]
      identity = bytes.hash {
        $0.append(
          list: [Node(.string(kind.rawValue)), metadata?["namespace"], metadata?["name"]])
      }
      self.metadata = bytes.hash {
        $0.append(
          metadata ?? Node(.null),
          without: kind == .secret ? Uncounted.ofSecret : Uncounted.metadata)
      }
      let endpoints =
        kind == .endpointSlice ? root["endpoints"]?.items?.map { bytes.hash(of: $0) } ?? [] : []
      self.endpoints = endpoints
      rest = bytes.hash {
        $0.append(counted: root, of: kind, besidesEndpoints: !endpoints.isEmpty)
      }
    }

    /// Of a slice of which nothing else changed.
    private init(_ before: PartHashes, endpoints: [ContentHash]) {
      (identity, metadata, rest) = (before.identity, before.metadata, before.rest)
      self.endpoints = endpoints
    }

    /// Of a slice, of which something was known before.
    static func ofSlice(
      _ known: KnownSlice, _ root: Node, since before: RecentSlices.Slice
    ) -> PartHashes {
      guard known.metadataFingerprint == before.known.metadataFingerprint,
        known.restFingerprint == before.known.restFingerprint, !before.hashes.endpoints.isEmpty,
        let items = root["endpoints"]?.items, items.count > 0
      else { return PartHashes(.endpointSlice, root) }
      var bytes = CanonicalBytes()
      var alignment = Alignment(with: before.known.fingerprints)
      let endpoints = zip(known.fingerprints, items).map { fingerprint, item in
        alignment.place(of: fingerprint).map { before.hashes.endpoints[$0] }
          ?? bytes.hash(of: item)
      }
      return PartHashes(before.hashes, endpoints: endpoints)
    }
  }

  /// An API server's files hold one object each.
  private enum Contents {
    case one(Part)
    case many([Part])

    var parts: [Part] {
      switch self {
      case .one(let part): [part]
      case .many(let parts): parts
      }
    }
  }

  private var files: [String: Contents] = [:]
  private(set) var kinds: [Kind: Sum] = [:]

  /// Takes what a file says. `isRefused` tells of an object whether it does not count as it is written:
  /// its last good version, if it had one, goes on counting.
  mutating func replace(
    _ file: ReadObjects, at path: String, isRefused: (ReadDocument) -> Bool
  ) {
    let place = files.index(forKey: path)
    let known = place.map { files[$0].value }
    // An API server's event brings one object anew.
    if let place, case .one(let known)? = known, let document = file.only,
      let part = document.part, part.identity == known.identity
    {
      if !isRefused(document) { exchange(known, for: part, at: place) }
      return
    }
    let before = Dictionary(
      (known?.parts ?? []).map { ($0.identity, $0) }, uniquingKeysWith: { $1 })
    var parts = file.extent == .whole ? [:] : before
    parts.reserveCapacity(file.documents.underestimatedCount)
    for document in file.documents {
      guard let part = document.part else { continue }
      parts[part.identity] = isRefused(document) ? before[part.identity] : part
    }
    set(path, Array(parts.values))
  }

  mutating func remove(_ path: String) { set(path, []) }

  private mutating func exchange(
    _ old: Part, for new: Part, at place: Dictionary<String, Contents>.Index
  ) {
    guard old.hash != new.hash else { return }
    kinds[new.kind]?.hash.exchange(old.hash, for: new.hash)
    files.values[place] = .one(new)
  }

  private mutating func set(_ path: String, _ parts: [Part]) {
    for part in files[path]?.parts ?? [] {
      kinds[part.kind]?.hash.subtract(part.hash)
      kinds[part.kind]?.count -= 1
    }
    for part in parts {
      kinds[part.kind, default: Sum()].hash.add(part.hash)
      kinds[part.kind, default: Sum()].count += 1
    }
    switch parts.count {
    case 0: files[path] = nil
    case 1: files[path] = .one(parts[0])
    case _: files[path] = .many(parts)
    }
  }
}

extension ContentHash {
  fileprivate mutating func exchange(_ old: ContentHash, for new: ContentHash) {
    subtract(old)
    add(new)
  }
}

/// Fields that are no part of an object's root, or have hashes of their own.
private enum Uncounted {
  static let metadata = [
    "managedFields", "resourceVersion", "uid", "generation", "selfLink",
  ].map { FieldName($0) }
  static let ofSecret = metadata + [FieldName("annotations")]
  static let object = [FieldName("apiVersion"), FieldName("metadata")]
  static let slice = object + [FieldName("endpoints")]
}

extension CanonicalBytes {
  /// What counts of an object besides the parts that are hashed.
  fileprivate mutating func append(
    counted root: Node, of kind: Kind, besidesEndpoints: Bool
  ) {
    append(
      kind == .secret ? root.withoutSecrets : root,
      without: besidesEndpoints ? Uncounted.slice : Uncounted.object)
  }
}

extension Node {
  /// A Secret with nothing of its data but what everyone may see.
  fileprivate var withoutSecrets: Node {
    guard let entries = mapping?.entries else { return self }
    return Node(
      .mapping(
        entries.map { entry in
          switch entry.key {
          case "data", "stringData": Entry(key: entry.key, value: entry.value.shownOfSecret)
          default: entry
          }
        }))
  }

  /// A Secret's data: names of all, contents of what everyone may see.
  private var shownOfSecret: Node {
    guard case .mapping(let entries) = content else { return Node(.null) }
    let shown: Set = ["tls.crt", "ca.crt", "ca.crl", "cert", "cacert", "crl"]
    return Node(
      .mapping(
        entries.map { entry in
          shown.contains(entry.key) ? entry : Entry(key: entry.key, value: Node(.null))
        }))
  }
}
