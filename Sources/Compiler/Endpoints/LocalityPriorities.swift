internal import Mesh
internal import Resources

/// Which endpoints are tried first, and how traffic is shared among places (Istio's
/// `loadbalancer.go`).
struct LocalityPriorities {
  let preference: LocalityPreference
  /// Outlier detection is on: without it Envoy would never leave the first priority.
  let failsOver: Bool
  /// Where not, what the setting says of labels has no effect.
  let comparesLabels: Bool
  let proxies: ProxyClass

  private var traits: ProxyTraits { _read { yield proxies.traits } }

  func apply(to groups: [LocalityGroup]) -> [LocalityGroup] {
    switch preference {
    case .locality(let setting, let isForced):
      if !setting.distribute.isEmpty { return distributed(groups, setting.distribute) }
      guard failsOver || isForced else { return groups }
      let byLabels = byLabels(groups, setting.failoverPriority)
      return setting.failoverPriority.isEmpty || !setting.failover.isEmpty
        ? byLocality(byLabels, setting.failover) : byLabels
    case .zoneAware(let setting):
      guard setting.enabled ?? true else { return groups }
      return byRegion(byLabels(groups, setting.failoverPriority), setting.failover)
    }
  }

  // MARK: Shares

  /// The first entry that is for the proxy's place: each of its places gets its share, parted by the
  /// weights there; all other places lose their endpoints.
  private func distributed(
    _ groups: [LocalityGroup], _ distribute: [LocalityLoadBalancerSetting.Distribute]
  ) -> [LocalityGroup] {
    guard let entry = distribute.first(where: { traits.locality.matches($0.from) }) else {
      return groups
    }
    var result = groups
    var open = Set(groups.indices)
    for share in entry.to {
      let matched = groups.indices.filter {
        open.contains($0) && groups[$0].locality.matches(share.name)
      }
      let total = matched.reduce(0) { $0 + (groups[$1].weight ?? 1) }
      for index in matched {
        open.remove(index)
        let weight = LocalityGroup.weight(groups[index].weight ?? 1, times: share.value)
        if weight > 0, total > 0 { result[index].weight = (weight + total - 1) / total }
      }
    }
    for index in open { result[index].members = [] }
    return result
  }

  // MARK: Order

  private func byLocality(
    _ groups: [LocalityGroup], _ failover: [RegionFailover]
  ) -> [LocalityGroup] {
    let own = traits.locality
    let target = failover.first { $0.from == own.region }?.to
    return compacted(
      groups.map { group in
        let priority =
          switch group.locality {
          case let other where other.region != own.region:
            target == nil || other.region == target ? 3 : 4
          case let other where other.zone != own.zone: 2
          case let other where other.subzone != own.subzone: 1
          default: 0
          }
        return group.with(priority: group.priority * 5 + priority)
      })
  }

  private func byRegion(
    _ groups: [LocalityGroup], _ failover: [RegionFailover]
  ) -> [LocalityGroup] {
    let own = traits.locality.region
    let target = failover.first { $0.from == own }?.to
    return compacted(
      groups.map { group in
        let region = group.locality.region
        let bucket = region == own ? 0 : region == target ? 1 : 2
        return group.with(priority: group.priority * 3 + bucket)
      })
  }

  /// Each place is split by how many of the labels, from the first on, endpoint and proxy have alike.
  private func byLabels(
    _ groups: [LocalityGroup], _ labels: [FailoverLabel]
  ) -> [LocalityGroup] {
    guard comparesLabels, !labels.isEmpty, !traits.labels.isEmpty else { return groups }
    return compacted(
      groups.flatMap { group in
        Dictionary(grouping: group.members) { priority(of: $0, labels) }
          .sorted { $0.key < $1.key }
          .map { priority, members in
            var part = group.with(priority: priority)
            part.members = members
            return part.weighted
          }
      })
  }

  /// 0 where all are alike. A network that differs comes first in the list only, and makes the
  /// endpoint worse than any of the own network.
  private func priority(of member: LocalityGroup.Member, _ labels: [FailoverLabel]) -> Int {
    var added = 0
    for (index, label) in labels.enumerated() {
      let wanted = label.value ?? traits.labels[label.name] ?? ""
      guard wanted != member.label(label.name) ?? "" else { continue }
      if index == 0, label.name == "topology.istio.io/network", label.value == nil {
        added = labels.count
        continue
      }
      return labels.count - index + added
    }
    return added
  }

  /// Priorities count from 0 without gaps.
  private func compacted(_ groups: [LocalityGroup]) -> [LocalityGroup] {
    let used = Set(groups.map(\.priority)).sorted()
    return groups.map { group in
      group.with(priority: used.firstIndex(of: group.priority) ?? group.priority)
    }
  }
}

extension LocalityGroup {
  fileprivate func with(priority: Int) -> LocalityGroup {
    var group = self
    group.priority = priority
    return group
  }
}

extension NodeLocality {
  /// A rule's locality: `*` and what is missing stand for any.
  fileprivate func matches(_ text: String) -> Bool {
    let rule = NodeLocality(text: text)
    return (rule.region == "*" || rule.region == region)
      && ["*", "", zone].contains(rule.zone) && ["*", "", subzone].contains(rule.subzone)
  }
}
