# A Kubernetes API with Services, and an agent with the account of a node in it.

for each in kubernetes objects; do
    . "$root/scripts/cluster/$each.sh"
done

# new_cluster: like that of the tests, with more node ports, because each load balancer takes one.
new_cluster() {
    api_options=(--service-node-port-range=10000-60000)
    use_cluster v1 >/dev/null
    reset_cluster >/dev/null
}

# make_services COUNT: adds load balancers until there are COUNT.
services=0
make_services() {
    local i
    for ((i = services + 1; i <= $1; i++)); do
        [ "$i" = $((services + 1)) ] || echo next
        printf 'url = "https://127.0.0.1:%s/api/v1/namespaces/shop/services"\noutput = "/dev/null"\n' "$api_port"
        printf 'cacert = "%s"\nheader = "Authorization: Bearer token-admin"\n' "$cluster/certs/apiserver.crt"
        printf 'header = "Content-Type: application/json"\nsilent\nshow-error\n'
        printf 'data = "{\\"metadata\\":{\\"name\\":\\"service-%s\\",\\"labels\\":{\\"app\\":\\"service-%s\\"}},' "$i" "$i"
        printf '\\"spec\\":{\\"type\\":\\"LoadBalancer\\",\\"selector\\":{\\"app\\":\\"service-%s\\"},' "$i"
        printf '\\"externalIPs\\":[\\"198.18.%s.%s\\"],' $((i / 256)) $((i % 256))
        printf '\\"ports\\":[{\\"name\\":\\"https\\",\\"port\\":443},{\\"name\\":\\"http\\",\\"port\\":80}]}}"\n'
    done >"$run/services"
    [ "$services" -ge "$1" ] || curl -sS --no-progress-meter -Z --parallel-max 4 -K "$run/services"
    services=$1
    [ "$(kube_api GET '/api/v1/namespaces/shop/services?limit=1' |
        jq '(.items | length) + (.metadata.remainingItemCount // 0)')" = "$services" ] || give_up "not all of $services Services are made"
}

# start_cluster_agent MODE [SETTING...]: starts the agent of worker-1, see start_agent.
start_cluster_agent() {
    KUBECONFIG=$cluster/agent-worker-1.kubeconfig NODE_NAME=worker-1 start_agent "$log" loadBalancers.discover=kubernetes \
        "blocklist.mode=$1" blocklist.api=crd.projectcalico.org/v1 "${@:2}"
}
