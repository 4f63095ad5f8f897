// swift-tools-version: 6.2
import Foundation
import PackageDescription

let root = URL(filePath: #filePath).deletingLastPathComponent()

/// Every Swift module and what it may import, in the one direction data goes. Sources/README.md draws
/// the same table; Tests/Tidy holds the two and the sources' own imports together.
let modules: [(name: String, imports: [String])] = [
  ("Linux", ["CLinux"]),
  ("Diagnostics", []),
  ("Flags", ["Diagnostics"]),
  ("Documents", ["Diagnostics", "CYAML", "CSimdjson"]),
  ("TLS", ["COpenSSL"]),
  ("HTTPClient", ["Linux", "TLS", "CCurl"]),
  ("Segments", ["CXXHash"]),
  ("Ingest", ["Linux", "Diagnostics", "Documents", "TLS", "HTTPClient", "Segments"]),
  ("EnvoyAPI", ["Diagnostics", "Documents", "Segments", "CEnvoyAPI"]),
  ("Resources", ["Diagnostics", "Documents", "TLS", "EnvoyAPI", "CRE2"]),
  ("Incremental", []),
  ("Store", ["Diagnostics", "Resources", "Incremental"]),
  ("Mesh", ["Diagnostics", "Resources", "Incremental", "Store"]),
  ("Analysis", ["Diagnostics", "Resources", "Incremental", "Store", "Mesh"]),
  (
    "Compiler",
    ["Documents", "TLS", "Resources", "Incremental", "Segments", "Store", "Mesh", "EnvoyAPI"]
  ),
  ("Delivery", ["Documents", "Segments"]),
  ("HTTP2", ["Segments", "CNghttp2"]),
  ("GRPC", ["Segments", "HTTP2", "CZlib"]),
  ("Transport", ["Linux", "HTTP2", "GRPC"]),
  ("HTTPServer", ["Linux", "CMicrohttpd"]),
  (
    "ControlPlane",
    [
      "Linux", "Diagnostics", "Documents", "TLS", "Ingest", "Resources", "Incremental", "Segments",
      "Store", "Mesh", "Analysis", "EnvoyAPI", "Compiler", "Delivery", "HTTP2", "GRPC", "Transport",
      "HTTPClient", "HTTPServer",
    ]
  ),
]

/// The C libraries, by the module that wraps each; a pkg-config name, and the Debian package.
let libraries: [(name: String, pkgConfig: String, apt: String)] = [
  ("CYAML", "yaml-0.1", "libyaml-dev"),
  ("CNghttp2", "libnghttp2", "libnghttp2-dev"),
  ("COpenSSL", "openssl", "libssl-dev"),
  ("CMicrohttpd", "libmicrohttpd", "libmicrohttpd-dev"),
  ("CXXHash", "libxxhash", "libxxhash-dev"),
  ("CZlib", "zlib", "zlib1g-dev"),
  ("CCurl", "libcurl", "libcurl4-openssl-dev"),
]

/// Shims in C or C++ for what Swift cannot import as it is: macros, templates.
let shims: [Target] = [
  .target(name: "CLinux", linkerSettings: [.linkedLibrary("jemalloc")]),
  .target(name: "CSimdjson", linkerSettings: [.linkedLibrary("simdjson")]),
  .target(name: "CRE2", linkerSettings: [.linkedLibrary("re2")]),
  // The archive is made by scripts/generate-envoy-api.sh.
  .target(
    name: "CEnvoyAPI",
    linkerSettings: [
      .unsafeFlags(["-L\(root.appending(path: "generated").path)"]), .linkedLibrary("envoyapi"),
      .linkedLibrary("protobuf-c"),
    ]),
]

/// Generic code is made for the types it is used with only where its module lets others see inside it,
/// which Swift does for `public` alone. Everything derived goes through Incremental's tables.
let seenInside: [SwiftSetting] = [
  .unsafeFlags(["-cross-module-optimization"], .when(configuration: .release))
]
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6), .strictMemorySafety(), .treatAllWarnings(as: .error),
  // Tests look for overlapping accesses at run time; what is shipped does not do so again, which took
  // a tenth of a compile.
  .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release)),
]
/// No names for others to link to, and the places that hold addresses written as a bitmap: what start
/// reads of the program stays resident, and this is 3 MiB less of it.
let lean: [LinkerSetting] = [
  .unsafeFlags(
    [
      "-use-ld=lld", "-Xlinker", "--version-script=\(root.path)/scripts/exports.map",
      "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs",
    ], .when(configuration: .release))
]
/// Tests touch pointers through the modules they test, and may say so less often.
let relaxed: [SwiftSetting] = [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error)]

func dependencies(_ names: [String]) -> [Target.Dependency] { names.map { .byName(name: $0) } }

func exists(_ path: String) -> Bool {
  FileManager.default.fileExists(atPath: root.appending(path: path).path)
}

/// `FAIRLEAD_MODULE=HTTP2 swift test` builds and tests one module and what it imports, nothing else.
let only = ProcessInfo.processInfo.environment["FAIRLEAD_MODULE"]
func closure(of name: String) -> Set<String> {
  modules.first { $0.name == name }.map {
    $0.imports.reduce(into: [name]) { $0.formUnion(closure(of: $1)) }
  } ?? [name]
}
let wanted: Set<String>? = only.map(closure)
func isWanted(_ name: String) -> Bool { wanted?.contains(name) ?? true }

/// Tests that speak HTTP/2 frame by frame, through Tests/HTTP2Peer.
let http2Tests = ["HTTP2", "GRPC", "Transport"]
/// Tests of what an edit costs, which count allocations.
let countingTests = ["ControlPlane", "Delivery"]

var targets: [Target] = []
targets += libraries.filter { isWanted($0.name) }.map {
  .systemLibrary(name: $0.name, pkgConfig: $0.pkgConfig, providers: [.apt([$0.apt])])
}
targets += shims.filter { isWanted($0.name) }
for module in modules where isWanted(module.name) {
  targets.append(
    .target(
      name: module.name, dependencies: dependencies(module.imports),
      exclude: module.name == "EnvoyAPI" ? ["README.md"] : [],
      swiftSettings: module.name == "Incremental" ? strict + seenInside : strict))
  // A module's tests may use the seeded random numbers and folder cases of TestSupport.
  guard only == nil || only == module.name else { continue }
  targets.append(
    .testTarget(
      name: "\(module.name)Tests",
      dependencies: dependencies(
        [module.name, "TestSupport"] + (http2Tests.contains(module.name) ? ["HTTP2Peer"] : [])
          + (countingTests.contains(module.name) ? ["AllocationCounter"] : [])
          + module.imports.filter { !$0.hasPrefix("C") || $0 == "Compiler" || $0 == "ControlPlane" }
      ),
      exclude: ["Cases", "Python"].filter { exists("Tests/\(module.name)Tests/\($0)") },
      swiftSettings: relaxed))
}
targets.append(
  .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: relaxed))
if only.map(countingTests.contains) ?? true {
  targets.append(
    .target(
      name: "AllocationCounter", path: "Tests/AllocationCounter",
      linkerSettings: [.linkedLibrary("jemalloc")]))
}
if isWanted("HTTP2") {
  targets.append(
    .target(
      name: "HTTP2Peer", dependencies: ["CNghttp2"], path: "Tests/HTTP2Peer",
      swiftSettings: relaxed))
}
if only == nil {
  targets.append(
    .executableTarget(
      name: "fairlead",
      dependencies: dependencies(modules.map(\.name)), swiftSettings: strict,
      linkerSettings: lean))
  targets += [
    .executableTarget(
      name: "benchmarks",
      dependencies: dependencies(
        modules.map(\.name) + ["HTTP2Peer", "AllocationCounter", "TestSupport"]),
      path: "Tests/Benchmarks", swiftSettings: relaxed)
  ]
}
for suite in ["Tidy", "EndToEnd"]
where (only == nil || only == suite) && exists("Tests/\(suite)") {
  targets.append(
    .testTarget(
      name: "\(suite)Tests", dependencies: ["TestSupport"], path: "Tests/\(suite)",
      exclude: ["Cases", "Python"].filter { exists("Tests/\(suite)/\($0)") },
      swiftSettings: relaxed))
}

let package = Package(name: "fairlead", targets: targets, cxxLanguageStandard: .cxx17)
