package import GRPC
package import HTTP2

/// What all connections of a server together, and the socket of each, may use up. ControlPlane's
/// Limits.swift holds the numbers in force.
package struct ServerLimits: Sendable {
  package var http2: HTTP2Limits
  package var grpc: GRPCLimits
  /// More are closed as soon as they are accepted.
  package var maxConnections: Int
  /// Connections accepted before others have their turn.
  package var acceptsPerTurn: Int
  /// Parts of messages that are not whole yet, of all connections.
  package var maxUnfinishedBytes: Int
  /// Taken from a socket at once, before others have their turn.
  package var readBytes: Int
  /// Made for a socket at once. A connection whose client does not read holds this much and one frame.
  package var writeBytes: Int
  /// How often `writeBytes` are written before others have their turn.
  package var writesPerTurn: Int
  /// A client whose socket takes no byte for this long is closed, however much it says itself.
  package var writeTimeout: Duration
  /// Connections this old end gracefully, each a tenth sooner or later; nil for never.
  package var connectionAge: Duration?
  /// Connections the server is meant to carry; above it the oldest are asked to go. Nil for any number.
  package var share: Int?
  /// The pace at which they are: a hundredth of the share at a time, none that is younger.
  package var shedPause: Duration
  package var shedAge: Duration
  /// Between our last byte and the client's, when a connection ends.
  package var lingerTimeout: Duration

  package init(
    http2: HTTP2Limits = HTTP2Limits(), grpc: GRPCLimits = GRPCLimits(),
    maxConnections: Int = 10_000, acceptsPerTurn: Int = 64, maxUnfinishedBytes: Int = 512 << 20,
    readBytes: Int = 64 * 1024, writeBytes: Int = 64 * 1024, writesPerTurn: Int = 16,
    writeTimeout: Duration = .seconds(60),
    connectionAge: Duration? = nil, share: Int? = nil, shedPause: Duration = .seconds(1),
    shedAge: Duration = .seconds(300), lingerTimeout: Duration = .seconds(1)
  ) {
    self.http2 = http2
    self.grpc = grpc
    self.maxConnections = maxConnections
    self.acceptsPerTurn = acceptsPerTurn
    self.maxUnfinishedBytes = maxUnfinishedBytes
    self.readBytes = readBytes
    self.writeBytes = writeBytes
    self.writesPerTurn = writesPerTurn
    self.writeTimeout = writeTimeout
    self.connectionAge = connectionAge
    self.share = share
    self.shedPause = shedPause
    self.shedAge = shedAge
    self.lingerTimeout = lingerTimeout
  }
}
