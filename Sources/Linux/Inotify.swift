private import CLinux
private import Glibc

/// What the kernel says about changes in watched directories and files.
package final class Inotify {
  package struct Watch: Hashable, Sendable {
    fileprivate let number: CInt
  }

  package struct Changes: OptionSet, Hashable, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }
    package static let modified = Changes(rawValue: UInt32(IN_MODIFY))
    package static let attributes = Changes(rawValue: UInt32(IN_ATTRIB))
    package static let closedAfterWrite = Changes(rawValue: UInt32(IN_CLOSE_WRITE))
    package static let movedFrom = Changes(rawValue: UInt32(IN_MOVED_FROM))
    package static let movedTo = Changes(rawValue: UInt32(IN_MOVED_TO))
    package static let created = Changes(rawValue: UInt32(IN_CREATE))
    package static let deleted = Changes(rawValue: UInt32(IN_DELETE))
    /// The watched directory or file itself.
    package static let selfDeleted = Changes(rawValue: UInt32(IN_DELETE_SELF))
    package static let selfMoved = Changes(rawValue: UInt32(IN_MOVE_SELF))
    /// Only asked for: in addition to what the same directory or file is watched for already.
    package static let inAddition = Changes(rawValue: UInt32(IN_MASK_ADD))
    /// Only reported: the kernel has dropped events, and everything must be read again.
    package static let overflow = Changes(rawValue: UInt32(IN_Q_OVERFLOW))
    /// Only reported: the watch is gone, its directory deleted or unmounted.
    package static let watchEnded = Changes(rawValue: UInt32(IN_IGNORED))
    package static let unmounted = Changes(rawValue: UInt32(IN_UNMOUNT))
    /// Only reported: the name is a directory.
    package static let isDirectory = Changes(rawValue: UInt32(IN_ISDIR))
  }

  package struct Event: Hashable, Sendable {
    /// Nil for ``Changes/overflow``, which is about all.
    package let watch: Watch?
    package let changes: Changes
    /// Pairs `movedFrom` with `movedTo`; 0 otherwise.
    package let cookie: UInt32
    /// The entry in the watched directory; empty when it is the watched thing itself.
    package let name: String
  }

  /// Readable while events wait.
  package let descriptor: FileDescriptor
  /// Room for events, which come by the dozen or by the thousand.
  private var buffer = [UInt8](repeating: 0, count: 64 * 1024)

  package init() throws(LinuxError) {
    descriptor = FileDescriptor(
      owning: try call("start inotify") {
        inotify_init1(CInt(IN_CLOEXEC | IN_NONBLOCK))
      })
  }

  /// Watches a directory or file, following symbolic links. Watching the same one again answers the
  /// same watch with the new interest.
  package func watch(_ path: String, for changes: Changes) throws(LinuxError) -> Watch {
    let number = descriptor.number
    return Watch(
      number: try call("watch \(path)") {
        unsafe inotify_add_watch(number, path, changes.rawValue)
      })
  }

  /// Stops a watch; one that the kernel has ended already is no error.
  package func stop(_ watch: Watch) {
    _ = inotify_rm_watch(descriptor.number, watch.number)
  }

  /// The events that wait, in order; empty when there are none.
  package func events() throws(LinuxError) -> [Event] {
    guard case .bytes(let count) = try descriptor.read(into: &buffer) else { return [] }
    return Inotify.decode(buffer[..<count])
  }

  private static func decode(_ bytes: ArraySlice<UInt8>) -> [Event] {
    let headerSize = 16
    var rest = bytes
    var events: [Event] = []
    while rest.count >= headerSize {
      let header = unsafe rest.withUnsafeBytes {
        unsafe $0.loadUnaligned(as: inotify_event.self)
      }
      let name = rest.dropFirst(headerSize).prefix(Int(header.len)).prefix { $0 != 0 }
      events.append(
        Event(
          watch: header.wd < 0 ? nil : Watch(number: header.wd),
          changes: Changes(rawValue: header.mask), cookie: header.cookie,
          name: String(decoding: name, as: UTF8.self)))
      rest = rest.dropFirst(headerSize + Int(header.len))
    }
    return events
  }
}
