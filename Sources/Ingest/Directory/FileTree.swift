internal import Diagnostics
internal import Linux

/// The files and directories below the given paths, as one walk found them.
///
/// A directory is entered once, however many paths lead to it: by its own path if it has one below the
/// given paths, else by the first symbolic link in alphabetical order. So loops of links end, and what
/// is found does not depend on the order in which things were made.
struct FileTree {
  struct File: Equatable {
    let status: FileStatus?
    let isLink: Bool
  }

  private(set) var files: [String: File] = [:]
  /// The directories entered, and by which path.
  private var entered: Set<FileStatus.Identity> = []
  private var followed: Set<String> = []
  /// Links to directories, and to nothing.
  private(set) var links: Set<String> = []
  /// Given paths that lead nowhere, and directories that could not be listed.
  private(set) var missing: Set<String> = []
  private(set) var problems: [Diagnostic] = []

  /// Files and directories; a path too high up in the file system is a mistake easily made.
  static let limit = 100_000
  static var empty: FileTree { FileTree(below: [], watches: nil) }

  private let roots: [String]
  private let watches: Watches?
  private var count = 0

  /// Walks the tree. Each directory is watched before it is listed, so that nothing is missed.
  init(below roots: [String], watches: Watches?) {
    self.roots = roots
    self.watches = watches
    walk()
    for path in roots + links { watches?.watchTree(along: PathTrail(of: path)) }
    for (path, file) in files where file.isLink {
      watches?.watch(file: path, along: PathTrail(of: path))
    }
    problems.sort()
  }

  /// Whether it lies below a given path or a directory that could not be read.
  func isBelowMissing(_ path: String) -> Bool {
    missing.contains { path == $0 || path.hasPrefix($0 + "/") }
  }

  /// Whether a file of that path belongs to the tree: not where the directory is entered by another
  /// path, or is none any more.
  func follows(_ path: String) -> Bool {
    if roots.contains(path) { return true }
    guard let slash = path.lastIndex(of: "/") else { return false }
    return followed.contains(String(path[..<slash]))
  }

  /// Whether a link was found there.
  func hasLink(_ path: String) -> Bool {
    files[path]?.isLink == true || links.contains(path)
  }

  static func exists(_ path: String) -> Bool { (try? FileStatus(of: path)) != nil }
  static func isLink(_ path: String) -> Bool { (try? FileStatus(ofLink: path).kind) == .link }

  // MARK: The walk

  private mutating func walk() {
    var links: [String] = []
    var named: [(path: String, status: FileStatus)] = []
    for root in roots {
      do throws(LinuxError) {
        let status = try FileStatus(of: root)
        switch status.kind {
        case .directory: walk(directory: root, status.identity, links: &links)
        case .file, .link, .other: named.append((root, status))
        }
      } catch {
        missing.insert(root)
        problems.append(
          error.isNotFound
            ? .pathMissing(root) : .directoryUnreadable(root, reason: error.reason))
      }
    }
    walk(links: links)
    let found = Set(files.values.compactMap(\.status?.identity))
    for (path, status) in named where !found.contains(status.identity) {
      files[path] = File(status: status, isLink: true)
    }
  }

  /// Enters what links lead to, in order of their paths, links found on the way included.
  private mutating func walk(links first: [String]) {
    var links = first
    while let path = links.min() {
      links.removeAll { $0 == path }
      guard let status = status(of: path), status.kind == .directory else { continue }
      walk(directory: path, status.identity, links: &links)
    }
  }

  private mutating func walk(
    directory: String, _ identity: FileStatus.Identity, links: inout [String]
  ) {
    guard !entered.contains(identity), countsOneMore(directory) else { return }
    entered.insert(identity)
    followed.insert(directory)
    let problem = watches?.follow(directory)
    let entries: [Files.Entry]
    do throws(LinuxError) {
      entries = try Files.entries(of: directory)
    } catch {
      missing.insert(directory)
      problems.append(.directoryUnreadable(directory, reason: error.reason))
      return
    }
    if let problem { problems.append(problem) }
    for entry in entries.sorted(by: { $0.name < $1.name }) where !FileName.isHidden(entry.name) {
      visit(directory + "/" + entry.name, entry, links: &links)
    }
  }

  private mutating func visit(_ path: String, _ entry: Files.Entry, links: inout [String]) {
    switch entry.kind ?? kind(of: path) {
    case .directory?:
      guard let status = status(of: path) else { return }
      walk(directory: path, status.identity, links: &links)
    case .link?:
      let target = status(of: path)
      // Where it leads to a directory, or may one day, the tree depends on it.
      if target.map({ $0.kind == .directory }) ?? !FileName.isConfiguration(path) {
        self.links.insert(path)
        links.append(path)
      } else {
        add(path, target, isLink: true)
      }
    case .file?: add(path, status(of: path), isLink: false)
    case .other?, nil: return
    }
  }

  private mutating func add(_ path: String, _ status: FileStatus?, isLink: Bool) {
    guard FileName.isConfiguration(path), countsOneMore(path) else { return }
    files[path] = File(status: status, isLink: isLink)
  }

  private mutating func countsOneMore(_ path: String) -> Bool {
    count += 1
    if count == FileTree.limit + 1 { problems.append(.tooManyPaths(FileTree.limit, at: path)) }
    return count <= FileTree.limit
  }

  /// Nil for what cannot be looked at: looking at the file itself will say why.
  private func status(of path: String) -> FileStatus? { try? FileStatus(of: path) }
  private func kind(of path: String) -> FileStatus.Kind? { try? FileStatus(ofLink: path).kind }
}

/// Which names are configuration.
enum FileName {
  /// `.name.swp`, `.#name`, `..data`: what editors and the kubelet keep beside the files.
  static func isHidden(_ name: String) -> Bool { name.hasPrefix(".") }

  /// `name.yaml~`, `#name.yaml#` and `4913` are not.
  static func isConfiguration(_ path: String) -> Bool {
    let name = path.utf8.split(separator: UInt8(ascii: "/")).last.map { String($0) ?? "" } ?? ""
    return !isHidden(name) && [".yaml", ".yml", ".json"].contains { name.hasSuffix($0) }
  }
}
