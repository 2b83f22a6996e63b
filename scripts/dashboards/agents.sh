# Three agents, each with the log of a node, and what is written there.

nodes=(1 2 3) agents=() ports=()

start_agents() {
    local node place settings
    for node in "${nodes[@]}"; do
        place=$work/worker-$node
        mkdir -p "$place/state"
        : >"$place/syslog"
        ports+=("$(free_port)")
        mapfile -t settings < <(cluster_settings)
        # Started in this directory, because the log's path becomes a label and should not name a temporary directory.
        (
            cd "$place" || exit
            export KUBECONFIG=${cluster:+$cluster/agent-worker-$node.kubeconfig} NODE_NAME=worker-$node
            agent "${ports[-1]}" "$place/state" source.kind=file source.path=syslog source.startAt=beginning \
                blocklist.onePacketSourcesMax=3000 "${settings[@]}" >agent.out 2>&1
        ) &
        agents+=("$!")
    done
    for node in "${nodes[@]}"; do
        wait_until 30 http_get "${ports[node - 1]}" /readyz ||
            fail "the agent of worker-$node does not start: $(tail -n 3 "$work/worker-$node/agent.out")"
    done
}

# simulate NODE SCENARIO RATE SOURCES: writes to the node's log until the suite ends.
simulate() {
    "$denywatch" simulate --output "$work/worker-$1/syslog" --scenario "$2" --rate "$3" --sources "$4" --seed "$1$3" \
        >"$work/simulate-$1-$2" 2>&1 &
}

# background: the traffic of an ordinary day.
background() {
    simulate 1 background 14 400
    simulate 2 background 9 400
    simulate 3 background 5 400
}

# attack: a flood on one node, a scan on another, forged sources on the third.
attack() {
    simulate 1 flood 160 500
    simulate 2 scan 40 500
    simulate 3 spoofed 70 200000
    while :; do
        troubles
        sleep 5
    done &
}

# troubles: problems in a node's log: a packet that was denied long ago, a truncated line, lines that were dropped.
troubles() {
    local now past
    TZ=UTC printf -v now '%(%Y-%m-%dT%H:%M:%S)T.000000+00:00' -1
    TZ=UTC printf -v past '%(%Y-%m-%dT%H:%M:%S)T.000000+00:00' "$((EPOCHSECONDS - 600))"
    local line="calico-packet: IN=eth1 OUT= MAC=06:b2:1e:5d:30:43:00:00:5e:00:01:0a:08:00 SRC=198.51.100.7 DST=203.0.113.11"
    local rest='LEN=52 TOS=0x00 PREC=0x00 TTL=117 ID=1 DF PROTO=TCP SPT=4242 DPT=22 WINDOW=64240 RES=0x00 SYN URGP=0 '
    {
        for _ in {1..40}; do printf '%s worker-3 kernel: [158271.044316] %s %s\n' "$past" "$line" "$rest"; done
        printf '%s worker-3 kernel: [158271.044316] %s LEN=52\n' "$now" "$line"
        printf '%s worker-3 kernel: [158271.044317] net_ratelimit: 12 callbacks suppressed\n' "$now"
    } >>"$work/worker-3/syslog"
}
