internal import EnvoyAPI
internal import Resources

/// When and how often Envoy tries again; nil for never. Without any setting it is Istio's own default.
///
/// A route that balances by hash wants the same endpoint again: it does not avoid previous hosts,
/// unless told to.
func retryPolicy(_ retries: HTTPRetry?, avoidsPreviousHosts: Bool) -> Envoy.RetryPolicy? {
  guard let retries else {
    return .init(encoded: avoidsPreviousHosts ? usualPolicy : usualPolicyOfHashes)
  }
  if retries.attempts <= 0 { return nil }
  return envoyPolicy(
    retries, avoidsPreviousHosts: retries.retryIgnorePreviousHosts ?? avoidsPreviousHosts)
}

/// That of nearly all routes.
private let usualPolicy = Envoy.encode { envoyPolicy(nil, avoidsPreviousHosts: true) }
private let usualPolicyOfHashes = Envoy.encode { envoyPolicy(nil, avoidsPreviousHosts: false) }

private func envoyPolicy(
  _ retries: HTTPRetry?, avoidsPreviousHosts: Bool
) -> Envoy.RetryPolicy {
  Envoy.RetryPolicy(
    retryOn: retries?.retryOn.map(conditions) ?? defaultConditions,
    numRetries: UInt32(retries?.attempts ?? 2),
    perTryTimeout: retries?.perTryTimeout,
    retryPriority: retries?.retryRemoteLocalities == true ? previousPriorities() : nil,
    retryHostPredicate: avoidsPreviousHosts ? [previousHosts()] : [],
    hostSelectionRetryMaxAttempts: 5,
    retriableStatusCodes: retries?.retryOn?.statusCodes.map(UInt32.init) ?? [],
    retryBackOff: retries?.backoff.map { .init(baseInterval: $0) })
}

private let defaultConditions =
  "connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes"

/// Status codes have effect only beside a word of their own, which users forget.
private func conditions(_ retryOn: HTTPRetry.RetryOn) -> String {
  let text = retryOn.conditions.joined(separator: ",")
  let word = "retriable-status-codes"
  return retryOn.statusCodes.isEmpty || retryOn.conditions.contains { $0.contains(word) }
    ? text : "\(text),\(word)"
}

private func previousHosts() -> Envoy.RetryPolicy.RetryHostPredicate {
  .init(
    name: "envoy.retry_host_predicates.previous_hosts",
    configType: .typedConfig(.pack(Envoy.PreviousHostsPredicate())))
}

private func previousPriorities() -> Envoy.RetryPolicy.RetryPriority {
  .init(
    name: "envoy.retry_priorities.previous_priorities",
    configType: .typedConfig(.pack(Envoy.PreviousPrioritiesConfig(updateFrequency: 2))))
}
