/// How policies match text: `*` is anything but nothing, `*x` and `x*` leave one end free.
package enum TextPattern: Hashable, Sendable {
  case anything
  case prefix(String)
  case suffix(String)
  case exact(String)

  package init(_ text: String) {
    if text == "*" {
      self = .anything
    } else if text.hasPrefix("*") {
      self = .suffix(String(text.dropFirst()))
    } else if text.hasSuffix("*") {
      self = .prefix(String(text.dropLast()))
    } else {
      self = .exact(text)
    }
  }

  /// As it was written.
  package var text: String {
    switch self {
    case .anything: "*"
    case .prefix(let prefix): prefix + "*"
    case .suffix(let suffix): "*" + suffix
    case .exact(let text): text
    }
  }
}

/// Text in which every `*` stands for any text: the parts between them, one more than there are.
package struct WildcardText: Hashable, Sendable {
  package var literals: [String]

  package init(_ text: String) {
    literals = text.split(separator: "*", omittingEmptySubsequences: false).map(String.init)
  }
}

/// Who a request's token speaks of, written `issuer/subject`.
package struct RequestPrincipal: Hashable, Sendable {
  package var issuer: TextPattern
  package var subject: TextPattern

  /// The last `/` separates the two, since issuers are often URLs.
  package init(_ text: String) {
    let slash = text.lastIndex(of: "/")
    let issuerText = slash.map { String(text[..<$0]) } ?? text
    let subjectText = slash.map { String(text[text.index(after: $0)...]) } ?? ""
    if text == "*" {
      (issuer, subject) = (.anything, .anything)
    } else if text.hasPrefix("*") {
      issuer = slash == nil ? .anything : TextPattern(issuerText)
      subject = slash == nil ? TextPattern(text) : .exact(subjectText)
    } else if text.hasSuffix("*") {
      issuer = slash == nil ? TextPattern(text) : .exact(issuerText)
      subject = slash == nil ? .anything : TextPattern(subjectText)
    } else {
      (issuer, subject) = (.exact(issuerText), .exact(subjectText))
    }
  }
}

package struct ServiceAccountName: Hashable, Sendable {
  package var namespace: String
  package var name: String

  /// `namespace/name`, or a name of the policy's own namespace.
  init(_ text: String, in namespace: String) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    self.namespace = parts.count == 2 ? String(parts[0]) : namespace
    name = parts.last.map(String.init) ?? ""
  }
}

/// A path of a request, or a template with `{*}` for a segment and `{**}` for any number at the end.
package enum PathPattern: Hashable, Sendable {
  case text(TextPattern)
  /// In Envoy's own notation, `*` and `**`.
  case template(String)
  /// A template that istiod passes on and Envoy refuses, its whole listener with it, or ends of.
  case unusableTemplate

  package init(_ text: String) {
    guard Self.isTemplate(text) else {
      self = .text(TextPattern(text))
      return
    }
    let template = text.replacing("{**}", with: "**").replacing("{*}", with: "*")
    let isUsable =
      template.hasPrefix("/") && !template.contains("//")
      && template.utf8.count <= Self.longestTemplate
    self = isUsable ? .template(template) : .unusableTemplate
  }

  /// `UriTemplateMatchConfig.path_template` has this limit.
  private static let longestTemplate = 256

  static func isTemplate(_ text: String) -> Bool { text.contains("{*}") || text.contains("{**}") }
}

/// A value that a filter of Envoy's noted: as a whole, or, written `[x]`, an element of a list.
package enum MetadataPattern: Hashable, Sendable {
  case whole(TextPattern)
  case element(TextPattern)

  package init(_ text: String) {
    guard text.hasPrefix("["), text.hasSuffix("]") else {
      self = .whole(TextPattern(text))
      return
    }
    let isBracket = { (character: Character) in character == "[" || character == "]" }
    self = .element(
      TextPattern(String(text.trimmingPrefix(while: isBracket).trimmingSuffix(isBracket))))
  }
}

extension Substring {
  fileprivate func trimmingSuffix(_ isTrimmed: (Character) -> Bool) -> Substring {
    self[..<(lastIndex { !isTrimmed($0) }.map { index(after: $0) } ?? startIndex)]
  }
}
