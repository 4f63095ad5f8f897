import Diagnostics
import Documents
import Testing

@testable import Resources

/// What is read of an object as a server tells it is the same whether all of its text was built or only
/// what is selected; and little is.
@Suite struct SelectedFieldsTests {
  private static let metadata = """
    "metadata":{"name":"a","namespace":"shop","uid":"u","resourceVersion":"7","generation":3,\
    "generateName":"a-","creationTimestamp":"2026-01-01T08:00:00Z","finalizers":["keep"],\
    "labels":{"app":"a","app.kubernetes.io/managed-by":"Helm"},"annotations":{\
    "kubectl.kubernetes.io/last-applied-configuration":"{}","networking.istio.io/exportTo":"."},\
    "managedFields":[{"manager":"kubectl","fieldsV1":{"f:spec":{}}}],"ownerReferences":[{\
    "apiVersion":"apps/v1","kind":"ReplicaSet","name":"a-6d","uid":"u","controller":true,\
    "blockOwnerDeletion":true}]}
    """

  private static let texts: [(Kind, String)] = [
    (
      .pod,
      """
      {"apiVersion":"v1","kind":"Pod",\(metadata),"spec":{"containers":[{"name":"a","env":[{\
      "name":"X","value":"y"}],"ports":[{"containerPort":8080,"name":"http","protocol":"TCP",\
      "hostPort":1}],"resources":{"limits":{"cpu":2}}}],"initContainers":[{"restartPolicy":\
      "Always","ports":[{"containerPort":9,"name":"side"}]}],"volumes":[{"name":"v"}],\
      "serviceAccountName":"robot","serviceAccount":"robot","nodeName":"n","hostNetwork":true,\
      "priority":1},"status":{"phase":"Running","podIP":"10.0.0.1","podIPs":[{"ip":"10.0.0.1"}],\
      "hostIP":"1.2.3.4","conditions":[{"type":"Ready","status":"True","lastProbeTime":null}],\
      "containerStatuses":[{"ready":true}]}}
      """
    ),
    (
      .service,
      """
      {"apiVersion":"v1","kind":"Service",\(metadata),"spec":{"type":"LoadBalancer","clusterIP":\
      "10.0.0.9","clusterIPs":["10.0.0.9"],"externalIPs":["9.9.9.9"],"ports":[{"name":"http",\
      "port":80,"targetPort":"web","protocol":"TCP","appProtocol":"http","nodePort":30080}],\
      "selector":{"app":"a"},"publishNotReadyAddresses":true,"internalTrafficPolicy":"Local",\
      "trafficDistribution":"PreferClose","ipFamilies":["IPv4"],"sessionAffinity":"None"},\
      "status":{"loadBalancer":{"ingress":[{"ip":"5.6.7.8","hostname":"lb","ports":[]}]},\
      "conditions":[]}}
      """
    ),
    (
      .endpointSlice,
      """
      {"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice",\(metadata),"addressType":"IPv4",\
      "endpoints":[{"addresses":["10.0.0.1"],"conditions":{"ready":true,"serving":true,\
      "terminating":false},"hostname":"h","nodeName":"n","zone":"z","hints":{"forZones":[]},\
      "targetRef":{"kind":"Pod","namespace":"shop","name":"a","uid":"u"}}],"ports":[{"name":"http",\
      "port":8080,"protocol":"TCP","appProtocol":"http"}]}
      """
    ),
    (
      .node,
      """
      {"apiVersion":"v1","kind":"Node",\(metadata),"spec":{"podCIDR":"10.0.0.0/24"},"status":{\
      "addresses":[{"type":"ExternalIP","address":"1.1.1.1"}],"images":[{"names":["x"]}]}}
      """
    ),
    (.namespace, #"{"apiVersion":"v1","kind":"Namespace",\#(metadata),"status":{"phase":"A"}}"#),
    (
      .configMap,
      #"{"apiVersion":"v1","kind":"ConfigMap",\#(metadata),"data":{"a":"b"},"binaryData":{"c":"ZA=="}}"#
    ),
    (
      .secret,
      #"{"apiVersion":"v1","kind":"Secret",\#(metadata),"type":"Opaque","data":{"a":"Yg=="},"immutable":true}"#
    ),
  ]

  @Test(arguments: texts.map(\.0)) func nothingThatCountsIsLeftOut(kind: Kind) throws {
    let text = try #require(Self.texts.first { $0.0 == kind }).1
    let served = try #require(ServedKind.all.first { $0.kind == kind })
    let reader = try #require(JSONReader())
    func read(_ text: String, _ selection: FieldSelection) throws -> (Decoded, Node) {
      let outcome = reader.tree(
        of: Array(text.utf8), named: "x", selecting: selection, recur: true)
      let root = try #require(outcome.root)
      return (decode(Document(file: "x", root: root)), root)
    }
    // Of the annotations only Istio's count.
    let others = #""kubectl.kubernetes.io/last-applied-configuration":"{}","#
    let (whole, all) = try read(text.replacing(others, with: ""), .all)
    let (selected, some) = try read(text, served.fields)
    guard case .accepted(let expected) = whole.outcome, case .accepted(let found) = selected.outcome
    else {
      Issue.record("\(whole) \(selected)")
      return
    }
    #expect(expected == found)
    #expect(some.json().utf8.count < all.json().utf8.count)
    #expect(!some.json().contains("managedFields") && !some.json().contains("last-applied"))
    #expect(some.json().contains("networking.istio.io/exportTo"))
  }

  @Test func everyKindOfIstioIsReadWhole() {
    for served in ServedKind.all where served.group.hasSuffix(".istio.io") {
      #expect(served.fields == .all(but: [FieldName("managedFields")]))
    }
  }
}
