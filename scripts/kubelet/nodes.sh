# Cases in which something happens to a node.
# shellcheck shell=bash disable=SC2034,SC2154,SC2317

new_case 20 fast 'drained' 'the agent stays and counts; deleted, it comes back on the cordoned node and goes on where it stopped'
drained() {
    local node=${nodes[0]} pod
    install
    remember_counts
    pod=$(pod_on "$node")
    ! kubectl drain "$node" >"$run/said" 2>&1 || problems+=('drain does not mind pods of a DaemonSet')
    kubectl drain "$node" --ignore-daemonsets --delete-emptydir-data >"$run/said" 2>&1 || problems+=("drain: $(tail -n 1 "$run/said")")
    expect 'pod after the drain' "$(pod_on "$node")" = "$pod"
    packets "$node" 100
    as_many "$node" 100
    of_namespace delete pod "$pod" --wait >"$run/said"
    packets "$node" 100
    wait_until 60 pod_ready "$node" || problems+=("no new agent is ready on $node")
    as_many "$node" 200
    kubectl uncordon "$node" >"$run/said"
}

new_case 21 fast 'kubelet stopped and started' 'the agent counts on without it, and is not restarted'
kubelet_stopped_and_started() {
    local node=${nodes[0]} uid
    install
    remember_counts
    uid=$(pod_field "$node" '"\(.metadata.uid) \(.status.containerStatuses[0].restartCount)"')
    "$dir/service" "$node" kubelet stop
    packets "$node" 100
    as_many "$node" 100
    "$dir/service" "$node" kubelet start
    "$dir/service" "$node" containerd stop
    packets "$node" 100
    as_many "$node" 200
    "$dir/service" "$node" containerd start
    soon 60 "the kubelet of $node does not serve logs again" agent_log "$node"
    soon 60 'the agent is not ready' pod_ready "$node"
    expect 'pod and restarts' "$(pod_field "$node" '"\(.metadata.uid) \(.status.containerStatuses[0].restartCount)"')" = "$uid"
}

new_case 22 fast 'power failure of a node' 'its agent is started again, and counts what was logged before and after'
power_failure_of_a_node() {
    local node=${nodes[-1]}
    install
    packets "$node" 100
    pause 3 # for the checkpoint
    remember_counts
    restart_node "$node"
    packets "$node" 100
    wait_until 120 restarted "$node" || problems+=("the agent on $node is not started again")
    wait_until 60 pod_ready "$node" || problems+=("the agent on $node is not ready")
    as_many "$node" 100
}

restarted() { [ "$(pod_field "$1" '.status.containerStatuses[0] | "\(.restartCount > 0) \(.ready)"')" = 'true true' ]; } # NODE

new_case 23 fast 'memory limit too small' 'refused by the chart where it can tell; else the kernel kills the agent, and kubectl says so'
memory_limit_too_small() {
    ! upgrade --set-string resources.limits.memory=64Mi --set-string resources.requests.memory=64Mi || problems+=('the chart takes 64Mi')
    grep -q 'resources.limits.memory of at least' "$run/said" || problems+=("the chart does not say how much is needed: $(tail -n 1 "$run/said")")
    ! upgrade --set-string resources.limits.memory=150Mi --set-string javaOptions=-Xmx64m || problems+=('the chart takes 150Mi with a heap of 64 MiB')
    grep -q 'allowed: at least 192Mi' "$run/said" || problems+=("the chart does not say how much a heap needs: $(tail -n 1 "$run/said")")
    install
    carefully
    upgrade --set-string resources.limits.memory=40Mi,resources.requests.memory=40Mi --set-json config.loadBalancers.max=1,config.sources.trackedPerLoadBalancer=64 \
        --set-string javaOptions=-XX:MaxRAMPercentage=90 || give_up "helm: $(tail -n 1 "$run/said")"
    wait_until 120 crashed OOMKilled || problems+=("no agent is killed for its memory: $(pods | jq -c '[.items[].status.containerStatuses[0].lastState]')")
    of_namespace describe pods >"$run/described"
    grep -q 'OOMKilled' "$run/described" || problems+=('kubectl describe does not say OOMKilled')
    expect 'agents that are ready meanwhile' "$(of_namespace get daemonset denywatch -o 'jsonpath={.status.numberReady}')" -eq $((${#nodes[@]} - 1))
    install
}
