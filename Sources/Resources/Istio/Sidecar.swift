/// networking.istio.io Sidecar: what sidecars open and reach.
package struct Sidecar: ResourceSpec {
  package static let kind = Kind.sidecar

  package init() {}
}

extension Sidecar: FieldReadable {
  init(_ fields: inout Fields) {
    fields.allowOthers()
    self.init()
  }
}
