/// How a kind of object is followed: what pages and metrics show.
package struct KindState: Hashable, Sendable {
  package enum Condition: Hashable, Sendable {
    /// Not listed yet.
    case starting
    /// The server tells every change as it happens.
    case current
    /// What is known is as of some time ago; the reason is the server's or the network's.
    case behind(reason: String)
    /// The server does not let us read it.
    case forbidden(reason: String)
    /// The server does not know the kind.
    case absent
  }

  /// As kubectl spells it.
  package let name: String
  package let condition: Condition
  package let objects: Int
  /// Until when what is known was known to be all there is; nil before the first list.
  package let currentUntil: ContinuousClock.Instant?
  /// Lists and watches begun so far.
  package let requests: Int
  /// How many objects were read whole; nil of a kind of which all are.
  package var contents: Int?
}
