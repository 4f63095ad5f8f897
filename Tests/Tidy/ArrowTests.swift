import Testing

/// The one direction of Sources/README.md: what a module imports stands above it.
@Suite struct ArrowTests {
  @Test func aModuleImportsOnlyWhatStandsAboveIt() {
    var above: Set<String> = ModuleTable.cLibraries
    for module in ModuleTable.package {
      #expect(module.imports.isSubset(of: above), "\(module.name): \(module.imports)")
      above.insert(module.name)
    }
  }

  @Test(arguments: ModuleTable.package.map(\.name))
  func theTableSaysWhatTheFilesImport(module: String) {
    let listed = ModuleTable.package.first { $0.name == module }?.imports
    #expect(ModuleTable.imports(of: module) == listed)
  }

  @Test func theMapShowsTheSameTable() {
    #expect(ModuleTable.map.map(\.name) == ModuleTable.package.map(\.name))
    for (drawn, built) in zip(ModuleTable.map, ModuleTable.package) { #expect(drawn == built) }
  }

  @Test func everyFolderOfSourcesIsAModuleOfTheTable() {
    let folders = Set(SourceTree.sources.map(\.module))
    #expect(folders == Set(ModuleTable.package.map(\.name)).union(["fairlead"]))
  }

  @Test func aCLibraryIsImportedPrivately() {
    for file in SourceTree.sources {
      for library in file.captures(#"^import (\w+)"#) + file.captures(#"^package import (\w+)"#) {
        #expect(!ModuleTable.cLibraries.contains(library), "\(file.path) shows \(library)")
      }
    }
  }

  /// Full Foundation is 50 MB of a static binary, most of it ICU.
  @Test func theProductHasNoFoundation() {
    for file in SourceTree.sources {
      #expect(file.findings(#"^\s*(?:\w+ )?import Foundation\b"#) == [])
    }
  }

  @Test func noTypeHasTheNameOfAModule() {
    for module in ModuleTable.package.map(\.name) {
      for file in SourceTree.sources {
        #expect(
          file.findings(#"^(?:\w+ )*(?:struct|class|enum|protocol|actor|typealias) \#(module)\b"#)
            == [])
      }
    }
  }
}
