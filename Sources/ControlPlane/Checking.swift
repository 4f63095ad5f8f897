package import Diagnostics
internal import Ingest

/// `fairlead check`: everything there is to say about files, by file and line. Nothing is followed and
/// nothing compiled.
package func findings(in paths: [String]) -> [Diagnostic] {
  let engine = Engine(MeshOptions())
  let batch = DirectorySource.contents(of: paths, limits: Limits.documents)
  for file in batch.files { _ = engine.replace(file) }
  return (batch.problems + engine.analysis()).sorted()
}
