# Agents, their logs, and watches of the API.

# Agents -------------------------------------------------------------------------------------------------------------

# run_agent NUMBER KUBECONFIG ARGUMENT...: runs an agent with the log, port and checkpoints of worker-NUMBER.
run_agent() {
    local place=$run/worker-$1
    mkdir -p "$place/state"
    touch "$place/syslog"
    [ -n "${ports[$1]-}" ] || ports[$1]=$(free_port)
    KUBECONFIG=$2 NODE_NAME=worker-$1 "$denywatch" "${@:3}" --set "source.path=$place/syslog" \
        --set "http.listen=127.0.0.1:${ports[$1]}" --set "checkpoint.directory=$place/state" >>"$place/agent.out" 2>&1 &
    agents[$1]=$!
}

# start_agent NUMBER: starts the agent of worker-NUMBER, as the DaemonSet would.
start_agent() {
    local setting settings=()
    for setting in source.kind=file source.startAt=beginning loadBalancers.discover=kubernetes blocklist.mode=enforce \
        "blocklist.rules=[{name: noisy, $rule, $lasting}]" "${agent_settings[@]}"; do
        settings+=(--set "$setting")
    done
    [ "$api" = projectcalico.org/v3 ] || settings+=(--set "blocklist.api=$api")
    run_agent "$1" "$cluster/agent-worker-$1.kubeconfig" agent "${settings[@]}"
}

# start_agents [NUMBER...]: starts the agents of these nodes, or of all; returns when they serve metrics and have their
# sets.
start_agents() {
    local node
    [ $# -gt 0 ] || set -- "${nodes[@]}"
    for node; do start_agent "$node"; done
    for node; do
        wait_until 30 serves_or_is_gone "$node" || true
        page "$node" || give_up "the agent of worker-$node serves no metrics"
        wait_until 30 set_is_there "$node" || give_up "the agent of worker-$node makes no set"
    done
}

serves_or_is_gone() { page "$1" || ! kill -0 "${agents[$1]}"; } # NUMBER
set_is_there() { [ -n "$(version_of "$(set_of "$1")")" ]; } # NODE_NUMBER

kill_agent() { # NUMBER
    kill -KILL "${agents[$1]}"
    wait "${agents[$1]}" 2>/dev/null || true
}

# stop_agent NUMBER: as Kubernetes does.
stop_agent() { stop "${agents[$1]}"; }

# agents_live: adds a problem for each agent that ended by itself.
agents_live() {
    local node
    for node in "${!agents[@]}"; do
        [ -z "${agents[$node]}" ] || kill -0 "${agents[$node]}" 2>/dev/null || problems+=("the agent of worker-$node is gone")
    done
}

page() { http_get "${ports[$1]}" /metrics >"$run/page-$1.new" && mv "$run/page-$1.new" "$run/page-$1"; } # NUMBER

pages() {
    local node
    for node in "${!ports[@]}"; do page "$node" || true; done
}

# metric NUMBER NAME [TEXT...]: its current value, see metric_in.
metric() { page "$1" && metric_in "$run/page-$1" "${@:2}"; }
metric_reaches() { [ "$(metric "$1" "${@:3}")" -ge "$2" ]; } # NUMBER LEAST NAME [TEXT...]

# total NAME [TEXT...]: the sum over the last pages of all agents; an empty line if a page is missing.
total() {
    local file sum=''
    for file in "$run"/page-?; do [ ! -s "$file" ] || sum=$((${sum:-0} + $(metric_in "$file" "$@"))); done
    printf '%s\n' "$sum"
}

resident_kib() { awk '/^VmRSS:/ { print $2 }' "/proc/${agents[$1]}/status"; } # NUMBER

# Lines --------------------------------------------------------------------------------------------------------------

# packets NUMBER SOURCE COUNT [DESTINATION] [PORT]: logs denied packets on that node now, and sets $written to the time
# in Unix microseconds.
packets() {
    packet_lines "$2" 1 "$3" "${4-203.0.113.1}" "${5-22}" >"$run/lines"
    written=${EPOCHREALTIME/./}
    cat "$run/lines" >>"$run/worker-$1/syslog"
}

# reach_threshold NUMBER SOURCE: logs exactly as many packets as the rule's threshold.
reach_threshold() { packets "$1" "$2" 20; }
service_counted() { metric_reaches 1 "$2" denywatch_denied_packets_total "service_name=\"$1\""; } # NAME LEAST

# flood NUMBER FIRST_SOURCE SOURCES EACH: logs packets of many sources at once.
flood() {
    packet_lines "$2" "$3" "$4" 203.0.113.1 22 >"$run/lines"
    cat "$run/lines" >>"$run/worker-$1/syslog"
}

# block NUMBER SOURCE: lets the source reach the threshold, and waits until it is in the node's set.
block() {
    reach_threshold "$1" "$2"
    soon 10 "$2 is not blocked" has_net "$(set_of "$1")" "$2/32"
}

# What a client of the API sees -------------------------------------------------------------------------------------

# watch_sets: writes each change of a set's nets to $run/changes as it is seen.
watch_sets() {
    local from
    from=$(kube_api GET "$sets" | jq -r .metadata.resourceVersion)
    "$root/scripts/cluster/watch-sets" "https://127.0.0.1:$api_port$sets?watch=1&resourceVersion=$from" \
        "$cluster/certs/apiserver.crt" token-admin "$run/changes" &
    wait_until 10 test -e "$run/changes"
}

# percentile PERCENT FILE: of the numbers in the file, one a line.
percentile() {
    sort -n "$2" | awk -v percent="$1" '{ value[NR] = $1 } END { print value[int((NR - 1) * percent / 100 + 0.5) + 1] }'
}
