/// networking.istio.io ProxyConfig: settings of the proxies of workloads.
package struct WorkloadProxyConfig: ResourceSpec {
  package static let kind = Kind.proxyConfig

  package init() {}
}

extension WorkloadProxyConfig: FieldReadable {
  init(_ fields: inout Fields) {
    fields.allowOthers()
    self.init()
  }
}
