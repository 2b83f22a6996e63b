# The processes of the full demo: two agents and the traffic in their logs, Prometheus, Alertmanager and a webhook that
# receives its notifications. All listen only on 127.0.0.1 and keep their files in $work.

nodes=(node-a node-b)
attacked_node=${nodes[1]}
# Denied packets a second: on each node at all times, and in addition during the attack.
background_rate=5 attack_rate=500
# A minute in the alerting rules lasts this many seconds.
minute_seconds=2
# The agent's default rules, with the shortest blocks that are allowed.
for_a_minute='for: 1m, maxBan: 1m'
blocklist_rules="[{name: noisy, packets: 300 within 1m, $for_a_minute}, {name: port-scan, distinctPorts: 20 within 1m, $for_a_minute}]"
load_balancers='[{address: 203.0.113.10, namespace: shop, service: frontend, ports: [tcp/80, tcp/443]},
    {address: 203.0.113.11, namespace: shop, service: api, ports: [tcp/443]},
    {address: 203.0.113.12, namespace: mail, service: smtp, ports: [tcp/25, tcp/465]}]'

# find_tools: checks for the programs that are needed besides a JDK.
find_tools() {
    local name
    for name in prometheus promtool curl jq; do command -v "$name" >/dev/null || fail "$name is not on PATH: install Debian's prometheus, curl and jq"; done
    alertmanager=$(command -v prometheus-alertmanager || command -v alertmanager) ||
        fail "neither prometheus-alertmanager nor alertmanager is on PATH: install Debian's prometheus-alertmanager"
}

# run NAME COMMAND...: in the background; its output goes to $work/NAME.out, its errors to $work/NAME.log.
declare -A process
run() {
    "${@:2}" >>"$work/$1.out" 2>>"$work/$1.log" &
    process[$1]=$!
}

check_processes() {
    local name
    for name in "${!process[@]}"; do
        kill -0 "${process[$name]}" 2>/dev/null || fail "$name stopped: $(cat "$work/$name".{log,out} | tail -n 3)"
    done
}

# end NAME: ends the process, and returns when it is gone.
end() {
    stop "${process[$1]}"
    unset "process[$1]"
}

# answers NAME PORT PATH: waits for a response; fails the demo if there is none in time.
answers() { wait_until 30 http_get "$2" "$3" || fail "$1 does not answer: $(tail -n 3 "$work/$1.log")"; }

# start_traffic NAME NODE OPTION...: when it has ended, $work/NAME.out says how much it wrote.
start_traffic() { run "$1" "$denywatch" simulate --output "$work/$2.syslog" "${@:3}"; }

start_background() {
    local i
    for i in "${!nodes[@]}"; do
        start_traffic "traffic-${nodes[i]}" "${nodes[i]}" --rate "$background_rate" --seed "$((i + 1))"
    done
}

# shorten_rules: copies the alerting rules with all durations shortened.
shorten_rules() {
    awk -v minute="$minute_seconds" '
        function shorter(span,   seconds) {
            while (match(span, /^[0-9]+/)) {
                seconds += substr(span, 1, RLENGTH) * seconds_of[substr(span, RLENGTH + 1, 1)]
                span = substr(span, RLENGTH + 2)
            }
            return seconds * minute * 1000 / 60 "ms"
        }
        BEGIN { seconds_of["s"] = 1; seconds_of["m"] = 60; seconds_of["h"] = 3600; seconds_of["d"] = 86400 }
        {
            line = ""
            while (match($0, /(\[|:|offset +|for: +|interval: +)([0-9]+[smhd])+/)) {
                before = found = substr($0, RSTART, RLENGTH)
                after = substr($0, RSTART + RLENGTH)
                sub(/([0-9]+[smhd])+$/, "", before)
                line = line substr($0, 1, RSTART - 1) before shorter(substr(found, length(before) + 1))
                $0 = after
            }
            print line $0
        }' "$root/dashboards/rules/denywatch.rules.yaml" >"$work/rules.yaml"
    promtool check rules "$work/rules.yaml" >"$work/promtool" 2>&1 || fail "the alerting rules: $(tail -n 3 "$work/promtool")"
}

# start_processes: starts everything except the traffic.
declare -A agent_port
start_processes() {
    local node webhook_port targets=()
    shorten_rules
    webhook_port=$(free_port) alertmanager_port=$(free_port) prometheus_port=$(free_port)
    run webhook "$JAVA_HOME/bin/java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx32m "$root/scripts/demo-full/Webhook.java" "$webhook_port"
    cat >"$work/alertmanager.yaml" <<END
route: {receiver: webhook, group_by: ['...'], group_wait: 1s, group_interval: 1s}
receivers:
  - name: webhook
    webhook_configs: [{url: 'http://127.0.0.1:$webhook_port/', send_resolved: true}]
END
    run alertmanager "$alertmanager" "--config.file=$work/alertmanager.yaml" "--storage.path=$work/alertmanager" \
        --cluster.listen-address= "--web.listen-address=127.0.0.1:$alertmanager_port"
    cat >"$work/prometheus.yaml" <<END
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [rules.yaml]
alerting: {alertmanagers: [{static_configs: [{targets: ['127.0.0.1:$alertmanager_port']}]}]}
END
    for node in "${nodes[@]}"; do
        : >"$work/$node.syslog"
        agent_port[$node]=$(free_port)
        run "$node" agent "${agent_port[$node]}" "$work/$node.state" "node=$node" source.kind=file "source.path=$work/$node.syslog" \
            loadBalancers.discover=any "loadBalancers.static=$load_balancers" blocklist.mode=dry-run "blocklist.rules=$blocklist_rules"
        targets+=("${agent_port[$node]}" "$node")
    done
    scrape_agents "${targets[@]}" >>"$work/prometheus.yaml"
    run prometheus prometheus "--config.file=$work/prometheus.yaml" "--storage.tsdb.path=$work/prometheus" \
        "--web.listen-address=127.0.0.1:$prometheus_port"
    for node in "${nodes[@]}"; do answers "$node" "${agent_port[$node]}" /readyz; done
    answers alertmanager "$alertmanager_port" /-/ready
    answers prometheus "$prometheus_port" /-/ready
}
