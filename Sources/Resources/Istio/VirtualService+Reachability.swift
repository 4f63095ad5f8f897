internal import Diagnostics

/// Rules and matches that no request can get to, because an earlier one takes all of theirs: what
/// istiod's validation warns of.
struct Reachability<Match: Hashable> {
  private var firstRule: [Match: Int] = [:]
  private var openRule: Int?

  /// What is wrong with the rules, given the matches of each, by rule and for one match by its number.
  mutating func findings(_ rules: [[Match]]) -> [(finding: Finding, rule: Int, match: Int?)] {
    rules.enumerated().flatMap { findings(rule: $0, $1) }
  }

  private mutating func findings(
    rule: Int, _ matches: [Match]
  ) -> [(finding: Finding, rule: Int, match: Int?)] {
    if let openRule {
      return [(.ruleAfterOpenRule(openRule), rule, nil)]
    }
    if matches.isEmpty {
      openRule = rule
      return []
    }
    var findings: [(Finding, Int, Int?)] = []
    for (index, match) in matches.enumerated() {
      if let earlier = firstRule[match] {
        findings.append((.repeatedMatch(rule: earlier), rule, index))
      } else {
        firstRule[match] = rule
      }
    }
    if findings.count == matches.count { findings.append((.ruleOfRepeatedMatches(), rule, nil)) }
    return findings
  }
}

extension VirtualService {
  func checkReachability(_ fields: inout Fields) {
    var http = Reachability<HTTPMatchRequest>()
    var tls = Reachability<TLSMatchAttributes>()
    var tcp = Reachability<L4MatchAttributes>()
    let found = [
      ("http", http.findings(self.http.map { $0.matches.map(\.withoutName) })),
      ("tls", tls.findings(self.tls.map(\.matches))),
      ("tcp", tcp.findings(self.tcp.map(\.matches))),
    ]
    for (list, findings) in found {
      for (finding, rule, match) in findings {
        if let match {
          fields.report(finding, at: .key(list), .index(rule), "match", .index(match))
        } else {
          fields.report(finding, at: .key(list), .index(rule))
        }
      }
    }
    checkPrefixes(&fields)
  }

  /// A path prefix that starts with an earlier one, where nothing else tells the two apart.
  private func checkPrefixes(_ fields: inout Fields) {
    var earlier: [Substring: [(match: HTTPMatchRequest, rule: Int)]] = [:]
    var seen: Set<HTTPMatchRequest> = []
    for (rule, route) in http.enumerated() {
      if route.matches.isEmpty { return }
      for (index, match) in route.matches.enumerated() {
        guard case .prefix(let prefix)? = match.uri, !prefix.isEmpty,
          seen.insert(match.withoutName).inserted
        else { continue }
        let covering = prefix.indices.lazy.compactMap { end in
          earlier[prefix[..<end]]?.first { $0.match.covers(match) }
        }.first
        if let covering {
          fields.report(
            .coveredPrefix(prefix, rule: covering.rule), at: "http", .index(rule), "match",
            .index(index))
        }
        earlier[prefix[...], default: []].append((match, rule))
      }
    }
  }
}

extension HTTPMatchRequest {
  fileprivate var withoutName: HTTPMatchRequest {
    var match = self
    match.name = nil
    return match
  }

  /// Whether what this match looks at beside the path lets through what `later` lets through, as far
  /// as istiod compares: texts of exact and prefix matches, and methods as if GET were the default.
  fileprivate func covers(_ later: HTTPMatchRequest) -> Bool {
    func text(_ match: StringMatch?) -> String {
      switch match {
      case .exact(let text) where !text.isEmpty: "exact:\(text)"
      case .prefix(let text) where !text.isEmpty: "prefix:\(text)"
      case .exact, .prefix, .regex, .present, nil: ""
      }
    }
    func method(_ match: HTTPMatchRequest) -> String {
      let method = text(match.method)
      return method.isEmpty ? "exact:GET" : method
    }
    func covers(_ own: [(String, StringMatch)], _ other: [(String, StringMatch)]) -> Bool {
      own.count == other.count
        && zip(own, other).allSatisfy { $0.0 == $1.0 && text($0.1).hasPrefix(text($1.1)) }
    }
    return port == later.port && method(self).hasPrefix(method(later))
      && text(authority).hasPrefix(text(later.authority))
      && covers(headers.map { ($0.key, $0.match) }, later.headers.map { ($0.key, $0.match) })
      && covers(
        queryParams.map { ($0.name, $0.value) }, later.queryParams.map { ($0.name, $0.value) })
      && covers(
        withoutHeaders.map { ($0.key, $0.match) }, later.withoutHeaders.map { ($0.key, $0.match) })
  }
}
