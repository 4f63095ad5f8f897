#!/usr/bin/env bash
# Renders the chart with the template engine of Helm's own (Go's text/template, and sprig), where Helm
# itself is not to be had:
#   render-chart.sh RELEASE NAMESPACE [VALUES.yaml…]    to standard output
#   render-chart.sh --plain                             deploy/kubernetes/fairlead.yaml anew
set -euo pipefail
cd "$(dirname "$0")/.."

# Debian's Go has no modules of its own: its libraries lie where GOPATH is looked for.
export GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE="$PWD/.build/go-cache"
mkdir -p .build
render=.build/render-chart
[ "$render" -nt scripts/render-chart.go ] || go build -o "$render" scripts/render-chart.go

if [ "${1:-}" = --plain ]; then
  {
    echo '# deploy/helm/fairlead with its default values, in the namespace istio-system; made by'
    echo '# scripts/render-chart.sh --plain.'
    printf -- '---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: istio-system\n'
    "$render" deploy/helm/fairlead fairlead istio-system
  } > deploy/kubernetes/fairlead.yaml
else
  "$render" deploy/helm/fairlead "$@"
fi
