# Cases of features that need the API, Calico's objects or the kernel's own log.
# shellcheck shell=bash disable=SC2034,SC2154,SC2317

new_case 30 fast 'discovery' 'load balancers have the names of their Services; nothing is reported as wrong'
discovery() {
    local node=${nodes[0]}
    load_balancer
    install --set-json discovery.enabled=true
    soon 20 "packets have no name: $(agent_log "$node" | tail -n 1)" named "$node"
    warns_of_nothing "$node"
    of_namespace exec daemonset/denywatch -- denywatch doctor >"$run/doctor" 2>&1 || problems+=("doctor: $(paste -sd" " "$run/doctor")")
    grep -q 'policies-not-checked' "$run/doctor" && ! grep -q 'policies-unreadable' "$run/doctor" || problems+=("doctor: $(paste -sd' ' "$run/doctor")")
}

# named NODE: logs a packet; succeeds once one is counted under the Service's name, after the agent has read the
# Services.
named() {
    packets "$1" 1 198.51.100.1 203.0.113.1 80
    metric_reaches "$1" 1 denywatch_denied_packets_total 'service_name="web"'
}

# warns_of_nothing NODE: checks that the agent's log contains no warning or error, except about retries and about a log
# that others may write to.
warns_of_nothing() {
    ! agent_log "$1" | grep -E ' (WARN|ERROR) ' | grep -vE 'requireTrustedLog|trying again' >"$run/said" || problems+=("the log of $1: $(said "$run/said")")
}

# load_balancer: creates a Service with the external address 203.0.113.1.
load_balancer() {
    kubectl get namespace shop >/dev/null 2>&1 || kubectl create namespace shop >"$run/said"
    kubectl -n shop get service web >/dev/null 2>&1 || kubectl -n shop create service loadbalancer web --tcp=80:8080 >"$run/said"
    kubectl get --raw /api/v1/namespaces/shop/services/web | jq -c '.status.loadBalancer.ingress = [{"ip": "203.0.113.1"}]' |
        kubectl replace --raw /api/v1/namespaces/shop/services/web/status -f - >"$run/said"
}

new_case 31 fast 'kmsg' 'privileged, the agent counts the packets that the kernel of its node logs'
kmsg() {
    local node=${nodes[0]} log_all=/proc/sys/net/netfilter/nf_log_all_netns saved
    { [ -w "$log_all" ] && (exec 3</dev/kmsg); } 2>/dev/null || skip_case 'the kernel does not log for other namespaces here'
    install -f "$chart/ci/kmsg-values.yaml"
    saved=$(cat "$log_all")
    printf '1\n' >"$log_all"
    "$dir/enter" "$node" iptables -t mangle -A PREROUTING -p icmp --icmp-type echo-request -s "$gateway" -j LOG --log-prefix 'calico-packet: '
    "$dir/enter" control ping -c 20 -i 0.05 -q "$(address_of "$node")" >"$run/said"
    soon 20 'the packets are not counted' metric_reaches "$node" 20 denywatch_denied_packets_total "nlb=\"$(address_of "$node")\""
    expect packets "$(metric "$node" denywatch_denied_packets_total "nlb=\"$(address_of "$node")\"")" -eq 20
    "$dir/enter" "$node" iptables -t mangle -F PREROUTING
    printf '%s\n' "$saved" >"$log_all"
}

# Calico -------------------------------------------------------------------------------------------------------------

# definitions v1|v3: the files with all CRDs that the agents read.
definitions() {
    crds_of "$1"
    [ "$1" = v3 ] || printf '%s\n' "$crds/others/crd.projectcalico.org_ippools.yaml"
}

# calico v1|v3: installs Calico's CRDs in this group only, and a host endpoint for each node.
calico() {
    local node each
    group=$(group_of "$1")
    if ! kubectl get "clusterinformations.${group%/*}" >/dev/null 2>&1; then
        { definitions v1; definitions v3; } | while read -r file; do old_schema "$file" | kubectl delete --ignore-not-found -f -; done >"$run/said" 2>&1
        definitions "$1" | while read -r file; do old_schema "$file" | kubectl create --validate=false -f - || exit 1; done >"$run/said" 2>&1 ||
            give_up "CRDs: $(tail -n 1 "$run/said")"
        kubectl wait --for=condition=Established crd --all --timeout=120s >"$run/said" || give_up 'the CRDs are not served'
        for each in globalnetworksets globalnetworkpolicies hostendpoints clusterinformations; do
            wait_until 60 kubectl get "$each.${group%/*}" || give_up "$each are not served"
        done
    fi
    {
        jq -nc --arg group "$group" '{apiVersion: $group, kind: "ClusterInformation", metadata: {name: "default"},
            spec: {datastoreReady: true, calicoVersion: "v3.31.7", clusterType: "k8s"}}'
        for node in "${nodes[@]}"; do
            jq -nc --arg group "$group" --arg node "$node" --arg address "$(address_of "$node")" '{apiVersion: $group, kind: "HostEndpoint",
                metadata: {name: "\($node)-auto-hep", labels: {"kubernetes.io/hostname": $node}},
                spec: {node: $node, interfaceName: "*", expectedIPs: [$address]}}'
        done
    } | kubectl apply -f - >"$run/said" 2>&1 || give_up "Calico's objects: $(said "$run/said")"
}

# enforcing [ARGUMENT...]: installs the chart in mode enforce, with a rule of 20 packets.
enforcing() {
    install --set-json 'discovery.enabled=true,blocklist.mode="enforce"' \
        --set-json 'config.blocklist.rules=[{"name": "noisy", "packets": "20 within 10s", "for": "1m", "maxBan": "10m"}]' "$@"
}

sets() { kubectl get "globalnetworksets.${group%/*}" "$@"; }
has_net() { sets "denywatch-0-$1" -o json | jq -e --arg net "$2" 'any(.spec.nets[]?; . == $net)'; } # NODE NET
lacks_net() { ! has_net "$@"; } # NODE NET

# blocks NODE SOURCE: logs packets to the load balancer, and waits for the source in the node's set and for an Event.
blocks() {
    local settings=() name
    packets "$1" 20 "$2" 203.0.113.1 80
    soon 20 "$2 is not blocked: $(agent_log "$1" | tail -n 1)" has_net "$1" "$2/32"
    [ "$group" = projectcalico.org/v3 ] || settings=(--set "blocklist.api=$group")
    soon 10 'blocklist list does not show it' listed "$2" "${settings[@]}"
    for name in "$assets/kubectl" "$tools/kubectl"; do
        soon 20 "$name describe node shows no Event" node_says "$name" "$1" "SourceBlocked.*$2"
    done
    warns_of_nothing "$1"
    expect 'requests that are forbidden' "$(metric "$1" denywatch_kubernetes_requests_total 'code="403"')" -eq 0
    of_namespace exec "$(pod_on "$1")" -- denywatch doctor >"$run/doctor" 2>&1 || problems+=("doctor: $(paste -sd" " "$run/doctor")")
}

listed() { "$denywatch" blocklist list "${@:2}" >"$run/list" 2>&1 && grep -qF "$1" "$run/list"; } # SOURCE OPTION...
node_says() { "$1" describe node "$2" | grep -q "$3"; } # KUBECTL NODE PATTERN

new_case 40 fast 'enforce' 'the pod writes its set with its own token; Event, doctor and blocklist agree; sets stay after helm uninstall, as documented'
enforce() {
    local node=${nodes[0]}
    calico v3
    load_balancer
    enforcing --set-json 'policies.enabled=true,policies.loadBalancers=["203.0.113.1:80"]'
    blocks "$node" 198.51.100.7
    grep -q 'logged-is-denied' "$run/doctor" || problems+=("doctor does not find what is logged proven denied: $(paste -sd" " "$run/doctor")")
    wait_until 10 metric_reaches "$node" 1 denywatch_blocklist_enforced_entries || problems+=('the entry is not counted as enforced')
    soon 90 'the block does not end' lacks_net "$node" 198.51.100.7/32
    helm uninstall denywatch -n "$namespace" --wait >"$run/said" 2>&1
    soon 60 'pods are left' no_pods
    expect 'policies left' "$(kubectl get "globalnetworkpolicies.${group%/*}" -o json | jq '.items | length')" -eq 0
    expect 'sets left' "$(sets -l denywatch.io/blocklist=true -o json | jq '.items | length')" -eq "${#nodes[@]}"
    kubectl delete "globalnetworksets.${group%/*}" -l denywatch.io/blocklist=true >"$run/said"
    expect 'sets left after kubectl delete' "$(sets -o json | jq '.items | length')" -eq 0
}

new_case 41 fast 'enforce, older Calico' 'the same in the group of older releases'
enforce_older_Calico() {
    calico v1
    load_balancer
    "$denywatch" policies --nlb 203.0.113.1:80 --only blocklist,log-denied-packets,deny-lb |
        sed 's#projectcalico.org/v3#crd.projectcalico.org/v1#' | kubectl apply -f - >"$run/said" 2>&1 || give_up "policies: $(said "$run/said")"
    enforcing --set-string config.blocklist.api=crd.projectcalico.org/v1
    blocks "${nodes[0]}" 198.51.100.8
    grep -q 'logged-is-denied' "$run/doctor" || problems+=("doctor does not find what is logged proven denied: $(paste -sd" " "$run/doctor")")
}

# Figures ------------------------------------------------------------------------------------------------------------

# kubelet_says NODE JQ_FILTER: what jq extracts from the kubelet's figures of the agent's container.
kubelet_says() {
    kubectl get --raw "/api/v1/nodes/$1/proxy/stats/summary" | jq -r --arg pod "$(pod_on "$1")" \
        ".pods[] | select(.podRef.name == \$pod).containers[] | select(.name == \"denywatch\") | $2"
}

# first_scrape NODE: milliseconds from a pod's creation to its first page of metrics, while the image is on the node.
first_scrape() {
    local started pod address
    pod=$(pod_on "$1")
    of_namespace delete pod "$pod" --wait >"$run/said"
    started=${EPOCHREALTIME/./}
    until address=$(pod_field "$1" '.status.podIP // empty' 2>/dev/null) && [ -n "$address" ] &&
        "$dir/enter" control curl -sf --max-time 1 -o /dev/null "http://$address:9464/metrics"; do
        sleep 0.05
    done
    printf '%s\n' $(((${EPOCHREALTIME/./} - started) / 1000))
}

new_case 95 slow 'figures' 'no outcome: start, memory and CPU as the kubelet reports them, idle and in enforce'
figures() {
    local node=${nodes[0]} mode round before
    calico v1
    for mode in off enforce; do
        if [ "$mode" = off ]; then install; else enforcing --set-string config.blocklist.api=crd.projectcalico.org/v1; fi
        for round in {1..3}; do first_scrape "$node"; done >"$run/starts"
        pause 30
        before=$(kubelet_says "$node" .cpu.usageCoreNanoSeconds)
        pause 60
        printf 'mode %s: pod to first scrape %s ms; working set %s MiB; %s ms of CPU in about a minute\n' "$mode" "$(paste -sd' ' "$run/starts")" \
            "$(($(kubelet_says "$node" .memory.workingSetBytes) >> 20))" "$((($(kubelet_says "$node" .cpu.usageCoreNanoSeconds) - before) / 1000000))"
    done
}
