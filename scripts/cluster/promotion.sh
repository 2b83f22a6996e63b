# From a line in a log to an entry in the blocklist, and what limits promotions.

nets_seen() { [ "$(grep -o ' +198\.51\.100\.' "$run/changes" | wc -l)" -ge "$1" ]; } # LEAST: several may come in one change

new_case 2 fast 'promotion and its time' 'each source is stored once; the time from the line that reaches the threshold is printed'
promotion_and_its_time() {
    local i source
    # Agents start with a rate and a limit that are lower than what this case needs.
    agent_settings=(blocklist.newEntriesPerMinute=1000 blocklist.entriesMax=1000)
    watch_sets
    start_agents
    for ((i = 1; i <= promotions; i++)); do
        source=198.51.100.$i
        reach_threshold $((1 + i % 3)) "$source"
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
    pages
    expect 'time_to_block_seconds_count' "$(total denywatch_time_to_block_seconds_count)" -eq "$promotions"
    expect 'promotions_total{applied}' "$(total denywatch_promotions_total 'outcome="applied"')" -eq "$promotions"
    note="$promotions promotions: p50 $(percentile 50 "$run/millis") ms, p99 $(percentile 99 "$run/millis") ms, most $(
        percentile 100 "$run/millis") ms"
}

new_case 7 fast 'breaker opened by one-packet sources' 'no source is blocked while it is open, earlier blocks stay; memory is bounded'
breaker_opened_by_one_packet_sources() {
    local before gained i
    agent_settings=(blocklist.onePacketSourcesMax=1000)
    start_agents 1
    block 1 198.51.100.1
    before=$(resident_kib 1)
    for ((i = 1; i <= 10; i++)); do # one network counts as 200 sources at most
        flood 1 "20.$i.0.0" 1000 1
    done
    soon 10 'the breaker does not open' metric_reaches 1 1 denywatch_blocklist_breaker_open
    reach_threshold 1 198.51.100.2
    soon 10 'no source is refused because of the breaker' metric_reaches 1 1 denywatch_promotions_total 'outcome="breaker"'
    gained=$(($(resident_kib 1) - before))
    expect nets "$(nets "$(set_of 1)" | paste -sd,)" = 198.51.100.1/32
    expect 'RSS gained in KiB' "$gained" -lt 16384
    note="RSS $((before / 1024)) MiB, $((gained / 1024)) MiB gained"
}

new_case 8 slow 'ten thousand candidates at once' 'limits hold, with few requests and bounded memory'
ten_thousand_candidates_at_once() {
    local before gained requests
    agent_settings=(blocklist.entriesMax=500 blocklist.newEntriesPerMinute=300 blocklist.onePacketSourcesMax=100000)
    start_agents 1
    block 1 198.51.100.1
    before=$(resident_kib 1)
    requests=$(metric 1 denywatch_kubernetes_requests_total)
    flood 1 20.1.0.0 10000 20
    soon 60 'not all packets are counted' metric_reaches 1 200020 denywatch_denied_packets_total
    pause 10
    gained=$(($(resident_kib 1) - before))
    requests=$(($(metric 1 denywatch_kubernetes_requests_total) - requests))
    expect nets "$(nets_count "$(set_of 1)")" -le 300
    expect nets "$(nets_count "$(set_of 1)")" -gt 1
    expect requests "$requests" -lt 100
    expect 'RSS gained in KiB' "$gained" -lt 32768
    note="$requests requests, RSS $((before / 1024)) MiB, $((gained / 1024)) MiB gained"
}

new_case 11 fast 'never blocked' 'nodes, pods, load balancers, private and configured addresses, presets, resolvers: refused and counted'
never_blocked() {
    local source n=0
    printf 'nameserver 198.51.100.53\n' >"$run/resolv.conf"
    agent_settings=('blocklist.neverBlock=[198.51.100.200/29, "preset:ibm-cloud"]' "blocklist.resolvConf=$run/resolv.conf")
    make_service web '[{"ip":"203.0.113.1"},{"ip":"203.0.113.99"}]' 22
    start_agents 1
    for source in "$(node_address 1)" "$(node_address 2)" 10.244.2.7 203.0.113.99 192.168.7.7 198.51.100.201 \
        161.26.0.10 198.51.100.53 198.18.0.1; do
        n=$((n + 1))
        reach_threshold 1 "$source"
        soon 10 "$source is not refused" metric_reaches 1 "$n" denywatch_promotions_total 'outcome="never_block"'
    done
    block 1 198.51.100.1
    expect nets "$(nets "$(set_of 1)" | paste -sd,)" = 198.51.100.1/32
}
