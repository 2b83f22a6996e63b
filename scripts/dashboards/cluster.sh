# Where the agents find services and keep blocklists, if there is a Kubernetes API.

# The load balancers of the simulation except the last two: ADDRESS NAME PORT.
services='203.0.113.10 web 443
203.0.113.11 api 443
203.0.113.12 mail 25
203.0.113.13 dns 53
203.0.113.14 git 22
203.0.113.15 registry 443'
attacked=203.0.113.10

# start_cluster: does nothing if KUBEBUILDER_ASSETS names no Kubernetes API.
start_cluster() {
    if [ -z "$assets" ]; then
        printf 'no Kubernetes API: KUBEBUILDER_ASSETS is not set; agents dry-run\n'
        return
    fi
    run=$work/run
    mkdir "$run"
    . "$root/scripts/cluster/kubernetes.sh"
    . "$root/scripts/cluster/objects.sh"
    use_cluster v3
    reset_cluster
    local address name port
    while read -r address name port; do
        make_service "$name" "[{\"ip\":\"$address\"}]" "$port"
    done <<<"$services"
    [ -z "$pictures" ] || install_policies
}

# install_policies: installs policies as in a cluster that enforces, or pictures would show findings about them. Needs
# PyYAML.
install_policies() {
    local node object nlbs
    for node in "${nodes[@]}"; do make_host_endpoint "$node"; done
    mapfile -t nlbs < <(cut -d ' ' -f 1 <<<"$services")
    "$denywatch" policies --nlb "${nlbs[@]}" --only blocklist,log-denied-packets,deny-lb |
        python3 -c 'import json, sys, yaml
for each in filter(None, yaml.safe_load_all(sys.stdin)):
    print(json.dumps(each))' |
        while read -r object; do
            kube_api POST "/apis/$group/globalnetworkpolicies" - <<<"$object" >/dev/null
        done
}

# cluster_settings: prints an agent's settings of load balancers and the blocklist.
cluster_settings() {
    if [ -n "${cluster_kind-}" ]; then
        printf '%s\n' loadBalancers.discover=kubernetes blocklist.mode=enforce
        return
    fi
    local address name port list=''
    while read -r address name port; do
        list+="${list:+, }{address: $address, namespace: shop, service: $name, ports: [tcp/$port]}"
    done <<<"$services"
    printf '%s\n' "loadBalancers.static=[$list]" blocklist.mode=dry-run
}
