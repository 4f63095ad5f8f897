internal import Analysis
package import Diagnostics
internal import Ingest

/// `fairlead check`: everything there is to say about files, by file and line. Nothing is followed and
/// nothing compiled. Without MeshConfig nothing is said of what only it can tell.
package func findings(in paths: [String], meshConfigFile: String?) -> [Diagnostic] {
  var options = MeshOptions()
  options.configPaths = paths
  options.meshConfigFile = meshConfigFile
  let engine = Engine(options)
  let batch = DirectorySource.contents(of: options.allPaths, limits: Limits.documents)
  for file in batch.files { _ = engine.replace(file) }
  let breadth: MeshAnalysis.Breadth = meshConfigFile == nil ? .ofUnknownSettings : .everything
  return (batch.problems + engine.analysis(breadth)).sorted()
}
