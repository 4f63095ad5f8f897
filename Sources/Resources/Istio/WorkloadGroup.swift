/// networking.istio.io WorkloadGroup: what machines that register themselves have in common.
package struct WorkloadGroup: ResourceSpec {
  package static let kind = Kind.workloadGroup

  package init() {}
}

extension WorkloadGroup: FieldReadable {
  init(_ fields: inout Fields) {
    fields.allowOthers()
    self.init()
  }
}
