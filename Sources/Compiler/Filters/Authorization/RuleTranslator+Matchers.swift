internal import EnvoyAPI
internal import Resources

extension RuleTranslator {
  /// What a test asks of a request or connection; nil where a rule that has it cannot be asked here.
  func permissions(_ test: RequestTest) -> [Envoy.Permission]? {
    switch test {
    case .hosts(let hosts):
      oneByOne(hosts) {
        ofRequest(.init(rule: .header(.init(":authority", $0, ignoringCase: true))))
      }
    case .methods(let methods):
      oneByOne(methods) { ofRequest(.init(rule: .header(.init(":method", $0)))) }
    case .paths(let paths): oneByOne(paths) { path($0).flatMap { ofRequest(.init(rule: $0)) } }
    case .ports(let ports):
      oneByOne(ports) { .init(rule: .destinationPort(UInt32(clamping: $0))) }
    case .destinations(let ranges):
      oneByOne(ranges) { .init(rule: .destinationIp(.init($0))) }
    case .serverNames(let names):
      oneByOne(names) { .init(rule: .requestedServerName(.init($0))) }
    case .metadata(let filter, let key, let values):
      together(values) {
        .init(rule: .metadata(.init(filter, path: [key], .either($0.map { .init($0) }))))
      }
    }
  }

  private func path(_ pattern: PathPattern) -> Envoy.Permission.Rule? {
    switch pattern {
    case .text(let text): .urlPath(.init(rule: .path(.init(text))))
    case .template(let template):
      .uriTemplate(
        .init(
          name: "uri-template",
          typedConfig: .pack(Envoy.UriTemplateMatchConfig(pathTemplate: template))))
    case .unusableTemplate: nil
    }
  }

  /// What a test asks of who asks; nil where a rule that has it cannot be asked here.
  func principals(_ test: PeerTest) -> [Envoy.Principal]? {
    switch test {
    case .principals(let principals): oneByOne(principals) { .named(.spiffe($0)) }
    case .requestPrincipals(let principals):
      together(principals) { ofRequest(.requestPrincipals($0)) }
    case .serviceAccounts(let accounts):
      oneByOne(accounts) { .named(.regex(pattern(of: $0))) }
    case .trustDomains(let domains): oneByOne(domains) { .named(.trustDomain($0)) }
    case .namespaces(let namespaces):
      oneByOne(namespaces) {
        let pattern = $0.literals.map(quotedForRegex).joined(separator: ".*")
        return .named(.regex(".*/ns/\(pattern)/.*"))
      }
    case .remoteAddresses(let ranges): oneByOne(ranges) { .init(identifier: .remoteIp(.init($0))) }
    case .addresses(let ranges): oneByOne(ranges) { .init(identifier: .directRemoteIp(.init($0))) }
    case .header(let name, let values):
      oneByOne(values) { ofRequest(.init(identifier: .header(.init(name, $0)))) }
    case .claim(let path, let values):
      together(values) { values in
        let value = { Envoy.ValueMatcher.either(values.map { .text(.init($0)) }) }
        return ofRequest(
          .claim(
            path, .init(matchPattern: .orMatch(.init(valueMatchers: [.element(value()), value()]))))
        )
      }
    case .unanswerable: unanswerable()
    }
  }

  /// Other parts of an identity may stand before and after the account.
  private func pattern(of account: ServiceAccountName) -> String {
    let (namespace, name) = (quotedForRegex(account.namespace), quotedForRegex(account.name))
    return "spiffe://.+/ns/\(namespace)/(.+/|)sa/\(name)(/.+)?"
  }
}

/// The text with everything escaped that means something in a regular expression.
private func quotedForRegex(_ text: String) -> String {
  text.unicodeScalars.reduce(into: "") { result, scalar in
    if #"\.+*?()|[]{}^$"#.unicodeScalars.contains(scalar) { result += #"\"# }
    result.unicodeScalars.append(scalar)
  }
}

extension Envoy.Principal {
  fileprivate static func named(_ name: Envoy.StringMatcher?) -> Self? {
    name.map { .init(identifier: .authenticated(.init(principalName: $0))) }
  }

  fileprivate static func claim(_ path: [String], _ value: Envoy.ValueMatcher) -> Self {
    .init(
      identifier: .metadata(
        .init("envoy.filters.http.jwt_authn", path: ["payload"] + path, value)))
  }

  fileprivate static func requestPrincipals(_ principals: [RequestPrincipal]) -> Self {
    let each = principals.map { principal -> Self in
      .all([
        .claim(["iss"], .text(.init(principal.issuer))),
        .claim(["sub"], .text(.init(principal.subject))),
      ])
    }
    return each.count == 1 ? each[0] : .either(each)
  }
}

extension Envoy.StringMatcher {
  /// Anything is anything but nothing.
  init(_ pattern: TextPattern, ignoringCase: Bool = false) {
    switch pattern {
    case .anything: self.init(matchPattern: .safeRegex(.init(regex: ".+")))
    case .prefix(let prefix): self.init(matchPattern: .prefix(prefix), ignoreCase: ignoringCase)
    case .suffix(let suffix): self.init(matchPattern: .suffix(suffix), ignoreCase: ignoringCase)
    case .exact(let text): self.init(matchPattern: .exact(text), ignoreCase: ignoringCase)
    }
  }

  /// Nil for one that is too long for Envoy: a program of RE2 has about an instruction for each byte, and
  /// 32768 is the most that Istio's Envoy takes (`re2.max_program_size.error_level`).
  fileprivate static func regex(_ regex: String) -> Self? {
    regex.utf8.count > 16384 ? nil : .init(matchPattern: .safeRegex(.init(regex: regex)))
  }

  /// An identity, which policies write without its scheme.
  fileprivate static func spiffe(_ pattern: TextPattern) -> Self? {
    switch pattern {
    case .anything: .regex(".+")
    case .prefix(let prefix): .init(matchPattern: .prefix("spiffe://" + prefix))
    case .suffix(let suffix): .regex("spiffe://.*" + quotedForRegex(suffix))
    case .exact(let text): .init(matchPattern: .exact("spiffe://" + text))
    }
  }

  /// An identity in a trust domain.
  fileprivate static func trustDomain(_ pattern: TextPattern) -> Self? {
    switch pattern {
    case .anything: .init(matchPattern: .prefix("spiffe://"))
    case .prefix(let prefix): .regex("spiffe://\(quotedForRegex(prefix))[^/]*/.*")
    case .suffix(let suffix): .regex("spiffe://[^/]*\(quotedForRegex(suffix))/.*")
    case .exact(let domain): .init(matchPattern: .prefix("spiffe://\(domain)/"))
    }
  }
}

extension Envoy.HeaderMatcher {
  fileprivate init(_ name: String, _ pattern: TextPattern, ignoringCase: Bool = false) {
    switch pattern {
    case .anything: self.init(name: name, headerMatchSpecifier: .presentMatch(true))
    case .prefix, .suffix, .exact:
      self.init(
        name: name,
        headerMatchSpecifier: .stringMatch(.init(pattern, ignoringCase: ignoringCase)))
    }
  }
}

extension Envoy.CidrRange {
  /// Bits beyond the prefix stay, as istiod leaves them.
  fileprivate init(_ range: CIDR) {
    self.init(addressPrefix: range.address.text, prefixLen: UInt32(clamping: range.length))
  }
}

extension Envoy.MetadataMatcher {
  fileprivate init(_ filter: String, path: [String], _ value: Envoy.ValueMatcher) {
    self.init(filter: filter, path: path.map { .init(segment: .key($0)) }, value: value)
  }
}

extension Envoy.ValueMatcher {
  fileprivate init(_ pattern: MetadataPattern) {
    switch pattern {
    case .whole(let text): self = .text(.init(text))
    case .element(let text): self = .element(.text(.init(text)))
    }
  }

  fileprivate static func text(_ text: Envoy.StringMatcher) -> Self {
    .init(matchPattern: .stringMatch(text))
  }

  /// A list with such an element.
  fileprivate static func element(_ value: Self) -> Self {
    .init(matchPattern: .listMatch(.init(matchPattern: .oneOf(value))))
  }

  fileprivate static func either(_ values: [Self]) -> Self {
    values.count == 1
      ? values[0] : .init(matchPattern: .orMatch(.init(valueMatchers: values)))
  }
}
