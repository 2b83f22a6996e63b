# What many agents cost one Prometheus: series, memory, and how long scrapes, rules and the queries of the dashboards take.

command -v prometheus >/dev/null || skip_case 'prometheus is not installed'
agents=$(pick 300 30) nlbs=64 sources=25 minutes=$(pick 6 1)
log=$run/syslog

# The page of a real agent, with all the sources that it shows.
make_lines $((nlbs * sources)) "$nlbs" "$sources" 100 >"$log"
start_agent "$log" "loadBalancers.static=[$(for ((i = 1; i <= nlbs; i++)); do
    printf '%s{address: 198.18.0.%s, namespace: shop, service: service-%s, ports: [tcp/80, tcp/443]}' "${comma-}" "$i" "$i"
    comma=', '
done)]"
ready
sleep 2
page /metrics
stop "$agent"

agents_port=$(free_port)
"$JAVA_HOME/bin/java" -Xmx512m "$root/scripts/bench.d/SimulatedAgents.java" "$run/page" "$agents_port" >"$run/agents.out" 2>&1 &
wait_until 30 http_get "$agents_port" /0/metrics || give_up "the simulated agents do not answer: $(tail -n 1 "$run/agents.out")"
jq -n --argjson agents "$agents" --arg target "127.0.0.1:$agents_port" '[range($agents) | {targets: [$target],
    labels: {__metrics_path__: "/\(.)/metrics", instance: "agent-\(.):9464", node: "node-\(.)", pod: "denywatch-\(.)",
    namespace: "denywatch", container: "denywatch", endpoint: "metrics"}}]' >"$run/targets.json"
prometheus_port=$(free_port)
cat >"$run/prometheus.yml" <<END
global: {scrape_interval: 30s, evaluation_interval: 30s}
rule_files: [$root/dashboards/rules/denywatch.rules.yaml]
scrape_configs:
  - job_name: denywatch
    honor_labels: true
    file_sd_configs: [{files: [$run/targets.json]}]
  - job_name: prometheus
    static_configs: [{targets: ['127.0.0.1:$prometheus_port']}]
END
prometheus --config.file="$run/prometheus.yml" --storage.tsdb.path="$run/tsdb" \
    --web.listen-address="127.0.0.1:$prometheus_port" >"$run/prometheus.out" 2>&1 &
agent=$! # its memory is measured
api=http://127.0.0.1:$prometheus_port/api/v1

# instant QUERY: the first value of its result.
instant() { curl -sf --data-urlencode "query=$1" "$api/query" | jq -r '.data.result[0].value[1] // "none"'; }

wait_until 60 instant up || give_up "prometheus does not start: $(tail -n 1 "$run/prometheus.out")"
for ((minute = 1; minute <= minutes; minute++)); do
    sleep 60
    sample "$minute" "$(instant prometheus_tsdb_head_series)" "$(resident VmRSS)" \
        "$(instant 'max(scrape_duration_seconds{job="denywatch"})')" \
        "$(instant 'sum(prometheus_rule_group_last_duration_seconds)')" \
        "$(instant 'rate(process_cpu_seconds_total{job="prometheus"}[2m])')"
done
table "$agents agents of $nlbs load balancers, $(grep -vc '^#' "$run/page") series each" \
    minute series 'VmRSS MiB' 'longest scrape s' 'all rules s' cores

# took QUERY: how many seconds the query takes, over the last hour in 240 steps.
took() {
    curl -s --max-time 60 -o "$run/answer" -w '%{time_total}' --data-urlencode "query=$1" -d "start=$((EPOCHSECONDS - 3600))" \
        -d "end=$EPOCHSECONDS" -d step=15 "$api/query_range"
    jq -e '.status == "success"' "$run/answer" >/dev/null || give_up "Prometheus refuses $1"
}

# Variables are replaced as Grafana does, with their widest values.
jq -r '.. | objects | .expr? | strings | gsub("\n"; " ")' "$root"/dashboards/*.json | sort -u |
    sed -E 's/\$\{?__(rate_)?interval\}?/5m/g; s/\$\{?__range\}?/1h/g; s/\$\{?[a-z_]+(:[a-z]+)?\}?/.*/g' >"$run/queries"
while IFS= read -r query; do printf '%s\t%s\n' "$(took "$query")" "$query"; done <"$run/queries" | sort -rn >"$run/times"
while IFS=$'\t' read -r seconds query; do sample "\`${query//|/\\|}\`" "$seconds"; done < <(head -n 8 "$run/times")
table "the slowest of $(wc -l <"$run/times") queries of the dashboards, an hour in 240 steps" query s
printf '\nHalf of them take %s s at most.\n' "$(cut -f1 "$run/times" | sed -n "$((($(wc -l <"$run/times") + 1) / 2))p")"
