# The objects of a cluster with Calico: nodes, Services, and the sets of the blocklist.

nodes=(1 2 3) # worker-1 to worker-3
node_address() { printf '192.0.2.%s\n' "$((10 + $1))"; }

# reset_cluster: restores the state in which each case starts: three nodes, no entries, no policies and no Services.
reset_cluster() {
    local node name
    for name in globalnetworksets globalnetworkpolicies hostendpoints; do kube_api DELETE "/apis/$group/$name" >/dev/null; done
    for name in $(kube_api GET /api/v1/services | jq -r '.items[].metadata | select(.namespace == "shop").name'); do
        remove "/api/v1/namespaces/shop/services/$name"
    done
    [ "$(kube_code GET /api/v1/namespaces/shop)" = 200 ] ||
        printf '{"metadata":{"name":"shop"}}' | kube_api POST /api/v1/namespaces - >/dev/null
    for node in "${nodes[@]}"; do make_node "$node"; done
    jq -nc --arg group "$group" '{apiVersion: $group, kind: "ClusterInformation", metadata: {name: "default"},
        spec: {datastoreReady: true, calicoVersion: "v3.31.7", clusterType: "k8s"}}' |
        recreate "/apis/$group/clusterinformations"
}

make_node() { # NUMBER [TAINTS_JSON]
    jq -nc --arg name "worker-$1" --arg address "$(node_address "$1")" --arg pods "10.244.$1.0/24" --argjson taints "${2:-[]}" '{
        metadata: {name: $name, labels: {"kubernetes.io/hostname": $name, "kubernetes.io/os": "linux"}},
        spec: {podCIDR: $pods, podCIDRs: [$pods], taints: $taints},
        status: {addresses: [{type: "InternalIP", address: $address}, {type: "Hostname", address: $name}]}}' |
        recreate /api/v1/nodes
}

# make_service NAME INGRESS_JSON PORT [NODE_PORT] [PROTOCOL]: creates a load balancer in namespace shop, as a provider
# does. INGRESS_JSON is status.loadBalancer.ingress, such as [{"ip":"203.0.113.1"}].
make_service() {
    local path=/api/v1/namespaces/shop/services
    jq -nc --arg name "$1" --argjson port "$3" --argjson nodePort "${4:-null}" --arg protocol "${5:-TCP}" '{
        metadata: {name: $name}, spec: {type: "LoadBalancer", selector: {app: $name},
        ports: [{port: $port, protocol: $protocol} + if $nodePort then {nodePort: $nodePort} else {} end]}}' |
        recreate "$path"
    kube_api GET "$path/$1" | jq -c --argjson ingress "$2" '.status.loadBalancer.ingress = $ingress' |
        kube_api PUT "$path/$1/status" - >/dev/null
}

# The blocklist ------------------------------------------------------------------------------------------------------

set_of() { printf 'denywatch-0-worker-%s\n' "$1"; } # NODE_NUMBER

# set_field NAME JQ_FILTER: what jq extracts from a GlobalNetworkSet; nothing if it does not exist.
set_field() { kube_api GET "$sets/$1" 2>/dev/null | jq -r "select(.kind == \"GlobalNetworkSet\") | $2"; }

# nets NAME: the nets of a set, one a line, sorted.
nets() { set_field "$1" '.spec.nets // [] | .[]' | sort; }
nets_count() { nets "$1" | wc -l; } # NAME
has_net() { nets "$1" | grep -qxF "$2"; } # NAME NET
lacks_net() { ! has_net "$@"; } # NAME NET
version_of() { set_field "$1" .metadata.resourceVersion; } # NAME
has_label() { [ "$(set_field "$1" '.metadata.labels["denywatch.io/blocklist"] // ""')" = true ]; } # NAME: for a policy to select

# make_host_endpoint NODE_NUMBER: creates one for all interfaces, so that policies apply.
make_host_endpoint() {
    jq -nc --arg group "$group" --arg node "worker-$1" --arg address "$(node_address "$1")" '{apiVersion: $group, kind: "HostEndpoint",
        metadata: {name: "\($node)-auto-hep", labels: {"kubernetes.io/hostname": $node}},
        spec: {node: $node, interfaceName: "*", expectedIPs: [$address]}}' | recreate "/apis/$group/hostendpoints"
}
