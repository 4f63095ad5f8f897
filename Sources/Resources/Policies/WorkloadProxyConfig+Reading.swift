internal import Diagnostics
internal import Documents

extension WorkloadProxyConfig: FieldReadable {
  init(_ fields: inout Fields) {
    self.init(
      selector: fields.selector("selector", labels: "matchLabels"),
      concurrency: fields.int("concurrency", .int32),
      environmentVariables: fields.labels("environmentVariables"),
      imageType: fields.one("image") { $0.string("imageType") } ?? nil)
    if selector?.isEmpty == true { fields.report(.emptySelector(), at: "selector") }
    if let concurrency, concurrency < 0 {
      fields.report(.negative(concurrency), at: "concurrency")
    }
    fields.report(.proxyConfigForInjection())
  }
}
