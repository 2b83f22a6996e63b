# From a line in a log to an entry in the blocklist, and the rails beside that way.
# shellcheck shell=bash disable=SC2034,SC2154,SC2317

new_case 1 fast 'the cluster is what the cases assume' 'roles, garbage collection and the watch work without agents'
the_cluster_is_what_the_cases_assume() {
    local uid object name=denywatch-0-worker-1
    uid=$(kube_api GET /api/v1/nodes/worker-1 | jq -r .metadata.uid)
    object=$(jq -nc --arg group "$group" --arg name "$name" --arg uid "$uid" '{apiVersion: $group, kind: "GlobalNetworkSet",
        metadata: {name: $name, ownerReferences: [{apiVersion: "v1", kind: "Node", name: "worker-1", uid: $uid}]},
        spec: {nets: ["198.51.100.1/32"]}}')
    watch_sets
    expect 'creating as a reader' "$(as=reader kube_code POST "$sets" - <<<"$object")" -eq 403
    expect 'creating as an agent' "$(as=agent-worker-1 kube_code POST "$sets" - <<<"$object")" -eq 201
    expect 'deleting as an agent' "$(as=agent-worker-1 kube_code DELETE "$sets/$name")" -eq 403
    expect 'secrets for an agent' "$(as=agent-worker-1 kube_code GET /api/v1/secrets)" -eq 403
    edit "$sets/$name" '.spec.nets += ["198.51.100.2/32"]'
    wait_until 5 changes_reach 1 MODIFIED +198.51.100.2/32 || problems+=('the watch shows no change')
    make_service web '[{"ip":"203.0.113.1"}]' 443 30443
    expect 'addresses of the service' "$(kube_api GET /api/v1/namespaces/shop/services/web |
        jq -r '.status.loadBalancer.ingress[0].ip, .spec.ports[0].nodePort' | paste -sd:)" = 203.0.113.1:30443
    remove /api/v1/nodes/worker-1
    wait_until 60 is_absent "$sets/$name" || problems+=('nobody collects the set of a node that is gone')
}

nets_seen() { [ "$(grep -o ' +198\.51\.100\.' "$run/changes" | wc -l)" -ge "$1" ]; } # LEAST: several may come in one change

new_case 2 fast 'promotion within a second' 'from the line that reaches the threshold to the stored entry: p99 below 1 s'
promotion_within_a_second() {
    local i source p50 p99
    # Bans end after a minute or so, and agents start with a rate that is lower than that of this case.
    agent_settings=(blocklist.newEntriesPerMinute=1000 blocklist.entriesMax=1000)
    watch_sets
    start_agents
    for ((i = 1; i <= promotions; i++)); do
        source=198.51.100.$i
        offend $((1 + i % 3)) "$source"
        printf '%s %s\n' "$source/32" "$written" >>"$run/written"
        random_pause 50 550 # at any moment of an agent's second
    done
    wait_until 15 nets_seen "$promotions" || true
    awk 'FILENAME ~ /changes$/ {
            for (i = 5; i <= NF; i++) if (substr($i, 1, 1) == "+" && !(substr($i, 2) in seen)) seen[substr($i, 2)] = $1
            next
        }
        $1 in seen { printf "%.0f\n", (seen[$1] - $2) / 1000 }' "$run/changes" "$run/written" >"$run/millis"
    expect 'promotions seen' "$(wc -l <"$run/millis")" -eq "$promotions"
    p50=$(percentile 50 "$run/millis") p99=$(percentile 99 "$run/millis")
    expect 'p99 in ms' "$p99" -lt 1000
    pages
    expect 'time_to_block_seconds_count' "$(total denywatch_time_to_block_seconds_count)" -eq "$promotions"
    expect 'promotions_total{applied}' "$(total denywatch_promotions_total 'outcome="applied"')" -eq "$promotions"
    note="$promotions promotions: p50 $p50 ms, p99 $p99 ms, most $(percentile 100 "$run/millis") ms"
}

new_case 7 fast 'breaker opened by one-packet sources' 'nobody is blocked while it is open, who was stays so; RSS holds'
breaker_opened_by_one_packet_sources() {
    local before after i
    agent_settings=(blocklist.onePacketSourcesMax=1000)
    start_agents 1
    blocked_after 1 198.51.100.1 5
    before=$(resident_kib 1)
    for ((i = 1; i <= 10; i++)); do # one network counts for 200 sources at most
        flood 1 "20.$i.0.0" 1000 1
    done
    wait_until 10 metric_reaches 1 1 denywatch_blocklist_breaker_open || problems+=('the breaker does not open')
    offend 1 198.51.100.2
    wait_until 10 metric_reaches 1 1 denywatch_promotions_total 'outcome="breaker"' || problems+=('none is refused for the breaker')
    after=$(resident_kib 1)
    expect nets "$(nets "$(set_of 1)" | paste -sd,)" = 198.51.100.1/32
    expect 'RSS gained in KiB' $((after - before)) -lt 16384
    note="RSS $((before / 1024)) MiB, then $((after / 1024)) MiB"
}

new_case 8 slow 'ten thousand candidates at once' 'the rails hold; a few requests, memory bounded'
ten_thousand_candidates_at_once() {
    local before after requests
    agent_settings=(blocklist.entriesMax=500 blocklist.newEntriesPerMinute=300 blocklist.onePacketSourcesMax=100000)
    start_agents 1
    blocked_after 1 198.51.100.1 5
    before=$(resident_kib 1)
    requests=$(metric 1 denywatch_kubernetes_requests_total)
    flood 1 20.1.0.0 10000 20
    wait_until 60 metric_reaches 1 200020 denywatch_denied_packets_total || problems+=('not all is counted within a minute')
    pause 10
    page 1
    after=$(resident_kib 1)
    requests=$(($(metric 1 denywatch_kubernetes_requests_total) - requests))
    expect nets "$(nets_count "$(set_of 1)")" -le 300
    expect nets "$(nets_count "$(set_of 1)")" -gt 1
    expect requests "$requests" -lt 100
    expect 'RSS gained in KiB' $((after - before)) -lt 32768
    note="$requests requests, RSS $((before / 1024)) MiB, then $((after / 1024)) MiB"
}

new_case 10 fast 'off needs no more than discovery' 'names are there, nothing is decided; policies are out of sight, and a note says so'
off_needs_no_more_than_discovery() {
    mode=off
    grant agent discovery agent-worker-1
    make_service web '[{"ip":"203.0.113.1"}]' 22
    start_agents 1
    offend 1 198.51.100.1
    wait_until 10 metric_reaches 1 20 denywatch_denied_packets_total 'service_name="web"' || problems+=('the service has no name')
    wait_until 10 metric_reaches 1 1 denywatch_findings 'id="policies-not-checked"' || problems+=('no note tells of the policies')
    expect '403s' "$(metric 1 denywatch_kubernetes_requests_total 'code="403"')" -eq 0
    expect entries "$(metric 1 denywatch_blocklist_entries)" -eq 0
    expect objects "$(kube_api GET "$sets" | jq '.items | length')" -eq 0
}

new_case 11 fast 'never blocked' 'nodes, pods, load balancers, private and configured addresses, presets, resolvers: refused, counted'
never_blocked() {
    local source n=0
    printf 'nameserver 198.51.100.53\n' >"$run/resolv.conf"
    agent_settings=('blocklist.neverBlock=[198.51.100.200/29, "preset:ibm-cloud"]' "blocklist.resolvConf=$run/resolv.conf")
    make_service web '[{"ip":"203.0.113.1"},{"ip":"203.0.113.99"}]' 22
    start_agents 1
    for source in "$(node_address 1)" "$(node_address 2)" 10.244.2.7 203.0.113.99 192.168.7.7 198.51.100.201 \
        161.26.0.10 198.51.100.53 198.18.0.1; do
        n=$((n + 1))
        offend 1 "$source"
        wait_until 10 metric_reaches 1 "$n" denywatch_promotions_total 'outcome="never_block"' ||
            problems+=("$source is not refused")
    done
    blocked_after 1 198.51.100.1 5
    expect nets "$(nets "$(set_of 1)" | paste -sd,)" = 198.51.100.1/32
}
