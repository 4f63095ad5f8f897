/// The pages of one server: who answers a path, and the index of them all.
struct PageTable: Sendable {
  private let title: String
  private let pages: [Page]
  private let byPath: [String: Page]

  init(title: String, pages: [Page]) {
    self.title = title
    self.pages = pages
    byPath = Dictionary(pages.map { ($0.path, $0) }) { _, later in
      preconditionFailure("each path has one page; \(later.path) has two")
    }
  }

  func response(to request: Request) -> Response {
    if let page = byPath[request.path] { return page.answer(request) }
    return request.path == "/" ? .html(index) : .text(notFound(request.path), status: 404)
  }

  private var index: String {
    let rows = pages.map { page in
      "<li><a href=\"\(page.path)\">\(page.path)</a> \(page.summary)</li>\n"
    }
    return "<!doctype html>\n<title>\(title)</title>\n<h1>\(title)</h1>\n<ul>\n"
      + rows.joined() + "</ul>\n"
  }

  private func notFound(_ path: String) -> String {
    "no page \(path); there are:\n" + pages.map { "  \($0.path)  \($0.summary)\n" }.joined()
  }
}
