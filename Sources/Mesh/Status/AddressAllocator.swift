package import Resources
package import Store

/// Which virtual addresses the hosts of ServiceEntries without any are to have in their `status`
/// (istiod's `pilot/pkg/controllers/ipallocate`): proxies that capture DNS answer with them, and tell
/// apart by them what goes where.
///
/// What stands in a status stays. An address that two have stays the older one's; a user's own counts
/// before any. What was given and is not written yet is kept, and gives way to what is.
///
/// Not here, on purpose: who writes it, and when.
package struct AddressAllocator: Sendable {
  private struct Entry {
    let rank: Rank
    /// Those that are to have addresses, each once; nil where none is to have any.
    let hosts: [String]?
    let written: [ServiceEntry.AllocatedAddress]
    let own: [IPAddress]
    /// Given to hosts, written or not: who loses what was written is given the same again.
    var given: [String: [IPAddress]] = [:]

    /// The addresses that are written, by host.
    var writtenByHost: [String: [IPAddress]] {
      written.reduce(into: [:]) { hosts, address in
        guard let parsed = IPAddress(address.value) else { return }
        hosts[address.host ?? "", default: []].append(parsed.unmapped)
      }
    }
    var writtenAddresses: [IPAddress] {
      written.compactMap { IPAddress($0.value)?.unmapped }
    }
  }

  /// Whose an address is.
  fileprivate struct Claims: Sendable {
    /// In whose status it stands.
    var writers: [IPAddress: Set<NamespacedName>] = [:]
    /// In whose spec.
    var owners: [IPAddress: Set<NamespacedName>] = [:]
    /// Who was given it, or had it in its status when that was last looked at.
    var given: [IPAddress: NamespacedName] = [:]

    func isFree(_ address: IPAddress) -> Bool {
      writers[address] == nil && owners[address] == nil && given[address] == nil
    }
  }

  private var entries: [NamespacedName: Entry] = [:]
  private var claims = Claims()
  private var v4: FreeAddresses
  private var v6: FreeAddresses
  /// What the next ``settle()`` looks at.
  private var touched: Set<NamespacedName> = []

  /// istiod's own ranges (PILOT_IP_AUTOALLOCATE_IPV4_PREFIX and …IPV6_PREFIX).
  package init() { self.init(v4: "240.240.0.0/16", v6: "2001:2::/48") }

  init(v4: String, v6: String) {
    self.v4 = FreeAddresses(v4)
    self.v6 = FreeAddresses(v6)
  }

  /// Takes an entry as it is now; nil: it is gone.
  package mutating func take(_ id: NamespacedName, _ object: Object<ServiceEntry>?) {
    let before = entries[id]
    forget(id)
    guard let object else { return }
    var entry = Entry(
      rank: Rank(object.metadata), hosts: AddressAllocator.hosts(of: object),
      written: object.spec.allocatedAddresses,
      own: object.spec.addresses.compactMap { IPAddress($0)?.unmapped })
    entry.given = before?.given ?? [:]
    for addresses in entry.given.values {
      for address in addresses { claims.given[address] = id }
    }
    for address in entry.writtenAddresses { claims.writers[address, default: []].insert(id) }
    for address in entry.own { claims.owners[address, default: []].insert(id) }
    entries[id] = entry
    touched.insert(id)
    for address in entry.writtenAddresses + entry.own {
      if let other = claims.given[address] { takeBack(address, from: other) }
      touched.formUnion(claims.writers[address] ?? [])
    }
  }

  private mutating func forget(_ id: NamespacedName) {
    guard let entry = entries.removeValue(forKey: id) else { return }
    for address in entry.writtenAddresses {
      claims.writers[address]?.remove(id)
      // Who had to give way need not any more.
      touched.formUnion(claims.writers[address] ?? [])
      if claims.writers[address]?.isEmpty == true { claims.writers[address] = nil }
    }
    for address in entry.own {
      claims.owners[address]?.remove(id)
      if claims.owners[address]?.isEmpty == true { claims.owners[address] = nil }
    }
    for addresses in entry.given.values {
      for address in addresses where claims.given[address] == id { claims.given[address] = nil }
    }
  }

  /// What was given and is someone else's by now.
  private mutating func takeBack(_ address: IPAddress, from id: NamespacedName) {
    claims.given[address] = nil
    for (host, addresses) in entries[id]?.given ?? [:] where addresses.contains(address) {
      for other in addresses where claims.given[other] == id { claims.given[other] = nil }
      entries[id]?.given[host] = nil
    }
    touched.insert(id)
  }

  /// What the statuses of entries should say that may say something else since it was last asked; nil
  /// where there is nothing to say.
  package mutating func settle() -> [NamespacedName: [ServiceEntry.AllocatedAddress]?] {
    var wanted: [NamespacedName: [ServiceEntry.AllocatedAddress]?] = [:]
    let order = touched.compactMap { entries[$0] }.map(\.rank).sorted().map(\.id)
    for id in touched where entries[id] == nil { wanted[id] = .some(nil) }
    touched = []
    v4.isExhausted = false
    v6.isExhausted = false
    for id in order { wanted[id] = .some(addresses(of: id)) }
    return wanted
  }

  private mutating func addresses(of id: NamespacedName) -> [ServiceEntry.AllocatedAddress]? {
    guard let entry = entries[id] else { return nil }
    guard let hosts = entry.hosts else { return entry.written.isEmpty ? nil : [] }
    let giveWay = mustGiveWay(entry)
    let kept = giveWay ? [:] : entry.writtenByHost
    let lost = giveWay ? Set(entry.writtenAddresses) : []
    remember(
      entry.given.filter { lost.isDisjoint(with: $0.value) }
        .merging(kept) { $1 }.filter { hosts.contains($0.key) }, of: id)
    if !giveWay, Set(kept.keys) == Set(hosts) { return entry.written.isEmpty ? nil : entry.written }
    return hosts.flatMap { host in
      let addresses = entries[id]?.given[host] ?? give(host, of: id)
      return addresses.map { ServiceEntry.AllocatedAddress(value: $0.text, host: host) }
    }
  }

  /// Whether some address that is written is a user's own, or an older entry's.
  private func mustGiveWay(_ entry: Entry) -> Bool {
    entry.writtenAddresses.contains { address in
      claims.owners[address] != nil
        || (claims.writers[address] ?? []).contains { other in
          other != entry.rank.id && (entries[other].map { $0.rank < entry.rank } ?? false)
        }
    }
  }

  /// What hosts have is theirs, and what they had is not.
  private mutating func remember(_ given: [String: [IPAddress]], of id: NamespacedName) {
    for addresses in (entries[id]?.given ?? [:]).values {
      for address in addresses where claims.given[address] == id { claims.given[address] = nil }
    }
    for addresses in given.values {
      for address in addresses where claims.given[address] == nil { claims.given[address] = id }
    }
    entries[id]?.given = given
  }

  private mutating func give(_ host: String, of id: NamespacedName) -> [IPAddress] {
    let addresses = [v4.next(besides: claims), v6.next(besides: claims)].compactMap { $0 }
    for address in addresses { claims.given[address] = id }
    // Who got nothing asks again.
    if !addresses.isEmpty { entries[id]?.given[host] = addresses }
    return addresses
  }

  /// istiod's `ShouldV2AutoAllocateIP` and `keepHost`.
  private static func hosts(of object: Object<ServiceEntry>) -> [String]? {
    let spec = object.spec
    let label = object.metadata.labels["networking.istio.io/enable-autoallocate-ip"]
    guard spec.resolution != .none, spec.addresses.isEmpty, label?.lowercased() != "false" else {
      return nil
    }
    var seen: Set<String> = []
    return spec.hosts.filter {
      (spec.resolution == .dynamicDNS || !$0.hasPrefix("*")) && seen.insert($0).inserted
    }
  }
}

/// The addresses of a range, one after another and round again, so that one that was given up is not
/// someone else's at once.
private struct FreeAddresses: Sendable {
  private let range: CIDR
  private var last: IPAddress
  /// None was free the last time; whoever frees some says so.
  var isExhausted = false

  /// Of a text that is one.
  init(_ text: String) {
    guard let range = CIDR(text) else { preconditionFailure("\(text) is a range of addresses") }
    self.range = range
    last = range.address
  }

  /// The next that is free; nil where none is. The network's own address is none.
  mutating func next(besides claims: AddressAllocator.Claims) -> IPAddress? {
    guard !isExhausted else { return nil }
    // The smaller range has so many.
    for _ in 0..<0xFFFF {
      last = last.successor
      if !range.contains(last) { last = range.address.successor }
      if claims.isFree(last) { return last }
    }
    isExhausted = true
    return nil
  }
}

extension IPAddress {
  fileprivate var successor: IPAddress {
    var bytes = bytes
    for index in bytes.indices.reversed() {
      bytes[index] &+= 1
      if bytes[index] != 0 { break }
    }
    return IPAddress(bytes)
  }

  /// IPv4 where it is IPv4 within IPv6.
  fileprivate var unmapped: IPAddress {
    let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255]
    return bytes.starts(with: mapped) ? IPAddress(Array(bytes.dropFirst(12))) : self
  }
}
