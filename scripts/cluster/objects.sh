# What a cluster with Calico holds: nodes, roles, services, and the sets that are the blocklist.

nodes=(1 2 3) # worker-1 to worker-3
node_address() { printf '192.0.2.%s\n' "$((10 + $1))"; }

# reset_cluster: as each case finds it: three nodes, no entry, no policy, no service, each account with its role.
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
    grant agent enforce agent-worker-1 agent-worker-2 agent-worker-3
    grant operator enforce operator
}

make_node() { # NUMBER [TAINTS_JSON]
    jq -nc --arg name "worker-$1" --arg address "$(node_address "$1")" --arg pods "10.244.$1.0/24" --argjson taints "${2:-[]}" '{
        metadata: {name: $name, labels: {"kubernetes.io/hostname": $name, "kubernetes.io/os": "linux"}},
        spec: {podCIDR: $pods, podCIDRs: [$pods], taints: $taints},
        status: {addresses: [{type: "InternalIP", address: $address}, {type: "Hostname", address: $name}]}}' |
        recreate /api/v1/nodes
}

# rules discovery|dry-run|enforce: what a role may do; each contains those before it.
rules() {
    jq -nc --arg role "$1" '
        def rule(group; resources; verbs): {apiGroups: [group], resources: resources, verbs: verbs};
        def calico(resources; verbs): rule("crd.projectcalico.org"; resources; verbs), rule("projectcalico.org"; resources; verbs);
        def discovery: rule(""; ["services", "nodes"]; ["get", "list", "watch"]);
        def judge: calico(["clusterinformations"]; ["get"]), calico(["globalnetworksets", "tiers"]; ["get", "list"]),
            calico(["globalnetworkpolicies", "networkpolicies", "networksets", "hostendpoints", "felixconfigurations"]; ["list"]),
            rule("projectcalico.org"; ["tier.globalnetworkpolicies", "tier.networkpolicies"]; ["get", "list"]);
        def dry_run: discovery, rule(""; ["endpoints"]; ["get"]), rule(""; ["events"]; ["create"]),
            rule("networking.k8s.io"; ["servicecidrs"]; ["list"]), calico(["ippools"]; ["list"]), judge,
            rule("apiregistration.k8s.io"; ["apiservices"]; ["get"]);
        def look: calico(["globalnetworksets"]; ["get", "list"]), calico(["clusterinformations"]; ["get"]),
            rule("migration.projectcalico.org"; ["datastoremigrations"]; ["list"]);
        def change: calico(["globalnetworksets"]; ["create", "update"]);
        if $role == "discovery" then [discovery]
        elif $role == "dry-run" then [dry_run]
        elif $role == "enforce" then [dry_run, look, change]
        else error("no role \($role)") end'
}

# grant NAME RULES USER...: the role of this name, in place of what it was.
grant() {
    jq -nc --arg name "denywatch-$1" --argjson rules "$(rules "$2")" '{metadata: {name: $name}, rules: $rules}' |
        recreate /apis/rbac.authorization.k8s.io/v1/clusterroles
    jq -nc --arg name "denywatch-$1" '{metadata: {name: $name},
        roleRef: {apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: $name},
        subjects: [$ARGS.positional[] | {apiGroup: "rbac.authorization.k8s.io", kind: "User", name: .}]}' --args "${@:3}" |
        recreate /apis/rbac.authorization.k8s.io/v1/clusterrolebindings
}

# make_service NAME INGRESS_JSON PORT [NODE_PORT] [PROTOCOL]: a load balancer in namespace shop, as its provider leaves it:
# INGRESS_JSON is status.loadBalancer.ingress, such as [{"ip":"203.0.113.1"}].
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

# set_field NAME JQ_FILTER: of a GlobalNetworkSet; nothing if there is none.
set_field() { kube_api GET "$sets/$1" 2>/dev/null | jq -r "select(.kind == \"GlobalNetworkSet\") | $2"; }

# nets NAME: one a line, sorted.
nets() { set_field "$1" '.spec.nets // [] | .[]' | sort; }
nets_count() { nets "$1" | wc -l; } # NAME
has_net() { nets "$1" | grep -qxF "$2"; } # NAME NET
lacks_net() { ! has_net "$@"; } # NAME NET
version_of() { set_field "$1" .metadata.resourceVersion; } # NAME
has_label() { [ "$(set_field "$1" '.metadata.labels["denywatch.io/blocklist"] // ""')" = true ]; } # NAME: for a policy to select

# make_host_endpoint NODE_NUMBER: of all interfaces, so that policies apply.
make_host_endpoint() {
    jq -nc --arg group "$group" --arg node "worker-$1" --arg address "$(node_address "$1")" '{apiVersion: $group, kind: "HostEndpoint",
        metadata: {name: "\($node)-auto-hep", labels: {"kubernetes.io/hostname": $node}},
        spec: {node: $node, interfaceName: "*", expectedIPs: [$address]}}' | recreate "/apis/$group/hostendpoints"
}
