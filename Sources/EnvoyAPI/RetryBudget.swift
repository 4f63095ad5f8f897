extension Envoy.CircuitBreakers.Thresholds.RetryBudget {
  /// With `budget_interval`, which is newer than the published messages: how long ended requests go on
  /// counting.
  package init(
    budgetPercent: Envoy.Percent?, minRetryConcurrency: UInt32?, budgetInterval: Duration?
  ) {
    var writer = MessageWriter()
    writer.message(1, budgetPercent?.reference)
    writer.uint32Value(2, minRetryConcurrency)
    writer.duration(3, budgetInterval)
    self.init(reference: writer.finish())
  }
}
