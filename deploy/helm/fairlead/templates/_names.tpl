{{- define "fairlead.name" -}}
{{- if contains "fairlead" .Release.Name }}{{ .Release.Name | trunc 52 | trimSuffix "-" }}
{{- else }}{{ printf "fairlead-%s" .Release.Name | trunc 52 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "fairlead.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "fairlead.labels" -}}
app.kubernetes.io/name: fairlead
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- /* What serve is told of the cluster, wherever it runs. */}}
{{- define "fairlead.clusterArguments" -}}
- --domain={{ .Values.clusterDomain }}
- --cluster-id={{ .Values.clusterID }}
{{- with .Values.revision }}
- --revision={{ . }}
{{- end }}
{{- end }}

{{- define "fairlead.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
capabilities: {drop: [ALL]}
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- /* The variables that arguments refer to. */}}
{{- define "fairlead.podVariables" -}}
- name: POD_NAME
  valueFrom: {fieldRef: {fieldPath: metadata.name}}
- name: POD_NAMESPACE
  valueFrom: {fieldRef: {fieldPath: metadata.namespace}}
- name: POD_IP
  valueFrom: {fieldRef: {fieldPath: status.podIP}}
- name: SERVICE_ACCOUNT
  valueFrom: {fieldRef: {fieldPath: spec.serviceAccountName}}
{{- end }}

{{- /* What a gateway's Fairlead or the cluster's needs to see: what Sources/Resources reads. */}}
{{- define "fairlead.readingRules" -}}
- apiGroups: [networking.istio.io]
  resources:
  - gateways
  - virtualservices
  - destinationrules
  - serviceentries
  - workloadentries
  - workloadgroups
  - sidecars
  - envoyfilters
  - proxyconfigs
  verbs: [list, watch]
- apiGroups: [security.istio.io]
  resources: [authorizationpolicies, requestauthentications, peerauthentications]
  verbs: [list, watch]
- apiGroups: [telemetry.istio.io]
  resources: [telemetries]
  verbs: [list, watch]
- apiGroups: [extensions.istio.io]
  resources: [wasmplugins, trafficextensions]
  verbs: [list, watch]
- apiGroups: [""]
  resources: [services, pods, nodes, namespaces]
  verbs: [list, watch]
- apiGroups: [""]
  resources: [configmaps]
  verbs: [get, list, watch]
- apiGroups: [discovery.k8s.io]
  resources: [endpointslices]
  verbs: [list, watch]
# Kinds that are not served yet: of their objects only the names, to tell of them.
- apiGroups: [gateway.networking.k8s.io]
  resources:
  - gatewayclasses
  - gateways
  - httproutes
  - grpcroutes
  - tcproutes
  - tlsroutes
  - udproutes
  - referencegrants
  - backendtlspolicies
  - listenersets
  verbs: [list, watch]
- apiGroups: [gateway.networking.x-k8s.io]
  resources: [xlistenersets, xbackendtrafficpolicies]
  verbs: [list, watch]
- apiGroups: [inference.networking.k8s.io]
  resources: [inferencepools]
  verbs: [list, watch]
- apiGroups: [networking.k8s.io]
  resources: [ingresses, ingressclasses]
  verbs: [list, watch]
# Their names: a kind that is not installed is asked for once it is.
- apiGroups: [apiextensions.k8s.io]
  resources: [customresourcedefinitions]
  verbs: [list, watch]
{{- end }}

{{- /* What --write-status writes: what Sources/ControlPlane/Status makes of it. */}}
{{- define "fairlead.writingRules" -}}
{{- if has "analysis" .Values.controlPlane.writeStatus }}
- apiGroups: [networking.istio.io]
  resources:
  - gateways/status
  - virtualservices/status
  - destinationrules/status
  - serviceentries/status
  - workloadentries/status
  - workloadgroups/status
  - sidecars/status
  - envoyfilters/status
  - proxyconfigs/status
  verbs: [patch]
- apiGroups: [security.istio.io]
  resources:
  - authorizationpolicies/status
  - requestauthentications/status
  - peerauthentications/status
  verbs: [patch]
- apiGroups: [telemetry.istio.io]
  resources: [telemetries/status]
  verbs: [patch]
- apiGroups: [extensions.istio.io]
  resources: [wasmplugins/status, trafficextensions/status]
  verbs: [patch]
{{- else }}
- apiGroups: [networking.istio.io]
  resources: [serviceentries/status]
  verbs: [patch]
{{- end }}
{{- end }}
