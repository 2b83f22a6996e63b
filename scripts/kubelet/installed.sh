# Cases that install, upgrade and uninstall the chart.
# shellcheck shell=bash disable=SC2034,SC2154,SC2317

new_case 1 fast 'installed as it comes' 'ready on each node, with the rights and mounts that its page promises; counts all that is written'
installed_as_it_comes() {
    local node pid
    install
    expect 'pods that are ready' "$(pods | jq '[.items[].status.conditions[] | select(.type == "Ready" and .status == "True")] | length')" -eq "${#nodes[@]}"
    pods | jq -e 'all(.items[]; (.status.initContainerStatuses[0].state.terminated.exitCode == 0) and .status.containerStatuses[0].restartCount == 0)' \
        >"$run/said" || problems+=('an init container failed, or an agent was restarted')
    pods | jq -e 'all(.items[].spec.volumes[]; .projected == null and .secret == null)' >"$run/said" || problems+=('pods have a token, though nothing asks the API')
    remember_counts
    for node in "${nodes[@]}"; do
        expect "owner of the state on $node" "$(stat -c %u:%g "$dir/$node/lib/denywatch")" = 65532:65532
        pid=$(pid_of_agent "$node")
        "$dir/enter" "$node" cat "/proc/$pid/status" "/proc/$pid/mountinfo" >"$run/process"
        grep -qP 'Uid:\t65532\t65532' "$run/process" && grep -q 'CapEff:.0*$' "$run/process" && grep -qP 'NoNewPrivs:\t1' "$run/process" &&
            grep -qP 'Seccomp:\t2' "$run/process" || problems+=("the agent on $node has more rights than it needs")
        grep -q ' / / ro,' "$run/process" || problems+=("the agent on $node may write to its own files")
        grep -q ' /var/log ro,.* master:' "$run/process" || problems+=("/var/log of $node is writable, or what is mounted there later is not seen")
        packets "$node" 500
        as_many "$node" 500
        mv "$dir/$node/log/syslog" "$dir/$node/log/syslog.1"
        new_log "$node"
        packets "$node" 500
        as_many "$node" 1000
    done
    expect 'probes that failed' "$(of_namespace get events -o json | jq '[.items[] | select(.reason == "Unhealthy" and (.message | startswith("Startup") | not))] | length')" -eq 0
}

new_case 2 fast 'helm test and doctor' 'both report on the node that they run on'
helm_test_and_doctor() {
    install
    helm test denywatch -n "$namespace" --logs --timeout 120s >"$run/test" 2>&1 || problems+=("helm test fails: $(tail -n 3 "$run/test" | paste -sd" ")")
    of_namespace exec daemonset/denywatch -- denywatch doctor >"$run/doctor" 2>"$run/said" || problems+=("doctor fails: $(paste -sd" " "$run/doctor" "$run/said")")
    for file in test doctor; do
        grep -q '/var/log/syslog' "$run/$file" || problems+=("$file says nothing about the log: $(tail -n 1 "$run/$file")")
    done
}

new_case 3 fast 'port-forward, top' 'a page through the kubelet; all agents through the proxy of the API server'
port_forward_top() {
    local port
    install
    port=$(free_port)
    of_namespace port-forward daemonset/denywatch "$port:9464" >"$run/forward" 2>&1 &
    soon 10 "port-forward: $(tail -n 1 "$run/forward")" http_get "$port" /metrics
    http_get "$port" / | grep -q '<title>' || problems+=('there is no page')
    "$denywatch" top --namespace "$namespace" --once --output json >"$run/top" 2>"$run/said" || problems+=("top fails: $(said "$run/said")")
    expect 'agents that top shows' "$(jq .agents.answering "$run/top")" -eq "${#nodes[@]}"
    "$denywatch" top --node "${nodes[-1]}" --once >"$run/top" 2>"$run/said" || problems+=("top --node fails: $(said "$run/said")")
    grep -q "${nodes[-1]}" "$run/top" || problems+=("top does not name ${nodes[-1]}")
}

new_case 10 fast 'rolling upgrade under load' 'one pod after the other; each goes on where the one before it stopped'
rolling_upgrade_under_load() {
    local node sent=0 least=99 ready
    install
    carefully
    remember_counts
    upgrade --set-string podAnnotations.upgraded=yes || give_up "helm: $(tail -n 1 "$run/said")"
    while ! of_namespace rollout status daemonset/denywatch --watch=false | grep -q 'successfully rolled out'; do
        for node in "${nodes[@]}"; do packets "$node" 10; done
        sent=$((sent + 10))
        ready=$(of_namespace get daemonset denywatch -o 'jsonpath={.status.numberReady}')
        [ "${ready:-0}" -ge "$least" ] || least=${ready:-0}
        [ "$sent" -lt 20000 ] || give_up "the rollout does not end: $(pods | jq -c '[.items[].status.phase]')"
        pause 0.3
    done
    expect 'fewest pods that were ready' "$least" -ge $((${#nodes[@]} - 1))
    pods | jq -e 'all(.items[]; .metadata.annotations.upgraded == "yes")' >"$run/said" || problems+=('a pod is as before')
    for node in "${nodes[@]}"; do as_many "$node" "$sent"; done
    note="$sent packets on each node"
}

new_case 11 fast 'configuration changed' 'pods are replaced, and only then; a wrong one stops at the first pod, which says what is wrong'
configuration_changed() {
    local uids
    install
    uids=$(pods | jq -c '[.items[].metadata.uid] | sort')
    install
    expect 'pods after an upgrade without changes' "$(pods | jq -c '[.items[].metadata.uid] | sort')" = "$uids"
    install --set-json config.loadBalancers.max=7
    expect 'pods that remain after a change' "$(pods | jq --argjson before "$uids" '[.items[].metadata.uid | select(IN($before[]))] | length')" -eq 0
    carefully --set-json config.loadBalancers.max=7
    upgrade --set-json 'config.packets.prefixes=[]' || give_up "helm: $(tail -n 1 "$run/said")"
    wait_until 60 crashed || problems+=('no pod fails over a wrong configuration')
    of_namespace describe pods >"$run/described"
    grep -q 'packets.prefixes' "$run/described" || problems+=('kubectl describe does not say which setting is wrong')
    expect 'agents that are ready meanwhile' "$(of_namespace get daemonset denywatch -o 'jsonpath={.status.numberReady}')" -eq $((${#nodes[@]} - 1))
    helm rollback denywatch -n "$namespace" --wait --timeout 300s >"$run/said" 2>&1 || problems+=("rollback: $(said "$run/said")")
}

# crashed [REASON]: whether a container of an agent has failed (for this reason).
crashed() {
    pods | jq -e --arg reason "${1-}" 'any(.items[].status.containerStatuses[]?; (.lastState.terminated // .state.terminated // empty)
        | .exitCode != 0 and ($reason == "" or .reason == $reason))'
}

new_case 90 fast 'uninstalled' 'nothing is left but the pod of helm test and the directory with the counts, from which a new installation goes on'
uninstalled() {
    local node=${nodes[0]} before
    install
    packets "$node" 100
    pause 3 # for the checkpoint
    before=$(counted "$node")
    helm uninstall denywatch -n "$namespace" --wait >"$run/said" 2>&1 || problems+=("helm uninstall: $(said "$run/said")")
    soon 60 'pods are left' no_pods
    of_namespace get all,configmaps,secrets,serviceaccounts,roles,rolebindings -o name 2>/dev/null | grep denywatch | grep -vx pod/denywatch-doctor >"$run/left" || true
    kubectl get clusterroles,clusterrolebindings,priorityclasses -o name | grep denywatch >>"$run/left" || true
    [ ! -s "$run/left" ] || problems+=("left: $(paste -sd' ' "$run/left")")
    for each in "${nodes[@]}"; do [ -e "$dir/$each/lib/denywatch" ] || problems+=("the counts of $each are gone"); done
    packets "$node" 50
    install
    soon 20 "$node goes on from $(counted "$node"), not from $before" has_counted "$node" $((before + 50))
}

no_pods() { [ "$(pods | jq '.items | length')" = 0 ]; } # Helm keeps that of its test
