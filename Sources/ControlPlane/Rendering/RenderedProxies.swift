package import Diagnostics
package import Documents
internal import Ingest
internal import Linux
internal import Resources

/// `fairlead render` as a function: files in, what proxies would be sent out.
package struct RenderedProxies {
  /// What to print.
  package let node: Node
  /// What was found in the files on the way.
  package let diagnostics: [Diagnostic]

  /// Why there is nothing to print.
  package struct Failure: Error, CustomStringConvertible {
    package let description: String
  }

  package init(_ options: RenderOptions) throws(Failure) {
    let engine = Engine(options.mesh)
    let batch = DirectorySource.contents(of: options.mesh.allPaths, limits: Limits.documents)
    var found = batch.problems
    for file in batch.files { found += engine.replace(file) }
    diagnostics = found + engine.unfetchedKeys
    let proxies = try RenderedProxies.proxies(options.proxy ?? "")
    let rendered = proxies.map { name, proxy in
      Node.Entry(
        key: name,
        value: Rendering(engine, for: proxy, types: options.types).node(options.format))
    }
    node = rendered.count == 1 ? rendered[0].value : Node(.mapping(rendered))
  }

  /// A node's id has three `~`; anything else is a file of proxies, each a name, an id and metadata.
  private static func proxies(
    _ text: String
  ) throws(Failure) -> [(name: String, proxy: ProxyNode)] {
    if text.utf8.count(where: { $0 == UInt8(ascii: "~") }) == 3 {
      return [(text, try proxy(id: text, metadata: Node(.mapping([]))))]
    }
    let trees = try RenderedProxies.trees(of: text)
    if let problem = trees.diagnostics.first { throw Failure(description: problem.text()) }
    let listed = trees.roots.flatMap { root -> [Node] in
      guard case .sequence(let nodes) = root.content else { return [root] }
      return nodes
    }
    var proxies: [(name: String, proxy: ProxyNode)] = []
    for node in listed {
      guard case .string(let id)? = node["id"]?.content else {
        throw Failure(description: "\(text):\(node.position.line): a proxy needs an id")
      }
      let name = if case .string(let name)? = node["name"]?.content { name } else { id }
      proxies.append((name, try proxy(id: id, metadata: node["metadata"] ?? Node(.mapping([])))))
    }
    return proxies
  }

  private static func trees(of path: String) throws(Failure) -> Trees {
    do throws(LinuxError) {
      switch try Files.contents(of: path, limit: Limits.documents.fileBytes) {
      case .bytes(let bytes): return Trees(bytes, path: path, limits: Limits.documents)
      case .tooLarge(let size): throw LinuxError("read \(path)", reason: "it has \(size) bytes")
      case .notAFile: throw LinuxError("read \(path)", reason: "it is no file")
      }
    } catch {
      throw Failure(description: "\(error)")
    }
  }

  private static func proxy(id: String, metadata: Node) throws(Failure) -> ProxyNode {
    switch ProxyNode.read(id: id, metadata: metadata) {
    case .success(let proxy): return proxy
    case .failure(let problem): throw Failure(description: "proxy \(id): \(problem)")
    }
  }
}
