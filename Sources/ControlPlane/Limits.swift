internal import Delivery
internal import Documents
internal import GRPC
internal import HTTP2
internal import HTTPServer
internal import Ingest
internal import Transport

/// Every limit on what a peer or a file can make grow, in one place. Each is a number that ordinary
/// use does not come near; what happens at it stands with the limit's own type.
enum Limits {
  /// Messages from one thread to the other that wait. A thread that finds the other's full waits.
  static let waitingMessages = 100_000
  /// Bytes of a file of resources: what a cluster's whole configuration may come to.
  static let documents = DocumentLimits()
  /// Pages, events and objects of an API server.
  static let followers = FollowerLimits()
  /// Objects of a cluster that were read and are not taken over yet; reading waits beyond.
  static let waitingObjects = 200_000
  /// EndpointSlices of a cluster of which what was read is kept to be read again.
  static let rememberedSlices = 8192
  /// Other clusters of the mesh that are followed, a thread each.
  static let remoteClusters = 100
  /// Writes of status, and how long leaving the Lease to others may take at the end.
  static let statusWrites = StatusLimits()
  static let leaseRelease = Duration.seconds(1)
  /// Classes of proxies that metrics name; /debug/root has all.
  static let classesInMetrics = 100
  static let delivery = DeliveryLimits()
  static let admission = AdmissionLimits()
  /// Rejections of one stream that are logged; metrics count all.
  static let toldRejections = 20
  /// Of each of the I/O threads. Connections are counted over all; bytes are each thread's own.
  static func server(_ options: ServeOptions) -> ServerLimits {
    var limits = ServerLimits()
    limits.maxUnfinishedBytes /= options.ioThreads
    // Who has come is known before much is done for those who came earlier.
    limits.acceptsPerTurn = 1024
    limits.connectionAge = options.connectionAge == .zero ? nil : options.connectionAge
    limits.share = options.connectionShare.map { ($0 + options.ioThreads - 1) / options.ioThreads }
    if let age = limits.connectionAge {
      limits.shedAge = min(limits.shedAge, age / 6)
      limits.grpc.retirementGrace = min(limits.grpc.retirementGrace, age / 3)
    }
    return limits
  }
  /// Resources of a class that has just come which are sent before the rest of it is compiled.
  static let promptResources = 1000
  /// Classes of proxies that are kept up to date though nobody is of them, and for how long at least.
  static let idleClasses = 64
  static let idleClassAge = Duration.seconds(30)
  /// Pushes that /debug/pushes tells of, responses it tells of one by one, and bytes of a rejection.
  static let rememberedPushes = 256
  static let rememberedResponses = 2048
  static let rememberedRejectionBytes = 512
  /// A client that has not been sent a change, or not answered, for so long is slow.
  static let slowAfter = Duration.seconds(5)
  /// The self-audit takes a slice of this and leaves the thread to others for so many times as long; a
  /// value that takes longer is computed at once. Then how many differences a slice logs, and letters of
  /// a value's key.
  static let auditSlice = Duration.milliseconds(1)
  static let auditShare = 100
  static let loggedDifferences = 20
  static let auditedLabelLength = 300
  static let pages = PageServer.Limits(connections: 64, headerBytes: 16 << 10, idleSeconds: 30)
  /// How long a debug page waits for a thread that is busy compiling or sending.
  static let pageTimeout = Duration.seconds(10)
  /// From a change until the mesh is analysed for the log, and how many findings that logs at once.
  static let analysisDelay = Duration.seconds(1)
  static let loggedFindings = 200
  /// How long it waits for clients that come one after another.
  static let analysisPatience = Duration.seconds(10)
  /// Between two steps of the first analysis of a mesh, which is longer than most steps take.
  static let analysisPause = Duration.milliseconds(10)
  /// What fetching keys that verify tokens may cost, and how often it is tried.
  static let keySets = KeySetLimits()
  /// Between two times that freed memory is given back.
  static let memoryPause = Duration.seconds(60)
  /// Bytes of a file of certificates; a system's own bundle has a quarter of a megabyte.
  static let authoritiesBytes = 4 << 20
  /// From SIGTERM until streams are told to end, and until what is left is cut off.
  static let shutdownGrace = Duration.milliseconds(500)
  static let shutdownLimit = Duration.seconds(3)
}
