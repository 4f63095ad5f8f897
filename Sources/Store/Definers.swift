internal import Diagnostics

/// Which files define which objects, files by their numbers.
///
/// Of names only digests are kept, for there are as many as objects: that a file is named for an object
/// says that it may define it, and nearly always that it does.
struct Definers: Sendable {
  typealias FileNumber = UInt32

  private var only: [Int: FileNumber] = [:]
  /// Where there are several, which are few.
  private var several: [Int: Set<FileNumber>] = [:]

  private func digest(of name: ObjectName) -> Int {
    var hasher = Hasher()
    hasher.combine(name)
    return hasher.finalize()
  }

  mutating func reserveCapacity(adding count: Int) {
    // Growing by what comes next each time would copy all each time.
    if only.capacity < only.count + count {
      only.reserveCapacity(max(only.count + count, only.count * 2))
    }
  }

  /// Whether no two files may define the same object.
  var areApart: Bool { several.isEmpty }

  /// Those that may define the object.
  func files(of name: ObjectName) -> [FileNumber] {
    let digest = digest(of: name)
    return several[digest].map(Array.init) ?? only[digest].map { [$0] } ?? []
  }

  /// Adds a file; answers whether others may define the object too.
  mutating func insert(_ file: FileNumber, of name: ObjectName) -> Bool {
    let digest = digest(of: name)
    if !several.isEmpty, let others = several[digest] {
      several[digest] = others.union([file])
      return true
    }
    guard let other = only.updateValue(file, forKey: digest), other != file else { return false }
    only[digest] = nil
    several[digest] = [other, file]
    return true
  }

  mutating func remove(_ file: FileNumber, of name: ObjectName) {
    let digest = digest(of: name)
    guard !several.isEmpty, var files = several[digest] else {
      if only[digest] == file { only[digest] = nil }
      return
    }
    files.remove(file)
    several[digest] = files.count > 1 ? files : nil
    if let last = files.first, files.count == 1 { only[digest] = last }
  }

  /// The files that have an object with another.
  var sharing: Set<FileNumber> { several.values.reduce(into: []) { $0.formUnion($1) } }
}
