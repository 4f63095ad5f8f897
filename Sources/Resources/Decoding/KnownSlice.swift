package import Documents

/// What of an EndpointSlice is known from the last time it was read, to be taken again where the text
/// says the same: of most changes that is all but one endpoint.
package struct KnownSlice: Sendable {
  /// A fingerprint for each endpoint.
  package let fingerprints: [UInt64]
  /// Of the metadata but for what servers count by themselves.
  package let metadataFingerprint: UInt64
  fileprivate let endpoints: [EndpointSlice.Endpoint]
  fileprivate let metadata: ObjectMeta
}

/// Reads a slice or any other object as ``decode(_:sharing:)`` does, with what is known of it; answers
/// what is known now, nil where that is not all of a slice.
package func decode(
  _ document: Document, sharing shared: SharedValues, knowing before: KnownSlice?
) -> (decoded: Decoded, known: KnownSlice?) {
  let reading = SliceReading(before)
  shared.slice = reading
  defer { shared.slice = nil }
  let decoded = decode(document, sharing: shared)
  return (decoded, reading.known)
}

/// The reading of a slice, of which the one before may be known.
final class SliceReading {
  private let before: KnownSlice?
  private var alignment: Alignment
  /// Nil from where something was read that cannot be known again: there was something to say about it.
  private var fingerprints: [UInt64]? = []
  private var metadata: (fingerprint: UInt64, value: ObjectMeta)?
  private var endpoints: [EndpointSlice.Endpoint] = []

  init(_ before: KnownSlice?) {
    self.before = before
    alignment = Alignment(with: before?.fingerprints ?? [])
  }

  /// What is known now; nil where not all of it can be.
  var known: KnownSlice? {
    guard let fingerprints, let metadata, fingerprints.count == endpoints.count else { return nil }
    return KnownSlice(
      fingerprints: fingerprints, metadataFingerprint: metadata.fingerprint, endpoints: endpoints,
      metadata: metadata.value)
  }

  /// All endpoints were read.
  func keep(_ endpoints: [EndpointSlice.Endpoint]) { self.endpoints = endpoints }

  func endpoint(
    _ node: Node, _ reading: Reading, _ read: () -> EndpointSlice.Endpoint?
  ) -> EndpointSlice.Endpoint? {
    let fingerprint = node.fingerprint()
    if let before, let fingerprint, let place = alignment.place(of: fingerprint) {
      fingerprints?.append(fingerprint)
      return before.endpoints[place]
    }
    let said = reading.saidCount
    let value = read()
    if let fingerprint, value != nil, reading.saidCount == said {
      fingerprints?.append(fingerprint)
    } else {
      fingerprints = nil
    }
    return value
  }

  func metadata(_ node: Node, _ reading: Reading, _ read: () -> ObjectMeta?) -> ObjectMeta? {
    let fingerprint = node.fingerprint(leavingOut: Self.counters)
    if let before, fingerprint == before.metadataFingerprint {
      metadata = (before.metadataFingerprint, before.metadata)
      return before.metadata
    }
    let said = reading.saidCount
    let value = read()
    if let fingerprint, let value, reading.saidCount == said { metadata = (fingerprint, value) }
    return value
  }

  /// No part of the values of metadata.
  private static let counters = [FieldName("resourceVersion"), FieldName("generation")]
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

  /// Values since the last that was there before: so many of those may be gone.
  private var changed = 0
  /// And a few more.
  private static let reach = 4
}
