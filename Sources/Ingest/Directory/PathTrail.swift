internal import Linux

/// The names that decide where a path leads: where one of them is replaced, the path leads elsewhere.
///
/// Each symbolic link on the way, and the last name; where the path leads nowhere, the first name that
/// is missing. For a file of a mounted ConfigMap, `shop.yaml`, that is `shop.yaml` itself, the link
/// `..data` beside it, and the file in the directory that link leads to.
struct PathTrail {
  struct Step: Hashable {
    /// A directory, by a path that leads to it now.
    let directory: String
    let name: String
    /// A link, so that what comes behind it lies elsewhere when it is replaced.
    let isLink: Bool
  }

  private(set) var steps: [Step] = []
  /// The directories passed: where one of them is moved, the path leads nowhere.
  private(set) var directories: [String] = []
  /// As many links as the kernel follows (path_resolution(7)).
  private var linksLeft = 40

  init(of path: String) {
    var directory = path.hasPrefix("/") ? "/" : "."
    var names = Array(path.split(separator: "/").map(String.init).reversed())
    while let name = names.popLast() {
      guard name != "." && name != ".." else {
        directory = PathTrail.join(directory, name)
        continue
      }
      let here = PathTrail.join(directory, name)
      switch try? FileStatus(ofLink: here).kind {
      case nil:
        steps.append(Step(directory: directory, name: name, isLink: false))
        return
      case .link?:
        steps.append(Step(directory: directory, name: name, isLink: true))
        guard linksLeft > 0, let target = try? Files.target(ofLink: here) else { return }
        linksLeft -= 1
        if target.hasPrefix("/") { directory = "/" }
        names += target.split(separator: "/").map(String.init).reversed()
      case .directory?, .file?, .other?:
        if names.isEmpty {
          steps.append(Step(directory: directory, name: name, isLink: false))
        } else {
          directories.append(here)
        }
        directory = here
      }
    }
  }

  private static func join(_ directory: String, _ name: String) -> String {
    directory == "/" ? "/" + name : directory == "." ? name : directory + "/" + name
  }
}
