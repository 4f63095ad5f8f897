internal import Diagnostics
internal import Documents
internal import Ingest
internal import Linux
internal import Resources

/// A file whose objects are values already: that is half the work of taking it over, and may be done
/// on any thread.
struct ReadFile: Sendable {
  let path: String
  let content: Content

  enum Content: Sendable {
    case objects(ReadObjects)
    /// The mesh's own settings, which are no objects.
    case settings(ParsedFile)
  }

  /// `settings` are the paths of files that are the mesh's settings.
  init(
    _ file: ParsedFile, settings: [String], sharing shared: SharedValues = SharedValues(),
    recalling recent: RecentSlices? = nil
  ) {
    path = file.path
    content =
      settings.contains(file.path)
      ? .settings(file.read) : .objects(ReadObjects(file, sharing: shared, recalling: recent))
  }

  /// One of many files, which are read on several threads already.
  fileprivate init(
    oneOfMany file: ParsedFile, settings: [String], sharing shared: SharedValues
  ) {
    path = file.path
    content =
      settings.contains(file.path)
      ? .settings(file.read) : .objects(ReadObjects(part: file, sharing: shared))
  }

  /// The namespace of a cluster's one object in a file; nil for one that is in none.
  var namespace: String? {
    guard case .objects(let objects) = content, let name = objects.first?.name,
      !name.namespace.isEmpty
    else { return nil }
    return name.namespace
  }

  /// Whether it decides what counts of other files.
  var isDeciding: Bool {
    switch content {
    case .objects(let objects): objects.first?.kind == .namespace
    case .settings: true
    }
  }

  /// Whether it is an EndpointSlice alone.
  var isSlice: Bool {
    switch content {
    case .objects(let objects): objects.only?.kind == .endpointSlice
    case .settings: false
    }
  }
}

/// The objects of a file.
struct ReadObjects: Sendable {
  /// By the parts that they were read in: there are too many to be copied.
  private let parts: [[ReadDocument]]
  let extent: ParsedFile.Extent
  let diagnostics: [Diagnostic]

  /// A large file is read part by part, on all processors: no more trees are held than are being read.
  init(
    _ file: ParsedFile, sharing shared: SharedValues = SharedValues(),
    recalling recent: RecentSlices? = nil
  ) {
    let parts = file.parts
    let read =
      parts.count == 1
      ? [ReadObjects(part: parts[0], sharing: shared, recalling: recent)]
      : concurrentMap(stretches(of: parts)) { stretch in
        let shared = SharedValues()
        return stretch.map { ReadObjects(part: $0, sharing: shared) }
      }.flatMap(\.self)
    self.parts = read.flatMap(\.parts)
    (extent, diagnostics) = ParsedFile.joined(read.map { ($0.extent, $0.diagnostics) })
  }

  /// What is alike in objects of one `shared` takes memory once.
  fileprivate init(
    part: ParsedFile, sharing shared: SharedValues, recalling recent: RecentSlices? = nil
  ) {
    let part = part.read
    parts = [
      part.documents.map {
        ReadDocument($0, in: part.path, sharing: shared, recalling: recent)
      }
    ]
    extent = part.extent
    diagnostics = part.diagnostics
  }
}

extension ReadObjects {
  var documents: some BidirectionalCollection<ReadDocument> { parts.joined() }

  var first: ReadDocument? { parts.count == 1 ? parts[0].first : documents.first }

  /// The file's object where it is one alone, as those of an API server are.
  var only: ReadDocument? {
    parts.count == 1 && parts[0].count == 1 && extent == .whole ? parts[0][0] : nil
  }
}

struct ReadDocument: Sendable {
  let decoded: Decoded
  let place: Place
  let version: ObjectVersion
  /// Of a server's object; nil for a kind that is none of ours.
  let served: ServedKind?
  /// What of it counts.
  let part: ObjectRoots.Part?
  /// Of a server's object of a kind whose status may be written; a pod's is not.
  let status: SeenStatus?

  init(
    _ document: Document, in path: String, sharing shared: SharedValues,
    recalling recent: RecentSlices?
  ) {
    let slices = recent.flatMap { RecentSlices.isSlice(document.root) ? $0 : nil }
    let (decoded, part, known) =
      slices.map { ReadDocument.read(document, in: path, sharing: shared, recalling: $0) }
      ?? ReadDocument.read(document, sharing: shared)
    (self.decoded, self.part) = (decoded, part)
    place = document.root.position.place(in: path)
    version = ObjectVersion(document.root)
    let served = version.resourceVersion == nil ? nil : known ?? ServedKind(document.root)
    self.served = served
    status = served?.isRevisioned == true ? SeenStatus(document.root) : nil
  }

  private typealias Read = (decoded: Decoded, part: ObjectRoots.Part?, served: ServedKind?)

  private static func read(_ document: Document, sharing shared: SharedValues) -> Read {
    let decoded = decode(document, sharing: shared)
    return (decoded, decoded.kind.map { ObjectRoots.Part($0, document.root) }, nil)
  }

  private static func read(
    _ document: Document, in path: String, sharing shared: SharedValues,
    recalling recent: RecentSlices
  ) -> Read {
    let (root, before) = (document.root, recent.slice(path))
    let (decoded, known) = decode(document, sharing: shared, knowing: before?.known)
    guard let kind = decoded.kind else { return (decoded, nil, nil) }
    guard let known else { return (decoded, ObjectRoots.Part(kind, root), nil) }
    let hashes =
      before.map { ObjectRoots.PartHashes.ofSlice(known, root, since: $0) }
      ?? ObjectRoots.PartHashes(kind, root)
    let isAlike = before?.known.restFingerprint == known.restFingerprint
    let served = isAlike ? before?.served : ServedKind(root)
    recent.remember(RecentSlices.Slice(known: known, hashes: hashes, served: served), at: path)
    return (decoded, ObjectRoots.Part(kind, hashes), served)
  }

  var isNamed: Bool { if case .ignored = decoded.outcome { false } else { true } }

  /// Nil for what is none of ours.
  var kind: Kind? { part?.kind }

  /// Nil for what is no object that counts here.
  var name: ObjectName? {
    switch decoded.outcome {
    case .accepted(let resource): resource.name
    case .refused(let name), .unserved(let name, _): name
    case .ignored: nil
    }
  }
}

/// A batch whose files are read, or will be when they are taken over.
struct ReadBatch: Sendable {
  let origin: Batch.Origin
  /// Those that are read.
  let files: [ReadFile]
  /// Of a large directory: what is read of some is taken over while others are read.
  private let unread: [ParsedFile]
  private let settings: [String]
  let removed: [String]
  let problems: [Diagnostic]
  let remoteSecrets: [RemoteSecret]?
  let readAt: ContinuousClock.Instant

  /// What a watch tells again and again is read by what `recent` remembers of it.
  init(_ batch: Batch, settings: [String], recalling recent: RecentSlices? = nil) {
    origin = batch.origin
    for path in batch.removed { recent?.forget(path) }
    let isDirectory = batch.origin == .directories && batch.files.count >= ReadBatch.manyFiles
    files =
      isDirectory
      ? []
      : ReadBatch.read(
        batch.files, settings: settings, recalling: recent,
        isAll: batch.origin == .cluster(.complete))
    unread = isDirectory ? batch.files : []
    self.settings = settings
    removed = batch.removed
    problems = batch.problems
    remoteSecrets = batch.remoteSecrets
    readAt = batch.readAt
  }

  /// Whether nothing but EndpointSlices is different, which refer to nothing that others have to be asked
  /// for: a cluster's endpoints change more often than all else in it.
  var isOfSlices: Bool { removed.isEmpty && unread.isEmpty && files.allSatisfy(\.isSlice) }

  /// Hands over each file in turn.
  func forEachFile(_ take: (ReadFile) -> Void) {
    for file in files { take(file) }
    ReadBatch.read(unread, settings: settings, take: take)
  }

  /// Each of a few may be large; of so many that they are read on several threads at once, none is much.
  private static let manyFiles = 4 * processorCount
  /// So many objects of a cluster take longer than it takes to start threads for them. Not while it is
  /// listed: what is kept of all there is would lie between the trees that it was read from.
  private static let manyObjects = 64

  private static func read(
    _ files: [ParsedFile], settings: [String], recalling recent: RecentSlices?, isAll: Bool
  ) -> [ReadFile] {
    guard files.count >= (isAll ? manyObjects : manyFiles) else {
      let shared = SharedValues()
      return files.map {
        ReadFile($0, settings: settings, sharing: shared, recalling: recent)
      }
    }
    var read: [ReadFile] = []
    self.read(files, settings: settings) { read.append($0) }
    return read
  }

  /// On several threads, for this one to take over.
  private static func read(
    _ files: [ParsedFile], settings: [String], take: (ReadFile) -> Void
  ) {
    concurrentMap(stretches(of: files)) { stretch in
      let shared = SharedValues()
      return stretch.map { ReadFile(oneOfMany: $0, settings: settings, sharing: shared) }
    } take: {
      $0.forEach(take)
    }
  }
}

/// Neighbours, for a thread at a time: as much to read in each, as far as files allow.
private func stretches(of files: [ParsedFile]) -> [ArraySlice<ParsedFile>] {
  let most = files.reduce(0) { $0 + $1.size } / (16 * processorCount)
  var stretches: [ArraySlice<ParsedFile>] = []
  var (start, size) = (0, 0)
  for (index, file) in files.enumerated() {
    size += file.size
    guard size > most || index == files.count - 1 else { continue }
    stretches.append(files[start...index])
    (start, size) = (index + 1, 0)
  }
  return stretches
}

extension Decoded {
  /// Of an object that counts, or would if nothing were wrong with it.
  fileprivate var kind: Kind? {
    switch outcome {
    case .accepted(let resource): resource.kind
    case .refused(let name): Kind(rawValue: name.kind)
    case .unserved, .ignored: nil
    }
  }
}
