internal import Diagnostics

/// The objects of a file: its documents, with `List` objects replaced by what they list.
struct ObjectList {
  private let file: String
  private let limits: DocumentLimits
  private(set) var documents: [Document] = []
  private(set) var problems: FileProblems
  private var isFull = false

  init(file: String, limits: DocumentLimits) {
    self.file = file
    self.limits = limits
    problems = FileProblems(limit: limits.diagnostics)
  }

  mutating func add(_ root: Node) {
    // Nothing, or comments only.
    if root.isNull { return }
    guard root.isMapping else {
      return refuse(root, .notAnObject(root.kindName, at: root.position.place(in: file)))
    }
    if root.isList { addItems(of: root) } else { addObject(root) }
  }

  private mutating func addObject(_ root: Node) {
    guard documents.count < limits.documents else {
      let place = root.position.place(in: file)
      if !isFull { refuse(root, .tooManyDocuments(limits.documents, at: place)) }
      isFull = true
      return
    }
    documents.append(Document(file: file, root: root))
  }

  private mutating func addItems(of list: Node) {
    guard let node = list["items"], !node.isNull else { return }
    guard let items = node.items else {
      return refuse(list, .itemsNotAList(node.kindName, at: node.position.place(in: file)))
    }
    for item in items { add(item.asItem(of: list)) }
  }

  private mutating func refuse(_ node: Node, _ diagnostic: Diagnostic) {
    problems.add(brokenAt: node.position.place(in: file))
    problems.add(diagnostic)
  }
}

extension Node {
  /// `kind: List`, or the list of one kind, as the API server answers with.
  fileprivate var isList: Bool {
    guard let kind = self["kind"]?.text(sharing: nil), kind.hasSuffix("List") else { return false }
    return kind == "List" || (self["items"] != nil && self["spec"] == nil)
  }

  /// The API server leaves apiVersion and kind out of the items of a list of one kind.
  fileprivate func asItem(of list: Node) -> Node {
    guard let mapping, self["kind"] == nil, let listKind = list["kind"],
      let kind = listKind.text(sharing: nil), kind != "List"
    else { return self }
    let inherited = [
      list["apiVersion"].map { Entry(key: "apiVersion", value: $0) },
      Entry(key: "kind", value: Node(.string(String(kind.dropLast(4))), at: listKind.position)),
    ]
    return Node(.mapping(inherited.compactMap { $0 } + mapping.entries), at: position)
  }
}
