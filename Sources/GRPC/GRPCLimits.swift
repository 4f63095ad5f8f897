/// What calls and their connection may use up, and how long they may be silent. ControlPlane's
/// Limits.swift holds the numbers in force.
package struct GRPCLimits: Sendable {
  /// One message, before and after it is inflated. A reconnecting client names every resource it
  /// has with its version, so that requests are large.
  package var maxReceiveMessageBytes: Int
  /// Parts of messages that are not whole yet, of all calls of a connection.
  package var maxUnfinishedBytesPerConnection: Int
  /// From the connection to the client's preface and settings.
  package var handshakeTimeout: Duration
  /// Silence after which we ping.
  package var keepaliveIdle: Duration
  /// Silence after our ping that ends the connection.
  package var keepaliveTimeout: Duration
  /// The client may ping this often while it has calls; more often is a strike.
  package var minPingInterval: Duration
  /// The same for a client without calls.
  package var minPingIntervalWithoutCalls: Duration
  /// Strikes that are forgiven; one more ends the connection with "too_many_pings".
  package var maxPingStrikes: Int
  /// Between the announcement of a shutdown and its GOAWAY, when the client does not answer sooner.
  package var shutdownNoticeTimeout: Duration
  /// What calls of a connection that retires may still take.
  package var retirementGrace: Duration

  package init(
    maxReceiveMessageBytes: Int = 64 << 20, maxUnfinishedBytesPerConnection: Int = 128 << 20,
    handshakeTimeout: Duration = .seconds(10), keepaliveIdle: Duration = .seconds(30),
    keepaliveTimeout: Duration = .seconds(10), minPingInterval: Duration = .seconds(10),
    minPingIntervalWithoutCalls: Duration = .seconds(300), maxPingStrikes: Int = 2,
    shutdownNoticeTimeout: Duration = .seconds(1), retirementGrace: Duration = .seconds(10)
  ) {
    self.maxReceiveMessageBytes = maxReceiveMessageBytes
    self.maxUnfinishedBytesPerConnection = maxUnfinishedBytesPerConnection
    self.handshakeTimeout = handshakeTimeout
    self.keepaliveIdle = keepaliveIdle
    self.keepaliveTimeout = keepaliveTimeout
    self.minPingInterval = minPingInterval
    self.minPingIntervalWithoutCalls = minPingIntervalWithoutCalls
    self.maxPingStrikes = maxPingStrikes
    self.shutdownNoticeTimeout = shutdownNoticeTimeout
    self.retirementGrace = retirementGrace
  }
}

/// Bytes of unfinished messages that all connections together may hold.
package final class ReceiveBudget {
  private let limit: Int
  private(set) var used = 0

  package init(limit: Int) { self.limit = limit }

  /// Whether the change is within the budget. Giving back always is.
  func change(by count: Int) -> Bool {
    guard count <= 0 || used + count <= limit else { return false }
    used += count
    return true
  }
}
