# The release, its pods, and the logs of the nodes that they run on.
# shellcheck shell=bash disable=SC2034,SC2154,SC2317

namespace=denywatch
agents=app.kubernetes.io/name=denywatch,app.kubernetes.io/component=agent

use_cluster_of_nodes() {
    mapfile -t nodes < <(sed 1d "$dir/spaces")
    export KUBECONFIG=$dir/kubeconfig KUBECACHEDIR=$dir/cache
    version=$(tar -xOf "$archive" ./index.json | jq -r '.manifests[0].annotations["org.opencontainers.image.ref.name"] | sub(".*:"; "")')
    kubectl create namespace "$namespace" --dry-run=client -o json | kubectl apply -f - >/dev/null 2>&1
    helm uninstall denywatch -n "$namespace" --wait >/dev/null 2>&1 || true # left by a run that was interrupted
    for node in "${nodes[@]}"; do new_log "$node"; done
}

helm() { "$tools/helm4" "$@"; }       # ARGUMENT...
kubectl() { "$dir/kubectl" "$@"; }    # ARGUMENT...
of_namespace() { kubectl -n "$namespace" "$@"; } # ARGUMENT...
said() { grep -m 1 . "$1" || printf 'nothing\n'; } # FILE

# install [ARGUMENT...]: installs the chart or upgrades it to exactly these values, on all nodes at once, and waits for
# all pods.
install() {
    upgrade --set-json 'minReadySeconds=0,updateStrategy.rollingUpdate.maxUnavailable="100%"' "$@" || give_up "helm: $(tail -n 1 "$run/said")"
    of_namespace rollout status daemonset/denywatch --timeout 600s >"$run/said" || give_up "$(tail -n 1 "$run/said")"
    wait_until 30 all_ready || give_up "not ready: $(pods | jq -c '[.items[].status.phase]')"
}

# carefully [ARGUMENT...]: restores the chart's own update strategy, and waits until all pods have been ready for
# minReadySeconds, or the next upgrade would replace them at once.
carefully() {
    upgrade "$@" || give_up "helm: $(tail -n 1 "$run/said")"
    wait_until 60 all_available || give_up 'not all agents become available'
}

all_available() {
    of_namespace get daemonset denywatch -o json |
        jq -e '.status.observedGeneration == .metadata.generation and .status.numberAvailable == .status.desiredNumberScheduled'
}

all_ready() { [ "$(of_namespace get daemonset denywatch -o 'jsonpath={.status.numberReady}')" = "${#nodes[@]}" ]; }

upgrade() { # ARGUMENT...
    helm upgrade --install denywatch "$chart" -n "$namespace" --reset-values --set-string "image.registry=localhost,image.tag=$version,image.pullPolicy=Never" \
        "$@" >"$run/said" 2>&1
}

pods() { of_namespace get pods -l "$agents" -o json; }
pod_on() { pods | jq -r --arg node "$1" '.items[] | select(.spec.nodeName == $node and .metadata.deletionTimestamp == null) | .metadata.name'; } # NODE
pod_field() { of_namespace get pod "$(pod_on "$1")" -o json | jq -r "$2"; } # NODE JQ_FILTER
pod_ready() { [ "$(pod_field "$1" '.status.conditions[] | select(.type == "Ready") | .status')" = True ]; } # NODE
container() { pod_field "$1" '.status.containerStatuses[0].containerID | sub(".*//"; "")'; } # NODE

# pid_of_agent NODE: its process id on the node.
pid_of_agent() { "$dir/enter" "$1" ctr -n k8s.io tasks ls | awk -v id="$(container "$1")" '$1 == id { print $2 }'; }

# Logs and counts ----------------------------------------------------------------------------------------------------

new_log() { # NODE
    : >"$dir/$1/log/syslog"
    chown root:adm "$dir/$1/log/syslog"
    chmod 640 "$dir/$1/log/syslog"
}

# packets NODE COUNT [SOURCE] [DESTINATION] [PORT]: logs denied packets on that node now.
packets() { packet_lines "${3-198.51.100.1}" 1 "$2" "${4-203.0.113.1}" "${5-22}" >>"$dir/$1/log/syslog"; }

# page NODE: fetches /metrics of its agent from another machine.
page() {
    local address
    address=$(pod_field "$1" .status.podIP)
    "$dir/enter" control curl -sf --max-time 5 "http://$address:9464/metrics" >"$run/page-$1.new" && mv "$run/page-$1.new" "$run/page-$1"
}

metric() { page "$1" && metric_in "$run/page-$1" "${@:2}"; } # NODE NAME [TEXT...]
metric_reaches() { [ "$(metric "$1" "${@:3}")" -ge "$2" ]; } # NODE LEAST NAME [TEXT...]
counted() { metric "$1" denywatch_denied_packets_total; } # NODE
has_counted() { [ "$(counted "$1")" = "$2" ]; } # NODE PACKETS

# remember_counts: saves the counts with which "as_many" compares.
remember_counts() {
    local node
    for node in "${nodes[@]}"; do before[${node#worker-}]=$(counted "$node"); done
}

# as_many NODE COUNT: checks that exactly COUNT more packets are counted than at remember_counts.
as_many() { soon 20 "$1 has counted $(counted "$1") packets, not $((before[${1#worker-}] + $2))" has_counted "$1" $((before[${1#worker-}] + $2)); }

set_up() { before=() ports=(); }

# agent_log NODE: the output of its agent.
agent_log() { of_namespace logs "$(pod_on "$1")"; }
