/// What one connection's peer may use up. ControlPlane's Limits.swift holds the numbers in force; the
/// defaults here serve tests and say what is sensible.
package struct HTTP2Limits: Sendable {
  /// Streams open at once (SETTINGS_MAX_CONCURRENT_STREAMS); more are refused, to be tried again.
  package var maxConcurrentStreams: UInt32
  /// Names, values and 32 each, as RFC 9113 §10.5.1 counts; fields past it are dropped and the
  /// request says so.
  package var maxHeaderListBytes: Int
  /// CONTINUATION frames after one HEADERS frame; more end the connection.
  package var maxContinuations: Int
  /// RST_STREAM frames a peer may send at once, and how many it gets back each second; more end the
  /// connection (CVE-2023-44487).
  package var resetBurst: UInt64
  package var resetsPerSecond: UInt64
  /// Frames that break the protocol but not the connection; more end it (CVE-2025-8671).
  package var maxInvalidFrames: Int
  /// PING and SETTINGS acknowledgements that wait for a peer that does not read.
  package var maxQueuedAcknowledgements: Int
  /// Entries of one SETTINGS frame.
  package var maxSettingsEntries: Int
  /// Bytes of one stream, and of all together, that we take before they are consumed.
  package var streamWindowBytes: Int32
  package var connectionWindowBytes: Int32

  package init(
    maxConcurrentStreams: UInt32 = 100, maxHeaderListBytes: Int = 16 * 1024,
    maxContinuations: Int = 8, resetBurst: UInt64 = 200, resetsPerSecond: UInt64 = 33,
    maxInvalidFrames: Int = 100, maxQueuedAcknowledgements: Int = 1000,
    maxSettingsEntries: Int = 32, streamWindowBytes: Int32 = 256 * 1024,
    connectionWindowBytes: Int32 = 1024 * 1024
  ) {
    self.maxConcurrentStreams = maxConcurrentStreams
    self.maxHeaderListBytes = maxHeaderListBytes
    self.maxContinuations = maxContinuations
    self.resetBurst = resetBurst
    self.resetsPerSecond = resetsPerSecond
    self.maxInvalidFrames = maxInvalidFrames
    self.maxQueuedAcknowledgements = maxQueuedAcknowledgements
    self.maxSettingsEntries = maxSettingsEntries
    self.streamWindowBytes = streamWindowBytes
    self.connectionWindowBytes = connectionWindowBytes
  }
}
