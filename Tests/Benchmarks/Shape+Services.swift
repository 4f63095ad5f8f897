/// The shape of a large cluster: what `services` has that others do not.
extension Shape {
  /// The file of endpoints that is edited between measurements.
  static let editedSlice = "slice-0.yaml"

  private static func namespace(_ index: Int) -> String { "ns-\(index / 50)" }

  private static func address(_ index: Int, _ place: Int) -> String {
    let number = index * 10 + place
    return "10.\(index / 6000 % 90 + 1).\(number / 250 % 250).\(number % 250 + 1)"
  }

  static func service(_ index: Int) -> String {
    let (name, namespace) = ("svc-\(index)", namespace(index))
    let pods = (0..<10).map { place in
      """
      ---
      apiVersion: v1
      kind: Pod
      metadata:
        name: \(name)-\(place)
        namespace: \(namespace)
        labels: {app: \(name), version: v\(place % 2 + 1), security.istio.io/tlsMode: istio}
      spec: {nodeName: node-a, serviceAccountName: \(name), containers: [{name: app, image: app}]}
      status: {podIP: \(address(index, place)), phase: Running, \
      conditions: [{type: Ready, status: 'True'}]}

      """
    }
    return """
      apiVersion: v1
      kind: Service
      metadata: {name: \(name), namespace: \(namespace), labels: {app: \(name)}}
      spec:
        clusterIP: 10.\(100 + index / 62500).\(index / 250 % 250).\(index % 250 + 1)
        selector: {app: \(name)}
        ports:
        - {name: http, port: 80, targetPort: 8080, protocol: TCP}
        - {name: grpc, port: 9090, targetPort: 9090, protocol: TCP}
      \(pods.joined())---
      apiVersion: networking.istio.io/v1
      kind: DestinationRule
      metadata: {name: \(name), namespace: \(namespace)}
      spec:
        host: \(name).\(namespace).svc.cluster.local
        trafficPolicy:
          outlierDetection: {consecutive5xxErrors: 5}
        subsets:
        - {name: v1, labels: {version: v1}}
        - {name: v2, labels: {version: v2}}

      """
  }

  /// The endpoints after a number of edits: the first of them is ready or not, in turn.
  static func slice(_ index: Int, edition: Int) -> String {
    let (name, namespace) = ("svc-\(index)", namespace(index))
    let endpoints = (0..<10).map { place in
      """
      - {addresses: [\(address(index, place))], nodeName: node-a, \
      conditions: {ready: \(place > 0 || edition % 2 == 0)}, \
      targetRef: {kind: Pod, name: \(name)-\(place), namespace: \(namespace)}}

      """
    }
    return """
      apiVersion: discovery.k8s.io/v1
      kind: EndpointSlice
      metadata:
        name: \(name)-x
        namespace: \(namespace)
        labels: {kubernetes.io/service-name: \(name)}
      addressType: IPv4
      endpoints:
      \(endpoints.joined())ports:
      - {name: http, port: 8080, protocol: TCP}
      - {name: grpc, port: 9090, protocol: TCP}

      """
  }

  static func canary(_ index: Int, path: String) -> String {
    let (name, namespace) = ("svc-\(index)", namespace(index))
    let host = "\(name).\(namespace).svc.cluster.local"
    return """
      apiVersion: networking.istio.io/v1
      kind: VirtualService
      metadata: {name: \(name), namespace: \(namespace)}
      spec:
        hosts: [\(name).example.com]
        gateways: [istio-system/gateway]
        http:
        - match:
          - uri: {prefix: \(path)}
            headers: {x-canary: {exact: 'true'}}
          route:
          - destination: {host: \(host), subset: v2, port: {number: 80}}
        - route:
          - destination: {host: \(host), subset: v1, port: {number: 80}}
            weight: 90
          - destination: {host: \(host), subset: v2, port: {number: 80}}
            weight: 10
          retries: {attempts: 3, perTryTimeout: 2s}
          timeout: 10s

      """
  }

  static let openGateway = """
    apiVersion: networking.istio.io/v1
    kind: Gateway
    metadata: {name: gateway, namespace: istio-system}
    spec:
      selector: {istio: ingressgateway}
      servers:
      - port: {number: 80, name: http, protocol: HTTP}
        hosts: ['*']

    """
}
