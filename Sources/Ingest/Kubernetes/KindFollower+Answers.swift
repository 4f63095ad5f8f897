internal import Documents
internal import HTTPClient

extension KindFollower {
  /// What follows from something that happened to the open request. `isOver` tells that its answer is
  /// of no more use: the request is to be given up.
  mutating func take(
    _ happening: Happening, now: Instant, reader: JSONReader,
    using random: inout some RandomNumberGenerator
  ) -> (changes: [Change], isOver: Bool) {
    switch (happening, phase) {
    case (.answered(let head), .asking(let purpose)):
      phase = begun(head, purpose, now: now)
      return ([], false)
    case (.body(let bytes), .receivingPage):
      body += bytes
      return ([], false)
    case (.body(let bytes), .refused):
      body += bytes.prefix(max(0, FollowerLimits.statusBytes - body.count))
      return ([], false)
    case (.body(let bytes), .watching), (.body(let bytes), .streaming):
      guard let lines = lines.lines(adding: bytes) else {
        fail("a watch sent a line of more than \(limits.lineBytes) bytes", now, &random)
        return ([], true)
      }
      return watched(lines, now: now, reader: reader, using: &random)
    case (.ended(let error?), .watching) where error.reason == .silent:
      // The server may have nothing to say, or be gone: asking again tells.
      condition = .behind(reason: "\(error)")
      phase = .waiting(until: now)
      return ([], true)
    case (.ended(let error?), .streaming):
      streamBroke("\(error)", now, &random)
      return ([], true)
    case (.ended(nil), .streaming):
      streamBroke("the list ended before it was whole", now, &random)
      return ([], true)
    case (.ended(let error?), _):
      fail("\(error)", now, &random)
      return ([], true)
    case (.ended(nil), .receivingPage):
      defer { body = [] }
      return (listed(body, now: now, reader: reader, using: &random), true)
    case (.ended(nil), .watching):
      watchClosed(now, &random)
      return ([], true)
    case (.ended(nil), .refused(let head, let purpose)):
      let status = FollowerLimits.status(head, body, reader: reader)
      return (refused(status, purpose, now: now, using: &random), true)
    case (.ended(nil), .asking), (.answered, _), (.body, _), (.ended(nil), .waiting):
      fail("the answer makes no sense", now, &random)
      return ([], true)
    }
  }

  mutating func begun(_ head: HTTPHead, _ purpose: Purpose, now: Instant) -> Phase {
    body = []
    guard head.status == 200 else { return .refused(head, purpose) }
    (absences, refusals) = (0, 0)
    switch purpose {
    case .list: return .receivingPage
    case .stream:
      listing = Listing()
      lines = LineBuffer(limit: limits.lineBytes)
      return .streaming
    case .watch:
      condition = .current
      currentUntil = now
      lines = LineBuffer(limit: limits.lineBytes)
      return .watching
    }
  }

  private func event(_ line: [UInt8], _ reader: JSONReader) -> WatchEvent? {
    let (name, fields) = (resource.name, resource.fieldsOfEvent)
    // What comes while all is known is made a value of and let go of; what is listed comes in masses.
    let tree =
      if case .watching = phase, !resource.isSecret {
        reader.tapedTree(of: line, named: name, selecting: fields)
      } else {
        reader.tree(
          of: line, named: name, selecting: fields.selection, recur: !resource.isSecret)
      }
    return tree.root.flatMap(WatchEvent.init)
  }

  // MARK: Lists

  mutating func listed(
    _ bytes: [UInt8], now: Instant, reader: JSONReader,
    using random: inout some RandomNumberGenerator
  ) -> [Change] {
    let tree = reader.tree(
      of: bytes, named: resource.name, selecting: resource.fieldsOfList, recur: !resource.isSecret)
    guard let page = tree.root.flatMap(ListPage.init) else {
      fail("the list is not one", now, &random)
      return []
    }
    let told = page.items.flatMap { gather($0) }
    guard listing.found.count <= limits.objects else {
      fail("there are more than \(limits.objects) objects", now, &random)
      listing = Listing()
      return told
    }
    backoff.succeeded()
    phase = .waiting(until: now)
    listing.next = page.next
    if page.next != nil { return told }
    isPaged = true
    return told + listed(upTo: page.resourceVersion, now: now)
  }

  /// Takes an object of a list that is under way, if it is ours. Of the first list it is told at once:
  /// nothing that it could replace was told before, and a cluster's whole need not be held.
  private mutating func gather(_ node: Node) -> [Change] {
    guard let object = ListedObject(node, of: resource, version: version) else { return [] }
    guard !resource.isRevisioned || object.isIn(revision: revision) else {
      listing.found[object.origin] = nil
      return []
    }
    let isFirstList = currentUntil == nil && known.count < limits.objects
    listing.found[object.origin] = Found(
      resourceVersion: object.resourceVersion, root: isFirstList ? nil : object.root)
    guard isFirstList else { return [] }
    known[object.origin] = object.resourceVersion
    return [.put(origin: object.origin, root: object.root)]
  }

  /// The list is whole, as of a version.
  private mutating func listed(upTo version: String, now: Instant) -> [Change] {
    resumeFrom = version
    defer { listing = Listing() }
    currentUntil = now
    condition = .current
    return replace(with: listing.found)
  }

  /// What is different between what was told and what there is.
  mutating func replace(with found: [String: Found]) -> [Change] {
    var changes: [Change] = known.keys.filter { found[$0] == nil }.sorted().map {
      .remove(origin: $0)
    }
    for (origin, object) in found.sorted(by: { $0.key < $1.key })
    where known[origin] != object.resourceVersion || object.resourceVersion.isEmpty {
      if let root = object.root { changes.append(.put(origin: origin, root: root)) }
    }
    known = found.mapValues(\.resourceVersion)
    return changes
  }

  // MARK: Watches

  mutating func watched(
    _ lines: [[UInt8]], now: Instant, reader: JSONReader,
    using random: inout some RandomNumberGenerator
  ) -> (changes: [Change], isOver: Bool) {
    var changes: [Change] = []
    for line in lines {
      if case .streaming = phase {
        let (told, isOver) = streamed(line, now: now, reader: reader, using: &random)
        changes += told
        if isOver { return (changes, true) }
        continue
      }
      guard let event = event(line, reader) else {
        fail("the watch sent what is no event", now, &random)
        return (changes, true)
      }
      switch event {
      case .put(let node): changes += take(node, isDeleted: false)
      case .deleted(let node): changes += take(node, isDeleted: true)
      case .bookmark(let version, _): advance(to: version)
      case .failed(let status):
        return (changes + refused(status, .watch, now: now, using: &random), true)
      }
    }
    if case .watching = phase { currentUntil = now }
    return (changes, false)
  }

  /// A line of a list that comes as a watch: what is there, until a bookmark says that this was all.
  private mutating func streamed(
    _ line: [UInt8], now: Instant, reader: JSONReader,
    using random: inout some RandomNumberGenerator
  ) -> (changes: [Change], isOver: Bool) {
    switch event(line, reader) {
    case .put(let node)?:
      let told = gather(node)
      guard listing.found.count <= limits.objects else {
        streamBroke("there are more than \(limits.objects) objects", now, &random)
        return (told, true)
      }
      return (told, false)
    case .deleted(let node)?:
      if let object = ListedObject(node, of: resource, version: version) {
        listing.found[object.origin] = nil
      }
    case .bookmark(_, endsInitialEvents: false)?: break
    case .bookmark(let version, endsInitialEvents: true)?:
      phase = .watching
      backoff.succeeded()
      return (listed(upTo: version, now: now), false)
    case .failed(let status)?: return (refused(status, .stream, now: now, using: &random), true)
    case nil:
      streamBroke("the list is not one", now, &random)
      return ([], true)
    }
    return ([], false)
  }

  mutating func take(_ node: Node, isDeleted: Bool) -> [Change] {
    guard let object = ListedObject(node, of: resource, version: version),
      !isPast(object.resourceVersion)
    else { return [] }
    advance(to: object.resourceVersion)
    // An object that went to another revision is gone from this one.
    guard !isDeleted, !resource.isRevisioned || object.isIn(revision: revision) else {
      return known.removeValue(forKey: object.origin) == nil ? [] : [.remove(origin: object.origin)]
    }
    guard known.count < limits.objects || known[object.origin] != nil else { return [] }
    known[object.origin] = object.resourceVersion
    return [.put(origin: object.origin, root: object.root)]
  }

  mutating func advance(to version: String) {
    guard !version.isEmpty, !isPast(version) else { return }
    resumeFrom = version
    hasProgressed = true
    backoff.succeeded()
  }

  /// Whether a version is one that was told already: versions of one kind are numbers that rise.
  func isPast(_ version: String) -> Bool {
    guard let told = resumeFrom.flatMap(UInt64.init), let number = UInt64(version) else {
      return false
    }
    return number <= told
  }

  /// Servers end watches every few minutes; one that ends them at once is kept from being asked at once.
  mutating func watchClosed(
    _ now: Instant, _ random: inout some RandomNumberGenerator
  ) {
    let lasted = watchBegan.map { now - $0 } ?? .zero
    guard hasProgressed || lasted > limits.shortWatch else {
      fail("the server ends watches as soon as they begin", now, &random)
      return
    }
    currentUntil = now
    phase = .waiting(until: now)
  }
}
