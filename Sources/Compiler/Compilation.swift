internal import Incremental
package import Mesh
internal import Segments

/// Everything proxies are sent, as derived values of the mesh: a table for each type of resource.
package final class Compilation {
  package let model: MeshModel
  package let listeners: ResourceTable<ListenerName>
  package let secrets: ResourceTable<SecretName>

  package init(_ model: MeshModel) {
    self.model = model
    listeners = ListenerCompiler(model).listeners
    secrets = SecretCompiler(model, clientSecrets: { _ in [] }).secrets
  }
}
