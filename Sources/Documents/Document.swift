/// One YAML document or one JSON text of a file, or one item of a `List` object.
package struct Document: Sendable {
  package let file: String
  package let root: Node

  package init(file: String, root: Node) {
    self.file = file
    self.root = root
  }
}
