internal import Delivery
internal import GRPC
internal import Resources
internal import Segments

/// One client's discovery stream as a gRPC call: bytes in from the call, responses pulled by it.
final class DiscoveryCall: Responder {
  let number: StreamNumber
  let peer: Peer
  let stream: DiscoveryStream
  /// Who the client said it is; nil until its first message.
  private(set) var proxy: ProxyNode?
  /// Bytes of the responses so far.
  private(set) var sentBytes = 0
  /// The client's first message, as long as it waits.
  private var first: [UInt8] = []
  private var isAdmitted = false
  private let call: Call
  /// What the client has rejected and the log was told of.
  private var toldRejections: [Rejection] = []
  /// The log's tickets of the last response of each type, by raw value.
  private var tickets = [Int](repeating: 0, count: ResourceType.allCases.count)
  /// Since when the client has not had all there is.
  private var lackedSince: Duration?
  private unowned let service: DiscoveryService

  init(_ call: Call, number: StreamNumber, stream: DiscoveryStream, service: DiscoveryService) {
    self.call = call
    self.number = number
    self.stream = stream
    self.service = service
    peer = call.peer
  }

  /// The first message waits, with all that follow it, until the client is admitted.
  func receive(_ message: [UInt8]) {
    guard !isAdmitted else { return take(message) }
    do throws(WireError) {
      let glance = try FirstGlance(at: message, stream.mode)
      let rank = Admission.Rank(
        isGateway: ProxyType(ofNodeID: glance.nodeID)?.isGateway == true,
        hasResources: glance.hasResources)
      guard service.wait(self, rank, bytes: message.count) else {
        return end(Status(.unavailable, "too many clients wait to be served"))
      }
      first = message
      call.hold()
    } catch {
      end(Status(.invalidArgument, "\(error)"))
    }
  }

  func admit() {
    isAdmitted = true
    let message = first
    first = []
    take(message)
    call.letGo()
  }

  /// Whether the client has been sent what it came for: one that had something, what has changed; one
  /// that had nothing, everything up to its listeners.
  func isServed(_ rank: Admission.Rank) -> Bool { rank.isWarm || stream.isComplete }

  private func take(_ message: [UInt8]) {
    do throws(WireError) {
      let node = try stream.receive(message)
      if proxy == nil { try identify(node) }
      if let verdict = stream.takeVerdict() { take(verdict) }
      wake()
    } catch {
      end(Status(.invalidArgument, "\(error)"))
    }
  }

  private func take(_ verdict: Verdict) {
    service.log.answered(verdict, ticket: tickets[verdict.type.rawValue])
    // A client that rejects the same again, or ever new things, is not for every line of a log.
    guard let reason = verdict.rejection, let proxy,
      toldRejections.count < Limits.toldRejections, !toldRejections.contains(reason)
    else { return }
    toldRejections.append(reason)
    service.rejected(verdict.type, reason, of: verdict.push?.number, by: proxy.id)
  }

  private func identify(_ node: ClientNode?) throws(WireError) {
    guard let node else { return end(Status(.invalidArgument, "missing node information")) }
    let metadata = node.metadata.isEmpty ? nil : try node.metadataTree(limits: Limits.delivery)
    let locality = NodeLocality(
      region: node.locality.region, zone: node.locality.zone, subzone: node.locality.subZone)
    switch ProxyNode.read(
      id: node.id, metadata: metadata, cluster: node.cluster,
      locality: locality == NodeLocality() ? nil : locality)
    {
    case .success(let proxy):
      self.proxy = proxy
      service.identified(self, as: proxy, version: EnvoyVersion(node.userAgentVersion))
    case .failure(let problem): end(Status(.invalidArgument, problem.description))
    }
  }

  func wake() { call.wake() }

  func nextMessage() -> Rope? {
    let response = stream.nextResponse(now: service.elapsed)
    if let deadline = stream.deadline { service.wake(self, at: deadline) }
    if let response {
      didSend(response)
    } else {
      noteWhetherAllIsSent()
      service.saidAll(self)
    }
    return response?.message
  }

  private func didSend(_ response: DiscoveryResponse) {
    sentBytes += response.message.count
    service.didSend(response, to: self)
    tickets[response.type.rawValue] = service.log.sent(response, to: proxy?.id ?? "", number)
    if let change = response.push?.changedAt {
      lackedSince = lackedSince.map { min($0, change) } ?? change
    }
  }

  private func noteWhetherAllIsSent() {
    guard let change = lackedSince, !stream.hasWork else { return }
    service.log.converged(since: change)
    lackedSince = nil
  }

  /// How far the client is behind, and the bytes that were made for it and have not left.
  var lag: (lag: Lag, queuedBytes: Int)? { stream.lag.map { ($0, call.queuedBytes) } }

  func receiveEnd() { end(.ok) }
  func cancelled() { service.ended(self) }

  private func end(_ status: Status) {
    call.finish(status)
    service.ended(self)
  }
}
