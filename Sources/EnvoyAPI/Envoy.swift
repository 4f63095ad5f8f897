private import CEnvoyAPI
package import Segments

/// The messages Envoy speaks, under their own short names: `Envoy.Cluster`, `Envoy.Route`.
///
/// A message is built in one expression inside ``encode(_:)`` and leaves as bytes; the memory it was
/// built in is reused by the next. Sources/EnvoyAPI/README.md has the naming rules.
package enum Envoy {
  /// The bytes of the message that `build` makes. Scopes nest; a message cannot leave its own.
  package static func encode(_ build: () -> some EnvoyMessage) -> [UInt8] {
    inScope { build().reference.packed() }
  }

  /// The message that `build` makes, as a segment to share.
  package static func segment(_ build: () -> some EnvoyMessage) -> Segment {
    inScope { build().reference.segment() }
  }

  /// The message that `build` makes, one of many alike.
  package static func rope(
    recurring: RecurringBytes, _ build: () -> some EnvoyMessage
  ) -> Rope {
    inScope { build().reference.rope(recurring) }
  }

  /// The message as an element of the repeated field `number` of a bigger one: tag, length, bytes.
  /// A parent's own bytes followed by its elements are the parent with those elements.
  package static func element(ofField number: Int, _ build: () -> some EnvoyMessage) -> Segment {
    inScope { build().reference.segment(asField: number) }
  }

  /// Several elements of one repeated field, each a segment of its own.
  package static func elements<M: EnvoyMessage>(
    ofField number: Int, _ build: () -> [M]
  ) -> [Segment] {
    inScope { build().map { $0.reference.segment(asField: number) } }
  }

  /// An element of the repeated field `number` of a bigger message: what `build` makes, then `rest` of
  /// the same message by reference.
  package static func element(
    ofField number: Int, then rest: Rope, _ build: () -> some EnvoyMessage
  ) -> Rope {
    let own = inScope { build().reference.segment(asField: number, before: rest.count) }
    return Rope(own, then: rest)
  }

  /// What `build` makes, then `rest` of the same message by reference.
  package static func rope(then rest: Rope, _ build: () -> some EnvoyMessage) -> Rope {
    Rope(segment(build), then: rest)
  }

  /// Runs `body` with memory to build messages in, which is given back at its end.
  package static func inScope<Result>(_ body: () -> Result) -> Result {
    let serial = cenvoy_open_scope()
    precondition(serial != 0, "translators nest a few scopes deep, never \(CENVOY_SCOPES)")
    defer { cenvoy_close_scope() }
    return body()
  }
}
