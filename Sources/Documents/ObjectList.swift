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
    switch root.content {
    case .null: return  // Nothing, or comments only.
    case .mapping where root.isList: addItems(of: root)
    case .mapping: addObject(root)
    case .bool, .integer, .number, .string, .sequence:
      refuse(root, .notAnObject(root.kindName, at: root.position.place(in: file)))
    }
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
    guard let items = list["items"] else { return }
    switch items.content {
    case .null: return
    case .sequence(let items):
      for item in items { add(item.asItem(of: list)) }
    case .bool, .integer, .number, .string, .mapping:
      refuse(list, .itemsNotAList(items.kindName, at: items.position.place(in: file)))
    }
  }

  private mutating func refuse(_ node: Node, _ diagnostic: Diagnostic) {
    problems.add(brokenAt: node.position.place(in: file))
    problems.add(diagnostic)
  }
}

extension Node {
  /// `kind: List`, or the list of one kind, as the API server answers with.
  fileprivate var isList: Bool {
    guard case .string(let kind)? = self["kind"]?.content, kind.hasSuffix("List") else {
      return false
    }
    return kind == "List" || (self["items"] != nil && self["spec"] == nil)
  }

  /// The API server leaves apiVersion and kind out of the items of a list of one kind.
  fileprivate func asItem(of list: Node) -> Node {
    guard case .mapping(let entries) = content, self["kind"] == nil,
      let listKind = list["kind"], case .string(let kind) = listKind.content, kind != "List"
    else { return self }
    let inherited = [
      list["apiVersion"].map { Entry(key: "apiVersion", value: $0) },
      Entry(key: "kind", value: Node(.string(String(kind.dropLast(4))), at: listKind.position)),
    ]
    return Node(.mapping(inherited.compactMap { $0 } + entries), at: position)
  }
}
