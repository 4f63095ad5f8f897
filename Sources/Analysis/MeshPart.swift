internal import Incremental

/// A part of the objects of a kind, which one falls into by a name: what a step goes through, and what is
/// gone through again where an object comes or goes.
struct MeshPart: Digested {
  static let count = 64
  static var all: some Sequence<MeshPart> { (0..<count).lazy.map(MeshPart.init) }

  let number: Int

  init(number: Int) { self.number = number }

  /// FNV-1a.
  init(of name: String) {
    let digest = name.utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
    number = Int(digest) % Self.count
  }
}
