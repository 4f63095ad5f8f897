/// What a stream says of itself on debug pages and in metrics.
package struct StreamStatus: Sendable {
  /// istiod's words for where a client stands with one type.
  package enum SyncState: String, Sendable {
    case notSent = "NOT SENT"
    case stale = "STALE"
    case synced = "SYNCED"
    case error = "ERROR"
  }

  package struct Response: Hashable, Sendable {
    package let version: String
    package let nonce: String
  }

  package struct RejectedResponse: Hashable, Sendable {
    package let version: String
    package let nonce: String
    package let reason: Rejection
  }

  /// What happened to one type on the stream so far.
  package struct Record: Sendable {
    package internal(set) var sent: Response?
    package internal(set) var accepted: Response?
    /// The last response the client rejected, until all it rejected has been replaced.
    package internal(set) var rejected: RejectedResponse?
    package internal(set) var responses = 0
    package internal(set) var bytes = 0
    package internal(set) var rejections = 0
    package internal(set) var staleNonces = 0
    package internal(set) var refusedNames = 0
  }

  package struct TypeStatus: Sendable {
    package let type: ResourceType
    package let isWildcard: Bool
    package let nameCount: Int
    /// How many resources the client was sent and has, or is about to be sent again.
    package let heldCount: Int
    /// Gone from the catalog, but kept because listeners or routes may still use them.
    package let retainedCount: Int
    /// Names whose last content the client rejected.
    package let rejectedNames: [String]
    /// The client has not answered the last response yet.
    package let isUnanswered: Bool
    package let record: Record

    package var syncState: SyncState {
      if record.rejected != nil { return .error }
      if record.sent == nil { return .notSent }
      return isUnanswered ? .stale : .synced
    }
  }

  /// The types the client has asked for, in push order.
  package let types: [TypeStatus]
  /// Requests for types that are not served.
  package let unknownTypeRequests: Int
}
