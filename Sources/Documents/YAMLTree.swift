internal import Diagnostics

/// Builds the tree of one YAML document from its events.
///
/// Nothing here fails half-way: where the document cannot be read, `problems` says why, and no tree
/// comes out; where libyaml cannot, it is the caller who asks its `failure`. Aliases share the tree
/// they name, so what they cost is counted, not spent.
struct YAMLTree {
  private let events: YAMLEvents
  private let file: String
  private let limits: DocumentLimits
  private var anchors: [String: Anchor] = [:]
  /// Values so far, each use of an alias counted as the values it stands for.
  private var values = 0
  private var aliasedValues = 0
  private(set) var problems: FileProblems

  private enum Anchor {
    case open
    case closed(Node, values: Int)
  }

  init(_ events: YAMLEvents, file: String, limits: DocumentLimits) {
    self.events = events
    self.file = file
    self.limits = limits
    problems = FileProblems(limit: limits.diagnostics)
  }

  /// The document's tree, or nil where a diagnostic or the events' failure says why there is none. Call
  /// once, with the first event of the root current.
  mutating func root() -> Node? {
    guard let node = node(depth: 0), problems.isEmpty else { return nil }
    return node
  }

  /// The value that begins at the current event; afterwards its last event is current. Nil ends the
  /// reading of the document.
  private mutating func node(depth: Int) -> Node? {
    let position = events.position
    switch events.kind {
    case .scalar:
      let anchor = events.anchor
      guard let content = scalar(at: position) else { return nil }
      values += 1
      let node = Node(content, at: position)
      if let anchor { anchors[anchor] = .closed(node, values: 1) }
      return node
    case .mappingStart, .sequenceStart:
      guard depth < limits.nesting else {
        return refuse(.nestedTooDeep(limits.nesting, at: place(position)))
      }
      return collection(depth: depth + 1, at: position)
    case .alias:
      return alias(at: position)
    case .failure:
      return nil
    case .streamStart, .streamEnd, .documentStart, .documentEnd, .sequenceEnd, .mappingEnd:
      preconditionFailure("libyaml's events nest")
    }
  }

  private mutating func collection(depth: Int, at position: Node.Position) -> Node? {
    let anchor = events.anchor
    let valuesBefore = values
    values += 1
    if let anchor { anchors[anchor] = .open }
    let isMapping = events.kind == .mappingStart
    guard let content = isMapping ? mapping(depth: depth) : sequence(depth: depth) else {
      return nil
    }
    let node = Node(content, at: position)
    if let anchor { anchors[anchor] = .closed(node, values: values - valuesBefore) }
    return node
  }

  private mutating func sequence(depth: Int) -> Node.Content? {
    var items: [Node] = []
    while events.advance() != .sequenceEnd {
      guard let item = node(depth: depth) else { return nil }
      items.append(item)
    }
    return .sequence(items)
  }

  private mutating func mapping(depth: Int) -> Node.Content? {
    var entries = MappingEntries()
    while events.advance() != .mappingEnd {
      let keyPosition = events.position
      let isMerge = events.isMergeKey
      guard let key = key(depth: depth) else { return nil }
      events.advance()
      guard let value = node(depth: depth) else { return nil }
      if isMerge {
        guard merge(value, into: &entries) else { return nil }
      } else if let first = entries.append(key, at: keyPosition, value) {
        problems.add(
          .duplicateKey(key, at: place(keyPosition), first: place(first)))
      }
    }
    return .mapping(entries.merged())
  }

  private mutating func key(depth: Int) -> String? {
    let position = events.position
    guard let node = node(depth: depth) else { return nil }
    if let key = YAMLScalar.key(node.content) { return key }
    // `{{ .Values.name }}` is a mapping whose key is a mapping.
    if case .mapping = node.content { return refuse(.notYAML(.keyIsMapping, at: place(position))) }
    return refuse(.notYAML(.keyNotText(node.kindName), at: place(position)))
  }

  private mutating func merge(_ value: Node, into entries: inout MappingEntries) -> Bool {
    switch value.content {
    case .mapping(let merged):
      entries.merge(merged)
      return true
    case .sequence(let items):
      return items.allSatisfy { item in
        guard case .mapping = item.content else {
          let problem = SyntaxProblem.mergeValue("a list with \(item.kindName)")
          problems.add(.notYAML(problem, at: place(item.position)))
          return false
        }
        return merge(item, into: &entries)
      }
    case .null, .bool, .integer, .number, .string:
      problems.add(.notYAML(.mergeValue(value.kindName), at: place(value.position)))
      return false
    }
  }

  private mutating func scalar(at position: Node.Position) -> Node.Content? {
    let size = events.textSize
    guard size <= limits.scalarBytes else {
      return refuse(.scalarTooLarge(size, limit: limits.scalarBytes, at: place(position)))
    }
    if events.isPlain { return YAMLScalar.content(ofPlain: events.text) }
    let ours = "tag:yaml.org,2002:"
    guard let tag = events.tag, tag.hasPrefix(ours) else { return .string(events.text) }
    let name = tag.dropFirst(ours.utf8.count)
    guard ["str", "int", "bool", "null", "float", "timestamp"].contains(name) else {
      return refuse(.notYAML(.tag("!!\(name)"), at: place(position)))
    }
    if let content = YAMLScalar.content(of: events.text, taggedAs: name) { return content }
    let shown = String(events.text.prefix(60))
    return refuse(.notYAML(.tagValue(tag: "!!\(name)", value: shown), at: place(position)))
  }

  private mutating func alias(at position: Node.Position) -> Node? {
    let name = events.anchor ?? ""
    switch anchors[name] {
    case nil: return refuse(.notYAML(.undefinedAlias(name), at: place(position)))
    case .open: return refuse(.notYAML(.recursiveAlias(name), at: place(position)))
    case .closed(let node, let count):
      values += count
      aliasedValues += count
      guard aliasedValues <= limits.aliasedValues else {
        return refuse(.aliasesTooLarge(limits.aliasedValues, at: place(position)))
      }
      return node
    }
  }

  private func place(_ position: Node.Position) -> Place { position.place(in: file) }

  private mutating func refuse<T>(_ diagnostic: Diagnostic) -> T? {
    problems.add(diagnostic)
    return nil
  }
}

extension YAMLEvents {
  /// A plain `<<`: the mapping takes in the entries of another.
  fileprivate var isMergeKey: Bool {
    kind == .scalar && isPlain && textSize == 2 && text == "<<"
  }
}
