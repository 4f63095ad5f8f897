private import Glibc

/// What a path leads to, and what tells one state of it from another.
package struct FileStatus: Hashable, Sendable {
  package enum Kind: Sendable {
    case file
    case directory
    case link
    /// A socket, a pipe, a device.
    case other
  }

  /// The file itself, whatever paths lead to it.
  package struct Identity: Hashable, Sendable {
    fileprivate let device: UInt64
    fileprivate let inode: UInt64
  }

  package let kind: Kind
  package let identity: Identity
  package let size: Int
  /// When the contents were changed, and when anything was: nanoseconds since 1970.
  package let modified: Int64
  package let changed: Int64

  /// What is at the end of the path's symbolic links.
  package init(of path: String) throws(LinuxError) {
    var status = stat()
    _ = try call("read \(path)") { unsafe stat(path, &status) }
    self.init(status)
  }

  /// What is at the path itself, a symbolic link included.
  package init(ofLink path: String) throws(LinuxError) {
    var status = stat()
    _ = try call("read \(path)") { unsafe lstat(path, &status) }
    self.init(status)
  }

  init(of descriptor: FileDescriptor) throws(LinuxError) {
    var status = stat()
    _ = try call("read") { unsafe fstat(descriptor.number, &status) }
    self.init(status)
  }

  private init(_ status: stat) {
    switch status.st_mode & S_IFMT {
    case S_IFREG: kind = .file
    case S_IFDIR: kind = .directory
    case S_IFLNK: kind = .link
    default: kind = .other
    }
    identity = Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    size = Int(status.st_size)
    modified = FileStatus.nanoseconds(status.st_mtim)
    changed = FileStatus.nanoseconds(status.st_ctim)
  }

  private static func nanoseconds(_ time: timespec) -> Int64 {
    Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
  }
}
