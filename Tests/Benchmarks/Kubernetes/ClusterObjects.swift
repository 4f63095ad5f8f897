/// A cluster's objects as an API server tells them, of the sizes that they have in clusters: with
/// managed fields, annotations, environments, probes and conditions. JSON texts, each on one line.
struct ClusterObjects: Sendable {
  let services: Int
  /// Behind each service, in one slice.
  let endpoints: Int
  let pods: Int
  /// Services that the gateway's VirtualServices send requests to.
  let routed: Int

  static let namespaces = 100
  static let nodes = 100
  private var podsOfNamespace: Int { pods / ClusterObjects.namespaces }

  /// The kinds that there are objects of, with how many, as they stand in URLs.
  var kinds: [(path: String, count: Int)] {
    [
      ("/api/v1/namespaces", ClusterObjects.namespaces), ("/api/v1/nodes", ClusterObjects.nodes),
      ("/api/v1/pods", pods + 1), ("/api/v1/services", services + 1),
      ("/apis/discovery.k8s.io/v1/endpointslices", services),
      ("/apis/networking.istio.io/v1/gateways", 1),
      ("/apis/networking.istio.io/v1/virtualservices", routed),
    ]
  }

  /// An object of a kind.
  func text(_ path: String, _ index: Int) -> String {
    switch path {
    case "/api/v1/namespaces": namespace(index)
    case "/api/v1/nodes": node(index)
    case "/api/v1/pods": index < pods ? pod(index) : ClusterObjects.gatewayPod
    case "/api/v1/services": index < services ? service(index) : ClusterObjects.gatewayService
    case "/apis/networking.istio.io/v1/gateways": ClusterObjects.gateway
    case "/apis/networking.istio.io/v1/virtualservices": virtualService(index)
    default: slice(index, version: "1000", notReady: nil)
    }
  }

  /// The cluster of Envoy's that a service is.
  func cluster(_ service: Int) -> String {
    "outbound|8080||\(host(service))"
  }

  /// The slice of a service, or what it is when one of its endpoints is not ready.
  func slice(_ index: Int, version: String, notReady: Int?) -> String {
    let namespace = index % ClusterObjects.namespaces
    let first = index / ClusterObjects.namespaces * endpoints
    let list = (0..<endpoints).map { number in
      let pod = (first + number) % podsOfNamespace * ClusterObjects.namespaces + namespace
      let isReady = number != notReady
      return """
        {"addresses":["\(address(pod))"],"conditions":{"ready":\(isReady),"serving":\(isReady),\
        "terminating":false},"nodeName":"worker-\(pod % ClusterObjects.nodes)","targetRef":\
        {"kind":"Pod","name":"\(podName(pod))","namespace":"team-\(namespace)","uid":"\(uid(pod))"\
        },"zone":"eu-west-1\("abc".dropFirst(pod % 3).prefix(1))"}
        """
    }
    return """
      {"addressType":"IPv4","apiVersion":"discovery.k8s.io/v1","endpoints":\
      [\(list.joined(separator: ","))],"kind":"EndpointSlice","metadata":{"annotations":{\
      "endpoints.kubernetes.io/last-change-trigger-time":"2026-03-01T08:00:00Z"},\
      "creationTimestamp":"2026-01-01T08:00:00Z","generateName":"\(name(index))-","generation":7,\
      "labels":{"app":"\(name(index))","endpointslice.kubernetes.io/managed-by":\
      "endpointslice-controller.k8s.io","kubernetes.io/service-name":"\(name(index))"},\
      "managedFields":\(ClusterObjects.managedFields(of: sliceFields)),"name":\
      "\(name(index))-x7k2p","namespace":"team-\(namespace)","ownerReferences":[{"apiVersion":\
      "v1","blockOwnerDeletion":true,"controller":true,"kind":"Service","name":"\(name(index))",\
      "uid":"\(uid(index))"}],"resourceVersion":"\(version)","uid":"\(uid(index + 500_000))"},\
      "ports":[{"name":"http","port":8080,"protocol":"TCP"}]}
      """
  }

  private let sliceFields = [
    "endpoints", "metadata.annotations", "metadata.generateName", "metadata.labels",
    "metadata.ownerReferences", "ports", "addressType",
  ]

  private func name(_ service: Int) -> String { "orders-backend-\(service)" }
  private func host(_ service: Int) -> String {
    "\(name(service)).team-\(service % ClusterObjects.namespaces).svc.cluster.local"
  }
  private func podName(_ pod: Int) -> String { "orders-backend-\(pod)-6d5f7c9b8-q\(pod)" }
  private func address(_ pod: Int) -> String {
    "10.\(pod / 62500 + 16).\(pod / 250 % 250).\(pod % 250 + 1)"
  }
  private func uid(_ number: Int) -> String {
    let digits = String(number, radix: 16)
    return "8f14e45f-ceea-467f-a8b2-" + String(repeating: "0", count: 12 - digits.count) + digits
  }

  /// Who wrote which fields: a third of what servers send.
  private static func managedFields(of fields: [String]) -> String {
    let paths = fields.map { field in
      let steps = field.split(separator: ".")
      return steps.reversed().reduce("{\".\":{},\"f:value\":{},\"f:observed\":{}}") {
        "{\"f:\($1)\":\($0)}"
      }
    }
    let all = paths.map { path in
      """
      {"apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":\(path),"manager":\
      "kube-controller-manager","operation":"Update","time":"2026-01-01T08:00:00Z"}
      """
    }
    return "[\(all.joined(separator: ","))]"
  }

  private func namespace(_ index: Int) -> String {
    """
    {"apiVersion":"v1","kind":"Namespace","metadata":{"creationTimestamp":"2026-01-01T08:00:00Z",\
    "labels":{"istio-injection":"enabled","kubernetes.io/metadata.name":"team-\(index)"},"name":\
    "team-\(index)","resourceVersion":"900","uid":"\(uid(index))"},"spec":{"finalizers":\
    ["kubernetes"]},"status":{"phase":"Active"}}
    """
  }

  private func node(_ index: Int) -> String {
    let images = (0..<40).map {
      """
      {"names":["registry.example/team/image-\($0)@sha256:\(String(repeating: "ab", count: 32))",\
      "registry.example/team/image-\($0):v1.2.\($0)"],"sizeBytes":\(100_000_000 + $0)}
      """
    }
    return """
      {"apiVersion":"v1","kind":"Node","metadata":{"creationTimestamp":"2026-01-01T08:00:00Z",\
      "labels":{"kubernetes.io/hostname":"worker-\(index)","kubernetes.io/os":"linux",\
      "topology.kubernetes.io/region":"eu-west-1","topology.kubernetes.io/zone":\
      "eu-west-1\("abc".dropFirst(index % 3).prefix(1))"},"name":"worker-\(index)",\
      "resourceVersion":"900","uid":"\(uid(index))"},"spec":{"podCIDR":"10.16.\(index).0/24"},\
      "status":{"addresses":[{"address":"192.168.0.\(index + 1)","type":"InternalIP"},{"address":\
      "worker-\(index)","type":"Hostname"}],"images":[\(images.joined(separator: ","))]}}
      """
  }

  private func service(_ index: Int) -> String {
    let fields = ["metadata.annotations", "metadata.labels", "spec.ports", "spec.selector"]
    let clusterIP = "172.\(index / 62500 + 16).\(index / 250 % 250).\(index % 250 + 1)"
    return """
      {"apiVersion":"v1","kind":"Service","metadata":{"annotations":{\
      "meta.helm.sh/release-name":"\(name(index))","meta.helm.sh/release-namespace":\
      "team-\(index % ClusterObjects.namespaces)"},"creationTimestamp":"2026-01-01T08:00:00Z",\
      "labels":{"app":"\(name(index))","app.kubernetes.io/managed-by":"Helm","helm.sh/chart":\
      "orders-1.4.2","team":"orders"},"managedFields":\
      \(ClusterObjects.managedFields(of: fields)),"name":"\(name(index))","namespace":\
      "team-\(index % ClusterObjects.namespaces)","resourceVersion":"900","uid":"\(uid(index))"},\
      "spec":{"clusterIP":"\(clusterIP)","clusterIPs":["\(clusterIP)"],"internalTrafficPolicy":\
      "Cluster","ipFamilies":["IPv4"],"ipFamilyPolicy":"SingleStack","ports":[{"name":"http",\
      "port":8080,"protocol":"TCP","targetPort":8080}],"selector":{"app":"\(name(index))"},\
      "sessionAffinity":"None","type":"ClusterIP"},"status":{"loadBalancer":{}}}
      """
  }

  private func virtualService(_ index: Int) -> String {
    """
    {"apiVersion":"networking.istio.io/v1","kind":"VirtualService","metadata":{\
    "creationTimestamp":"2026-01-01T08:00:00Z","name":"orders-\(index)","namespace":\
    "team-\(index % ClusterObjects.namespaces)","resourceVersion":"900","uid":"\(uid(index))"},\
    "spec":{"gateways":["istio-system/gateway"],"hosts":["orders-\(index).example.com"],"http":\
    [{"match":[{"uri":{"prefix":"/api"}}],"route":[{"destination":{"host":"\(host(index))",\
    "port":{"number":8080}}}]}]}}
    """
  }

  private func pod(_ index: Int) -> String {
    ClusterObjects.pod(
      name: podName(index), namespace: "team-\(index % ClusterObjects.namespaces)",
      app: name(index), node: "worker-\(index % ClusterObjects.nodes)", address: address(index),
      uid: uid(index))
  }
}

extension ClusterObjects {
  /// A pod with one container and the sidecar that injection puts beside it; 9 kB.
  private static func pod(
    name: String, namespace: String, app: String, node: String, address: String, uid: String
  ) -> String {
    let fields = [
      "metadata.annotations", "metadata.generateName", "metadata.labels",
      "metadata.ownerReferences", "spec.containers", "spec.dnsPolicy", "spec.volumes",
      "spec.securityContext", "spec.serviceAccountName", "status.conditions",
      "status.containerStatuses", "status.podIPs",
    ]
    let environment = (0..<12).map {
      """
      {"name":"SETTING_\($0)","valueFrom":{"configMapKeyRef":{"key":"setting-\($0)","name":\
      "\(app)-settings"}}}
      """
    }.joined(separator: ",")
    let probe = """
      {"failureThreshold":3,"httpGet":{"path":"/healthz","port":8080,"scheme":"HTTP"},\
      "periodSeconds":10,"successThreshold":1,"timeoutSeconds":1}
      """
    let containers = ["orders", "istio-proxy"].map { container in
      """
      {"args":["--port=8080","--log-level=info"],"env":[\(environment)],"image":\
      "registry.example/team/\(container):v1.4.2","imagePullPolicy":"IfNotPresent",\
      "livenessProbe":\(probe),"name":"\(container)","ports":[{"containerPort":\
      \(container == "orders" ? 8080 : 15090),"name":"http","protocol":"TCP"}],"readinessProbe":\
      \(probe),"resources":{"limits":{"cpu":"2","memory":"1Gi"},"requests":{"cpu":"100m",\
      "memory":"128Mi"}},"securityContext":{"allowPrivilegeEscalation":false,"capabilities":\
      {"drop":["ALL"]},"readOnlyRootFilesystem":true,"runAsNonRoot":true},"volumeMounts":[\
      {"mountPath":"/var/run/secrets/kubernetes.io/serviceaccount","name":"kube-api-access-x2v7b"\
      ,"readOnly":true}]}
      """
    }.joined(separator: ",")
    let statuses = ["orders", "istio-proxy"].map {
      """
      {"containerID":"containerd://\(String(repeating: "0f", count: 32))","image":\
      "registry.example/team/\($0):v1.4.2","imageID":"registry.example/team/\($0)@sha256:\
      \(String(repeating: "ab", count: 32))","name":"\($0)","ready":true,"restartCount":0,\
      "started":true,"state":{"running":{"startedAt":"2026-01-01T08:00:00Z"}}}
      """
    }.joined(separator: ",")
    return """
      {"apiVersion":"v1","kind":"Pod","metadata":{"annotations":{"istio.io/rev":"default",\
      "kubectl.kubernetes.io/default-container":"orders","prometheus.io/path":\
      "/stats/prometheus","prometheus.io/port":"15020","prometheus.io/scrape":"true",\
      "sidecar.istio.io/status":"{\\"initContainers\\":[\\"istio-init\\"],\\"containers\\":\
      [\\"istio-proxy\\"],\\"volumes\\":[\\"workload-socket\\",\\"istio-envoy\\",\\"istio-data\\"\
      ,\\"istio-token\\"],\\"imagePullSecrets\\":null,\\"revision\\":\\"default\\"}"},\
      "creationTimestamp":"2026-01-01T08:00:00Z","generateName":"\(app)-6d5f7c9b8-","labels":\
      {"app":"\(app)","pod-template-hash":"6d5f7c9b8","security.istio.io/tlsMode":"istio",\
      "service.istio.io/canonical-name":"\(app)","version":"v1"},"managedFields":\
      \(managedFields(of: fields)),"name":"\(name)","namespace":"\(namespace)",\
      "ownerReferences":[{"apiVersion":"apps/v1","blockOwnerDeletion":true,"controller":true,\
      "kind":"ReplicaSet","name":"\(app)-6d5f7c9b8","uid":"\(uid)"}],"resourceVersion":"900",\
      "uid":"\(uid)"},"spec":{"containers":[\(containers)],"dnsPolicy":"ClusterFirst",\
      "enableServiceLinks":true,"nodeName":"\(node)","priority":0,"restartPolicy":"Always",\
      "schedulerName":"default-scheduler","securityContext":{},"serviceAccount":"\(app)",\
      "serviceAccountName":"\(app)","terminationGracePeriodSeconds":30,"tolerations":[{"effect":\
      "NoExecute","key":"node.kubernetes.io/not-ready","operator":"Exists","tolerationSeconds":\
      300}],"volumes":[{"name":"kube-api-access-x2v7b","projected":{"defaultMode":420,"sources":\
      [{"serviceAccountToken":{"expirationSeconds":3607,"path":"token"}},{"configMap":{"items":\
      [{"key":"ca.crt","path":"ca.crt"}],"name":"kube-root-ca.crt"}}]}}]},"status":{"conditions":\
      [\(conditions)],"containerStatuses":[\(statuses)],"hostIP":"192.168.0.1","phase":"Running",\
      "podIP":"\(address)","podIPs":[{"ip":"\(address)"}],"qosClass":"Burstable","startTime":\
      "2026-01-01T08:00:00Z"}}
      """
  }

  private static let conditions = ["PodScheduled", "Initialized", "ContainersReady", "Ready"].map {
    """
    {"lastProbeTime":null,"lastTransitionTime":"2026-01-01T08:00:00Z","status":"True","type":\
    "\($0)"}
    """
  }.joined(separator: ",")

  private static let gatewayPod = """
    {"apiVersion":"v1","kind":"Pod","metadata":{"labels":{"istio":"ingressgateway"},"name":\
    "ingress-1","namespace":"istio-system","resourceVersion":"900"},"spec":{"serviceAccountName":\
    "ingress","containers":[{"name":"proxy","image":"proxy"}]},"status":{"podIP":"10.0.0.1",\
    "phase":"Running"}}
    """

  private static let gatewayService = """
    {"apiVersion":"v1","kind":"Service","metadata":{"name":"istio-ingressgateway","namespace":\
    "istio-system","resourceVersion":"900"},"spec":{"clusterIP":"10.255.0.1","selector":{"istio":\
    "ingressgateway"},"ports":[{"name":"http2","port":80,"targetPort":8080,"protocol":"TCP"}]}}
    """

  private static let gateway = """
    {"apiVersion":"networking.istio.io/v1","kind":"Gateway","metadata":{"name":"gateway",\
    "namespace":"istio-system","resourceVersion":"900","creationTimestamp":\
    "2026-01-01T08:00:00Z"},"spec":{"selector":{"istio":"ingressgateway"},"servers":[{"port":\
    {"number":80,"name":"http","protocol":"HTTP"},"hosts":["*"]}]}}
    """
}
