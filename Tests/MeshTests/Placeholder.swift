// MeshTests
