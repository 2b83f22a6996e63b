# What the full demo runs: two agents and the traffic in their logs, Prometheus, Alertmanager and a webhook that takes
# its notifications. All listen on 127.0.0.1 alone and keep everything in $work.
# shellcheck shell=bash disable=SC2034,SC2154,SC2317

nodes=(node-a node-b)
attacked_node=${nodes[1]}
# Denied packets a second: what each node always has, and what comes on top.
background_rate=5
attack_rate=500
# How long a minute of the alerting rules is here, in seconds.
minute_seconds=2
# The agent's own rules, but for bans, which are as short as they may be.
bans='for: 1m, maxBan: 1m'
blocklist_rules="[{name: noisy, packets: 300 within 1m, $bans}, {name: port-scan, distinctPorts: 20 within 1m, $bans}]"
load_balancers='[{address: 203.0.113.10, namespace: shop, service: frontend, ports: [tcp/80, tcp/443]},
    {address: 203.0.113.11, namespace: shop, service: api, ports: [tcp/443]},
    {address: 203.0.113.12, namespace: mail, service: smtp, ports: [tcp/25, tcp/465]}]'
shipped_rules=$root/dashboards/rules/denywatch.rules.yaml

# find_tools: names of what must be installed beside a JDK.
find_tools() {
    local name
    for name in prometheus promtool; do
        command -v "$name" >/dev/null || fail "$name is not on PATH: install Debian's package prometheus"
    done
    for name in prometheus-alertmanager alertmanager; do
        if command -v "$name" >/dev/null; then
            alertmanager=$name
            return
        fi
    done
    fail "neither prometheus-alertmanager nor alertmanager is on PATH: install Debian's package prometheus-alertmanager"
}

# run NAME COMMAND...: in the background; what it prints goes to $work/NAME.out, what it complains about to $work/NAME.log.
declare -A process
run() {
    "${@:2}" >>"$work/$1.out" 2>>"$work/$1.log" &
    process[$1]=$!
}

runs() { kill -0 "${process[$1]}" 2>/dev/null; } # NAME

# check_processes: fails if one of them ended.
check_processes() {
    local name
    for name in "${!process[@]}"; do
        runs "$name" || fail "$name stopped: $(cat "$work/$name".{log,out} | tail -n 3)"
    done
}

# end NAME: returns when it is gone.
end() {
    stop "${process[$1]}"
    unset "process[$1]"
}

start_agent() { # NODE
    : >"$work/$1.syslog"
    run "$1" "$denywatch" agent --set "node=$1" --set source.kind=file --set "source.path=$work/$1.syslog" \
        --set loadBalancers.discover=any --set "loadBalancers.static=$load_balancers" --set http.listen=127.0.0.1:0 \
        --set blocklist.mode=dry-run --set "blocklist.rules=$blocklist_rules" --set "checkpoint.directory=$work/$1.state"
}

# start_traffic NAME NODE OPTION...: what it wrote, counted where it was made, is in $work/NAME.out after its end.
start_traffic() { run "$1" "$denywatch" simulate --output "$work/$2.syslog" "${@:3}"; }

start_background() {
    local i
    for i in "${!nodes[@]}"; do
        start_traffic "traffic-${nodes[i]}" "${nodes[i]}" --rate "$background_rate" --seed "$((i + 1))"
    done
}

# Ports --------------------------------------------------------------------------------------------------------------

# port_said NAME PATTERN: the port that a process says it has taken, when it has; the pattern's group is the number.
port_said() {
    local port
    if ! wait_until 30 says_port "$@"; then
        check_processes
        fail "$1 does not say where it listens"
    fi
    port=$(says_port "$@")
    printf '%s\n' "$port"
}

says_port() { sed -n "s|.*$2.*|\\1|p" "$work/$1.out" "$work/$1.log" | grep .; }

# start_on_free_port NAME PATH TEXT COMMAND...: sets port. It is up when what it answers under the path holds the text,
# which nobody else's does; another may have taken the port meanwhile, so it is tried again.
start_on_free_port() {
    local try
    for try in 1 2 3; do
        port=$(free_port)
        run "$1" "${@:4}" "--web.listen-address=127.0.0.1:$port"
        wait_until 30 is_up_or_gone "$1" "$port" "$2" "$3" || fail "$1 does not answer: $(tail -n 3 "$work/$1.log")"
        if runs "$1"; then return; fi
    done
    fail "$1 does not start, tried $try times: $(tail -n 3 "$work/$1.log")"
}

is_up_or_gone() { ! runs "$1" || http_get "$2" "$3" | grep -qF "$4"; } # NAME PORT PATH TEXT

# Configurations -----------------------------------------------------------------------------------------------------

# shorten_rules: a copy of the alerting rules in which all spans of time are shorter.
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
        }' "$shipped_rules" >"$work/rules.yaml"
    promtool check rules "$work/rules.yaml" >"$work/promtool" 2>&1 || fail "$shipped_rules: $(tail -n 3 "$work/promtool")"
}

configure_alertmanager() { # WEBHOOK_PORT
    cat >"$work/alertmanager.yaml" <<END
route: {receiver: webhook, group_by: ['...'], group_wait: 1s, group_interval: 1s}
receivers:
  - name: webhook
    webhook_configs: [{url: 'http://127.0.0.1:$1/', send_resolved: true}]
END
}

configure_prometheus() { # ALERTMANAGER_PORT
    local node
    cat >"$work/prometheus.yaml" <<END
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [rules.yaml]
alerting: {alertmanagers: [{static_configs: [{targets: ['127.0.0.1:$1']}]}]}
scrape_configs:
  - job_name: denywatch
    honor_labels: true
    static_configs:
END
    for node in "${nodes[@]}"; do
        printf "      - {targets: ['127.0.0.1:%s'], labels: {cluster: demo, node: %s, %s}}\n" \
            "${agent_port[$node]}" "$node" "$(operator_labels "denywatch-$node")"
    done >>"$work/prometheus.yaml"
}

# start_processes: all of them, but for the traffic.
declare -A agent_port
start_processes() {
    local node webhook_port
    shorten_rules
    run webhook "$JAVA_HOME/bin/java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -Xmx32m \
        "$root/scripts/demo-full/Webhook.java"
    for node in "${nodes[@]}"; do start_agent "$node"; done
    webhook_port=$(port_said webhook 'port \([0-9]*\)')
    configure_alertmanager "$webhook_port"
    start_on_free_port alertmanager /api/v2/status "127.0.0.1:$webhook_port" "$alertmanager" \
        "--config.file=$work/alertmanager.yaml" "--storage.path=$work/alertmanager" --cluster.listen-address=
    alertmanager_port=$port
    for node in "${nodes[@]}"; do
        agent_port[$node]=$(port_said "$node" 'listening on http://127.0.0.1:\([0-9]*\)')
        wait_until 30 http_get "${agent_port[$node]}" /readyz || fail "$node is not ready: $(tail -n 3 "$work/$node.log")"
    done
    configure_prometheus "$alertmanager_port"
    start_on_free_port prometheus /api/v1/status/config "127.0.0.1:$alertmanager_port" prometheus \
        "--config.file=$work/prometheus.yaml" "--storage.tsdb.path=$work/prometheus"
    prometheus_port=$port
}
