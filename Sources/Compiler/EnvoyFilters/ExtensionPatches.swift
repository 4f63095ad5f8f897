internal import Mesh
internal import Resources
internal import Segments

/// Extensions' configurations that EnvoyFilters add, for proxies that ask for them by name (istiod's
/// `InsertedExtensionConfigurations`). Of one name the first counts.
struct ExtensionPatches {
  private let added: [EnvoyFilter.Patch]

  init(_ model: MeshModel, _ proxies: ProxyClass) {
    added = model.envoyFilters.patches(.init(proxies, .extensions, .any))[.extensionConfig]
      .filter { $0.operation == .add }
  }

  func names(beside others: [ExtensionName]) -> [ExtensionName] {
    guard !added.isEmpty else { return [] }
    var taken = Set(others.map(\.text))
    return added.map(\.valueName).filter { taken.insert($0).inserted }.map { .fixed($0) }
  }

  func body(_ name: String) -> Rope? {
    added.first { $0.valueName == name }.map { Rope($0.value) }
  }
}
