internal import Diagnostics
internal import Documents
internal import Linux
internal import Segments

/// What was last seen of each file, so that only what differs is told.
///
/// Not here, on purpose: when to look.
struct FollowedFiles {
  /// What a look at a path found.
  struct Observation: Sendable {
    enum Found: Sendable {
      case contents([UInt8])
      case tooLarge(Int)
      /// There is something, and it cannot be read.
      case unreadable(reason: String)
      /// A symbolic link to nothing.
      case leadsNowhere
      case gone
    }

    let path: String
    let found: Found

    /// The bytes of its contents.
    fileprivate var size: Int {
      if case .contents(let bytes) = found { bytes.count } else { 0 }
    }
  }

  private enum State: Equatable {
    case contents(size: Int, hash: ContentHash)
    case tooLarge(Int)
    case unreadable(reason: String)
  }

  private static let muchText = 1 << 20

  private let limits: DocumentLimits
  private var states: [String: State] = [:]
  private var problems: [Diagnostic] = []

  init(limits: DocumentLimits) { self.limits = limits }

  /// The files that are told to be there.
  var paths: some Collection<String> { states.keys }

  /// What the observations change; nil where they change nothing.
  mutating func batch(of observations: [Observation], problems: [Diagnostic]) -> Batch? {
    var files: [ParsedFile] = []
    var removed: [String] = []
    // What is edited is read here, beside the compile; the trees of a whole mesh would be too much at once.
    let isMuch = observations.reduce(0) { $0 + $1.size } > FollowedFiles.muchText
    for observation in observations.sorted(by: { $0.path < $1.path }) {
      let state = FollowedFiles.state(of: observation.found)
      let known = states[observation.path]
      guard state != known else { continue }
      // Most files begin empty, an instant before they are written: that is no update.
      if case .contents(0, _)? = state, known == nil { continue }
      states[observation.path] = state
      if let file = parsed(observation, later: isMuch) {
        files.append(file)
      } else {
        removed.append(observation.path)
      }
    }
    guard !files.isEmpty || !removed.isEmpty || problems != self.problems else { return nil }
    self.problems = problems
    return Batch(from: .directories, files: files, removed: removed, problems: problems)
  }

  /// Looks at all files of the tree.
  mutating func everything(in tree: FileTree, limits: DocumentLimits) -> Batch {
    let observations = concurrentMap(Array(tree.files.keys)) { Observation(at: $0, limits: limits) }
      .filter { if case .gone = $0.found { false } else { true } }
    return batch(of: observations, problems: tree.problems)
      ?? Batch(from: .directories, files: [], removed: [], problems: tree.problems)
  }

  private func parsed(_ observation: Observation, later: Bool) -> ParsedFile? {
    let path = observation.path
    func unreadable(_ reason: String) -> ParsedFile {
      ParsedFile(
        path: path, documents: [], extent: .unreadable,
        diagnostics: [.fileUnreadable(path, reason: reason)])
    }
    return switch observation.found {
    case .contents(let bytes):
      later
        ? .unread(bytes, path: path, limits: limits)
        : ParsedFile(bytes, path: path, limits: limits)
    case .tooLarge(let size): .tooLarge(path, size: size, limits: limits)
    case .unreadable(let reason): unreadable(reason)
    case .leadsNowhere: unreadable("the link leads nowhere")
    case .gone: nil
    }
  }

  private static func state(of found: Observation.Found) -> State? {
    switch found {
    case .contents(let bytes): .contents(size: bytes.count, hash: ContentHash(of: bytes))
    case .tooLarge(let size): .tooLarge(size)
    case .unreadable(let reason): .unreadable(reason: reason)
    case .leadsNowhere: .unreadable(reason: "")
    case .gone: nil
    }
  }
}

extension FollowedFiles.Observation {
  /// Looks at the path.
  init(at path: String, limits: DocumentLimits) {
    do throws(LinuxError) {
      switch try Files.contents(of: path, limit: limits.fileBytes) {
      case .bytes(let bytes): self.init(path: path, found: .contents(bytes))
      case .tooLarge(let size): self.init(path: path, found: .tooLarge(size))
      case .notAFile: self.init(path: path, found: .unreadable(reason: "it is not a file"))
      }
    } catch  where error.isNotFound {
      self.init(path: path, found: FileTree.isLink(path) ? .leadsNowhere : .gone)
    } catch {
      self.init(path: path, found: .unreadable(reason: error.reason))
    }
  }
}
