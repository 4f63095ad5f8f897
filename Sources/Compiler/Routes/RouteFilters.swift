internal import EnvoyAPI
internal import Mesh
internal import Resources

/// What HTTP filters do differently for a rule's requests.
func filterConfigs(of rule: HTTPRule) -> Envoy.Map<String, Envoy.AnyMessage> {
  guard rule.speaksToFilters else { return .init([]) }
  let cors = rule.corsPolicy.map {
    (key: "envoy.filters.http.cors", value: Envoy.AnyMessage.pack(envoyCorsPolicy($0)))
  }
  let fault = rule.fault.map {
    (key: "envoy.filters.http.fault", value: Envoy.AnyMessage.pack(envoyFault($0)))
  }
  return Envoy.Map([cors, fault].compactMap { $0 })
}

private func envoyCorsPolicy(_ policy: CorsPolicy) -> Envoy.CorsPolicy {
  Envoy.CorsPolicy(
    allowOriginStringMatch: policy.allowOrigins.map { .init(matchPattern: stringPattern($0)) },
    allowMethods: policy.allowMethods.joined(separator: ","),
    allowHeaders: policy.allowHeaders.joined(separator: ","),
    exposeHeaders: policy.exposeHeaders.joined(separator: ","),
    maxAge: policy.maxAge.map { String($0.components.seconds) } ?? "",
    allowCredentials: policy.allowCredentials,
    filterEnabled: .init(defaultValue: .init(numerator: 100)),
    forwardNotMatchingPreflights: policy.unmatchedPreflights != .ignore)
}

/// A delay that does not say how long and an abort that does not say with what are left out, which
/// Envoy would refuse.
private func envoyFault(_ fault: HTTPFaultInjection) -> Envoy.HTTPFault {
  Envoy.HTTPFault(delay: fault.delay.flatMap(envoyDelay), abort: fault.abort.flatMap(envoyAbort))
}

/// Without `percentage` the deprecated whole percent holds, which is 0 where it is not given either and
/// may be any number.
private func envoyDelay(_ delay: HTTPFaultInjection.Delay) -> Envoy.FaultDelay? {
  delay.fixedDelay.map {
    Envoy.FaultDelay(
      faultDelaySecifier: .fixedDelay($0),
      percentage: delay.percentage.map(millionths)
        ?? .init(numerator: UInt32(truncatingIfNeeded: delay.percent)))
  }
}

private func envoyAbort(_ abort: HTTPFaultInjection.Abort) -> Envoy.FaultAbort? {
  let error: Envoy.FaultAbort.ErrorType
  switch abort.error {
  case nil: return nil
  case .httpStatus(let status): error = .httpStatus(UInt32(status))
  case .grpcStatus(let status): error = .grpcStatus(UInt32(status))
  }
  return Envoy.FaultAbort(errorType: error, percentage: abort.percentage.map(millionths))
}

/// A percentage in millionths, cut off.
func millionths(_ percentage: Double) -> Envoy.FractionalPercent {
  .init(numerator: UInt32(percentage * 10_000), denominator: .million)
}
