internal import Diagnostics
internal import Documents
internal import Ingest
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
  init(_ file: ParsedFile, settings: [String]) {
    path = file.path
    content =
      settings.contains(file.path) ? .settings(file) : .objects(ReadObjects(file))
  }

  /// The namespace of a cluster's one object in a file; nil for one that is in none.
  var namespace: String? {
    guard case .objects(let objects) = content, let name = objects.documents.first?.name,
      !name.namespace.isEmpty
    else { return nil }
    return name.namespace
  }

  /// Whether it decides what counts of other files.
  var isDeciding: Bool {
    switch content {
    case .objects(let objects): objects.documents.first?.name?.kind == Kind.namespace.rawValue
    case .settings: true
    }
  }
}

/// The objects of a file.
struct ReadObjects: Sendable {
  let documents: [ReadDocument]
  let extent: ParsedFile.Extent
  let diagnostics: [Diagnostic]

  init(_ file: ParsedFile) {
    documents = file.documents.map {
      ReadDocument($0, in: file.path)
    }
    extent = file.extent
    diagnostics = file.diagnostics
  }
}

struct ReadDocument: Sendable {
  let decoded: Decoded
  let place: Place
  let version: ObjectVersion
  /// Nil for a kind that is none of ours.
  let served: ServedKind?
  /// What of it counts.
  let part: ObjectRoots.Part?
  /// Of a server's object of a kind whose status may be written; a pod's is not.
  let status: SeenStatus?

  init(_ document: Document, in path: String) {
    decoded = decode(document)
    place = document.root.position.place(in: path)
    version = ObjectVersion(document.root)
    let served = ServedKind(document.root)
    self.served = served
    part = served.map { ObjectRoots.Part($0.kind, document.root) }
    status = served?.isRevisioned == true ? SeenStatus(document.root) : nil
  }

  /// Nil for what is no object that counts here.
  var name: ObjectName? {
    switch decoded.outcome {
    case .accepted(let resource): resource.name
    case .refused(let name), .unserved(let name, _): name
    case .ignored: nil
    }
  }
}

/// A batch whose files are read.
struct ReadBatch: Sendable {
  let origin: Batch.Origin
  let files: [ReadFile]
  let removed: [String]
  let problems: [Diagnostic]
  let remoteSecrets: [RemoteSecret]?
  let readAt: ContinuousClock.Instant

  init(_ batch: Batch, settings: [String]) {
    origin = batch.origin
    files = batch.files.map { ReadFile($0, settings: settings) }
    removed = batch.removed
    problems = batch.problems
    remoteSecrets = batch.remoteSecrets
    readAt = batch.readAt
  }
}
