internal import Resources

extension VirtualService: AnalysedSpec {
  func position(of spot: Spot) -> SourcePosition? {
    guard case .inRule(let list, let index, let part) = spot else { return nil }
    return switch list {
    case .http: http[ifThere: index].flatMap { $0.position(of: part) ?? $0.position }
    case .tls:
      tls[ifThere: index].flatMap { rule in
        part.position(in: rule.route, matches: rule.matches.map(\.position)) ?? rule.position
      }
    case .tcp:
      tcp[ifThere: index].flatMap { rule in
        part.position(in: rule.route, matches: rule.matches.map(\.position)) ?? rule.position
      }
    }
  }
}

extension HTTPRoute {
  fileprivate func position(of part: Spot.RulePart) -> SourcePosition? {
    switch part {
    case .whole: return position
    case .match(let index): return matches[ifThere: index]?.position
    case .destination(let index):
      guard case .route(let destinations) = action else { return nil }
      return destinations[ifThere: index]?.destination.position
    case .mirror: return mirror?.position
    case .mirrors(let index): return mirrors[ifThere: index]?.destination.position
    case .delegate:
      guard case .delegate(let delegate) = action else { return nil }
      return delegate.position
    }
  }
}

extension Spot.RulePart {
  /// In a rule for connections.
  fileprivate func position(
    in route: [RouteDestination], matches: [SourcePosition]
  ) -> SourcePosition? {
    switch self {
    case .match(let index): matches[ifThere: index]
    case .destination(let index): route[ifThere: index]?.destination.position
    case .whole, .mirror, .mirrors, .delegate: nil
    }
  }
}

extension Gateway: AnalysedSpec {
  func position(of spot: Spot) -> SourcePosition? {
    guard case .element("servers", let index) = spot else { return nil }
    return servers[ifThere: index]?.position
  }
}

extension DestinationRule: AnalysedSpec {
  func position(of spot: Spot) -> SourcePosition? {
    switch spot {
    case .field("trafficPolicy.tls"): trafficPolicy?.tls?.position
    case .element("trafficPolicy.portLevelSettings", let index):
      trafficPolicy?.portLevelSettings[ifThere: index]?.position
    case .element("subsets", let index): subsets[ifThere: index]?.position
    case .whole, .field, .element, .inRule: nil
    }
  }
}

extension ServiceEntry: AnalysedSpec {
  func position(of spot: Spot) -> SourcePosition? {
    guard case .element("ports", let index) = spot else { return nil }
    return ports[ifThere: index]?.position
  }
}

extension Service: AnalysedSpec {
  func position(of spot: Spot) -> SourcePosition? {
    guard case .element("ports", let index) = spot else { return nil }
    return ports[ifThere: index]?.position
  }
}

extension AuthorizationPolicy: AnalysedSpec {
  func position(of spot: Spot) -> SourcePosition? { nil }
}

extension PeerAuthentication: AnalysedSpec {
  func position(of spot: Spot) -> SourcePosition? { nil }
}

extension RequestAuthentication: AnalysedSpec {
  func position(of spot: Spot) -> SourcePosition? { nil }
}

extension Sidecar: AnalysedSpec {
  func position(of spot: Spot) -> SourcePosition? { nil }
}

extension Telemetry: AnalysedSpec {
  func position(of spot: Spot) -> SourcePosition? { nil }
}
