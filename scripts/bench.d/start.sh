# From the start of the process to the first answer of /metrics, and processor time until then.

log=$run/syslog
make_lines 1000 8 100 50 >"$log"
if cluster_reason=$(lacks_tools KUBEBUILDER_ASSETS "${cluster_tools[@]}"); then
    absent 'with a cluster' "$cluster_reason"
else
    new_cluster
    make_services 10
fi

# first_answer ROW
first_answer() {
    until http_get "$port" /metrics >/dev/null; do
        kill -0 "$agent" 2>/dev/null || give_up "the agent stopped: $(tail -n 1 "$run/agent.out")"
        sleep 0.002
    done
    sample "$1" "$(elapsed "$begin")" "$(calculate "$(cpu_millis) / 1000")" "$(resident VmRSS)"
    stop "$agent"
}

for ((i = 1; i <= $(pick 10 3); i++)); do
    begin=${EPOCHREALTIME/./}
    start_agent "$log"
    first_answer 'without a cluster'
    if [ -n "${cluster_kind-}" ]; then
        begin=${EPOCHREALTIME/./}
        start_cluster_agent off
        first_answer 'with a cluster'
    fi
done
table 'start to the first answer' how 's' 'CPU s' 'VmRSS MiB'
measured start "$(median 'without a cluster')"
[ -z "${cluster_kind-}" ] || measured cluster-start "$(median 'with a cluster')"
