package import Documents

/// What of an EndpointSlice is known from the last time it was read, to be taken again where the text
/// says the same: of most changes that is all but one endpoint.
///
/// A class, since it is handed around for every event: what it has is not counted part by part.
package final class KnownSlice: Sendable {
  /// A fingerprint for each endpoint.
  package let fingerprints: [UInt64]
  /// Of the metadata but for what servers count by themselves.
  package let metadataFingerprint: UInt64
  /// Of all but the metadata and the endpoints.
  package let restFingerprint: UInt64
  /// Of each endpoint but for its conditions.
  fileprivate let standing: [UInt64]
  fileprivate let endpoints: [EndpointSlice.Endpoint]
  fileprivate let metadata: ObjectMeta
  fileprivate let rest: EndpointSlice

  fileprivate init(
    fingerprints: [UInt64], metadataFingerprint: UInt64, restFingerprint: UInt64,
    standing: [UInt64], endpoints: [EndpointSlice.Endpoint], metadata: ObjectMeta,
    rest: EndpointSlice
  ) {
    self.fingerprints = fingerprints
    self.metadataFingerprint = metadataFingerprint
    self.restFingerprint = restFingerprint
    self.standing = standing
    self.endpoints = endpoints
    self.metadata = metadata
    self.rest = rest
  }
}

/// Reads a slice or any other object as ``decode(_:sharing:)`` does, with what is known of it; answers
/// what is known now, nil where that is not all of a slice.
package func decode(
  _ document: Document, sharing shared: SharedValues, knowing before: KnownSlice?
) -> (decoded: Decoded, known: KnownSlice?) {
  if let before, let again = before.again(document, sharing: shared) { return again }
  let reading = SliceReading(before)
  shared.slice = reading
  defer { shared.slice = nil }
  let decoded = decode(document, sharing: shared)
  return (decoded, reading.known)
}

extension KnownSlice {
  /// The slice where nothing but endpoints is different and there is nothing to say about these, which is
  /// what slices mostly change in; nil where it has to be read whole.
  fileprivate func again(
    _ document: Document, sharing shared: SharedValues
  ) -> (decoded: Decoded, known: KnownSlice?)? {
    let root = document.root
    guard SliceReading.fingerprint(ofMetadata: root["metadata"]) == metadataFingerprint,
      SliceReading.fingerprint(ofRest: root) == restFingerprint, !metadata.name.isEmpty,
      let nodes = root["endpoints"]?.items
    else { return nil }
    var metadata = metadata
    if metadata.namespace.isEmpty { metadata.namespace = "default" }
    let reading = Reading(file: document.file, sharing: shared)
    reading.metadata = metadata
    let slice = SliceReading(self)
    var endpoints: [EndpointSlice.Endpoint] = []
    endpoints.reserveCapacity(nodes.count)
    for node in nodes {
      guard node.isMapping, let endpoint = slice.endpoint(node, reading) else { return nil }
      endpoints.append(endpoint)
    }
    guard let known = slice.known(as: self, with: endpoints) else { return nil }
    let object = Object(
      metadata: metadata,
      spec: EndpointSlice(
        addressType: rest.addressType, endpoints: endpoints, ports: rest.ports),
      place: root.position.place(in: document.file))
    return (Decoded(outcome: .accepted(.endpointSlice(object))), known)
  }
}

/// The reading of a slice, of which the one before may be known.
final class SliceReading {
  private let before: KnownSlice?
  private var alignment: Alignment
  /// Nil from where something was read that cannot be known again: there was something to say about it.
  private var fingerprints: [UInt64]? = []
  private var metadata: (fingerprint: UInt64, value: ObjectMeta)?
  private var standing: [UInt64] = []
  private var endpoints: [EndpointSlice.Endpoint] = []
  /// The slice without endpoints.
  private var rest: (fingerprint: UInt64, value: EndpointSlice)?

  init(_ before: KnownSlice?) {
    self.before = before
    alignment = Alignment(with: before?.fingerprints ?? [])
    fingerprints?.reserveCapacity(before?.fingerprints.count ?? 0)
    standing.reserveCapacity(before?.standing.count ?? 0)
  }

  /// What is known now; nil where not all of it can be.
  var known: KnownSlice? {
    guard let fingerprints, let metadata, let rest, fingerprints.count == endpoints.count,
      standing.count == endpoints.count
    else { return nil }
    return KnownSlice(
      fingerprints: fingerprints, metadataFingerprint: metadata.fingerprint,
      restFingerprint: rest.fingerprint, standing: standing, endpoints: endpoints,
      metadata: metadata.value, rest: rest.value)
  }

  /// What is known now, if that is all of it: of the endpoints these, and of the rest what was known.
  fileprivate func known(
    as before: KnownSlice, with endpoints: [EndpointSlice.Endpoint]
  ) -> KnownSlice? {
    guard let fingerprints, fingerprints.count == endpoints.count else { return nil }
    return KnownSlice(
      fingerprints: fingerprints, metadataFingerprint: before.metadataFingerprint,
      restFingerprint: before.restFingerprint, standing: standing, endpoints: endpoints,
      metadata: before.metadata, rest: before.rest)
  }

  /// All endpoints were read.
  func keep(_ endpoints: [EndpointSlice.Endpoint]) { self.endpoints = endpoints }

  /// `readAnew` reads what changes most, the conditions, of one that is known but for these.
  func endpoint(
    _ node: Node, _ reading: Reading, _ read: () -> EndpointSlice.Endpoint?,
    conditions readAnew: (inout EndpointSlice.Endpoint) -> Void
  ) -> EndpointSlice.Endpoint? {
    guard let fingerprint = node.fingerprint() else {
      fingerprints = nil
      return read()
    }
    if let before, let place = alignment.place(of: fingerprint) {
      fingerprints?.append(fingerprint)
      standing.append(before.standing[place])
      return before.endpoints[place]
    }
    let said = reading.saidCount
    let besides = node.fingerprint(leavingOut: Self.conditions)
    var value: EndpointSlice.Endpoint?
    if let before, let place = alignment.missed, before.standing[place] == besides {
      var known = before.endpoints[place]
      readAnew(&known)
      value = known
    } else {
      value = read()
    }
    if value != nil, let besides, reading.saidCount == said {
      fingerprints?.append(fingerprint)
      standing.append(besides)
    } else {
      fingerprints = nil
    }
    return value
  }

  /// The slice without endpoints, which `root` is; nil where it is to be read.
  func rest(of root: Node) -> EndpointSlice? {
    let fingerprint = Self.fingerprint(ofRest: root)
    guard let before, fingerprint == before.restFingerprint else { return nil }
    rest = (before.restFingerprint, before.rest)
    return before.rest
  }

  /// It was read, and there was nothing to say about it.
  func keep(rest value: EndpointSlice, of root: Node) {
    rest = Self.fingerprint(ofRest: root).map { ($0, value) }
  }

  func metadata(_ node: Node, _ reading: Reading, _ read: () -> ObjectMeta?) -> ObjectMeta? {
    let fingerprint = Self.fingerprint(ofMetadata: node)
    if let before, fingerprint == before.metadataFingerprint {
      metadata = (before.metadataFingerprint, before.metadata)
      return before.metadata
    }
    let said = reading.saidCount
    let value = read()
    if let fingerprint, let value, reading.saidCount == said { metadata = (fingerprint, value) }
    return value
  }

  fileprivate static func fingerprint(ofMetadata node: Node?) -> UInt64? {
    node?.fingerprint(leavingOut: counters)
  }

  fileprivate static func fingerprint(ofRest root: Node) -> UInt64? {
    root.fingerprint(leavingOut: otherParts)
  }

  /// No part of the values of metadata.
  private static let counters = [FieldName("resourceVersion"), FieldName("generation")]
  private static let conditions = [FieldName("conditions")]
  private static let otherParts = [FieldName("metadata"), FieldName("endpoints")]
}

/// Finds the values of a list among those it had before, most of which are in the same order.
package struct Alignment {
  private let before: [UInt64]
  private var upcoming = 0

  package init(with before: [UInt64]) { self.before = before }

  /// Where the next value of the list stood before; nil if that is not near where it would be.
  package mutating func place(of fingerprint: UInt64) -> Int? {
    let end = min(upcoming + changed + Self.reach, before.count)
    guard let place = (upcoming..<end).first(where: { before[$0] == fingerprint }) else {
      changed += 1
      return nil
    }
    upcoming = place + 1
    changed = 0
    return place
  }

  /// Where the last value would have stood that was not found, if nothing came or went.
  package var missed: Int? {
    let place = upcoming + changed - 1
    return changed > 0 && place < before.count ? place : nil
  }

  /// Values since the last that was there before: so many of those may be gone.
  private var changed = 0
  /// And a few more.
  private static let reach = 4
}
