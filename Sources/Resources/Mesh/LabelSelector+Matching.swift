extension LabelSelector {
  /// Whether all of it holds of these labels; nothing in it holds of any.
  package func matches(_ labels: [String: String]) -> Bool {
    matchLabels.allSatisfy { labels[$0.key] == $0.value }
      && matchExpressions.allSatisfy { requirement in
        let value = labels[requirement.key]
        return switch requirement.condition {
        case .isIn(let values): value.map(values.contains) ?? false
        case .isNotIn(let values): value.map { !values.contains($0) } ?? true
        case .exists: value != nil
        case .doesNotExist: value == nil
        }
      }
  }
}
