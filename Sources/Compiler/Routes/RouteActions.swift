internal import EnvoyAPI
internal import Mesh
internal import Resources

extension RouteTranslator {
  /// Where the requests go and how. Of the ways to set the host that the service sees, the rewrite's
  /// goes first, then the route's headers, then the only destination's.
  func routeAction(
    _ forwarding: HTTPRule.Forwarding, _ headers: Headers?
  ) -> Envoy.RouteAction {
    let shares = forwarding.destinations
    let isSingle = shares.count == 1
    let hashes = forwarding.sharing.compactMap { consistentHash(of: $0.destination) }
    let authority =
      nonEmpty(forwarding.rewrite?.authority) ?? HeaderMutations(headers).authority
      ?? (isSingle ? HeaderMutations(shares[0].headers).authority : nil)
    return Envoy.RouteAction(
      clusterSpecifier: isSingle
        ? .cluster(cluster(of: shares[0].destination).text)
        : .weightedClusters(.init(clusters: forwarding.sharing.map(clusterWeight))),
      prefixRewrite: prefixRewrite(forwarding.rewrite),
      regexRewrite: regexRewrite(forwarding.rewrite),
      hostRewriteSpecifier: authority.map { .hostRewriteLiteral($0) },
      appendXForwardedHost: settings.appendsForwardedHost && forwarding.rewrite != nil,
      // Unset must not reach Envoy, which would take its own 15 s. Zero is Istio's "no limit".
      timeout: forwarding.timeout ?? .zero,
      retryPolicy: retryPolicy(
        forwarding.retries ?? settings.defaultRetries,
        avoidsPreviousHosts: !isSingle || hashes.isEmpty),
      requestMirrorPolicies: forwarding.mirrors.map(mirrorPolicy),
      hashPolicy: hashes.compactMap(hashPolicy),
      maxGrpcTimeout: forwarding.timeout ?? .zero)
  }

  private func clusterWeight(
    _ share: HTTPRouteDestination
  ) -> Envoy.WeightedCluster.ClusterWeight {
    let headers = HeaderMutations(share.headers)
    return Envoy.WeightedCluster.ClusterWeight(
      name: cluster(of: share.destination).text,
      weight: UInt32(share.weight),
      requestHeadersToAdd: headers.requestAdditions,
      requestHeadersToRemove: headers.requestRemovals,
      responseHeadersToAdd: headers.responseAdditions,
      responseHeadersToRemove: headers.responseRemovals,
      hostRewriteSpecifier: headers.authority.map { .hostRewriteLiteral($0) })
  }

  private func mirrorPolicy(_ mirror: HTTPRule.Mirror) -> Envoy.RouteAction.RequestMirrorPolicy {
    let fraction: Envoy.FractionalPercent =
      switch mirror.share {
      case .all: .init(numerator: 100)
      case .percent(let percent): .init(numerator: UInt32(percent))
      case .percentage(let percentage): millionths(percentage)
      }
    return .init(
      cluster: cluster(of: mirror.destination).text, runtimeFraction: .init(defaultValue: fraction),
      traceSampled: false, disableShadowHostSuffixAppend: true)
  }

  private func prefixRewrite(_ rewrite: HTTPRewrite?) -> String {
    if case .prefix(let prefix) = rewrite?.uri { prefix } else { "" }
  }

  private func regexRewrite(_ rewrite: HTTPRewrite?) -> Envoy.RegexMatchAndSubstitute? {
    guard case .regex(let match, let substitution) = rewrite?.uri else { return nil }
    return .init(pattern: .init(regex: match), substitution: substitution)
  }
}

// MARK: - Answers without a service

extension RouteTranslator {
  /// Nil for a status that Envoy cannot redirect with: the route is then one without action, as istiod has
  /// it, or for a stock Envoy answers 500.
  func redirectAction(_ redirect: HTTPRedirect) -> Envoy.RedirectAction? {
    guard let code = responseCode(redirect.redirectCode) else { return nil }
    let scheme = nonEmpty(redirect.scheme)
    return Envoy.RedirectAction(
      schemeRewriteSpecifier: scheme.map { .schemeRedirect($0) },
      hostRedirect: redirect.authority ?? "",
      portRedirect: UInt32(portRedirect(redirect.port, scheme: scheme)),
      pathRewriteSpecifier: pathRewrite(redirect.path),
      responseCode: code)
  }

  private func pathRewrite(
    _ path: HTTPRedirect.Path?
  ) -> Envoy.RedirectAction.PathRewriteSpecifier {
    switch path {
    case nil: .pathRedirect("")
    case .full(let path): .pathRedirect(path)
    case .prefix(let prefix): .prefixRewrite(prefix)
    }
  }

  /// 0, as in the request, for a scheme's own port, which need not be said.
  private func portRedirect(_ port: HTTPRedirect.Port?, scheme: String?) -> Int {
    let number =
      switch port {
      case nil, .fromProtocolDefault: 0
      case .number(let number): number
      case .fromRequestPort: server.port
      }
    switch (scheme ?? (server.isTLS ? "https" : "http"), number) {
    case ("http", 80), ("https", 443): return 0
    default: return number
    }
  }

  private func responseCode(_ status: Int) -> Envoy.RedirectAction.RedirectResponseCode? {
    switch status {
    case 0, 301: .movedPermanently
    case 302: .found
    case 303: .seeOther
    case 307: .temporaryRedirect
    case 308: .permanentRedirect
    default: nil
    }
  }

  func directResponse(_ response: HTTPDirectResponse) -> Envoy.DirectResponseAction {
    let body: Envoy.DataSource? =
      switch response.body {
      case nil: nil
      case .string(let text): .init(specifier: .inlineString(text))
      case .bytes(let bytes): .init(specifier: .inlineBytes(bytes))
      }
    return .init(status: UInt32(response.status), body: body)
  }
}

/// Istio reads an empty text as none.
func nonEmpty(_ text: String?) -> String? { text?.isEmpty == true ? nil : text }
