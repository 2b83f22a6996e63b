# A Prometheus that looks at the agents every two seconds, with the shipped rules.
# shellcheck shell=bash disable=SC2034,SC2154

start_prometheus() {
    local port place=$work/prometheus node
    port=$(free_port)
    prometheus=http://127.0.0.1:$port
    mkdir "$place"
    # Windows and waits of minutes and hours become ones of half a minute and seconds: a demo has no more.
    sed -E 's/\[([0-9]+)[mh]\]/[30s]/g; s/^( *for:) .*/\1 5s/' "$root/dashboards/rules/denywatch.rules.yaml" >"$place/denywatch.rules.yaml"
    {
        printf 'global: {scrape_interval: 2s, evaluation_interval: 2s}\n'
        printf 'rule_files: [%s]\n' denywatch.rules.yaml
        printf 'scrape_configs:\n- job_name: denywatch\n  static_configs:\n'
        for node in "${nodes[@]}"; do
            printf '  - {targets: ["127.0.0.1:%s"], labels: {cluster: demo, node: worker-%s, pod: denywatch-%s}}\n' \
                "${ports[node - 1]}" "$node" "$node"
        done
    } >"$place/prometheus.yml"
    yesterday >"$place/yesterday"
    promtool tsdb create-blocks-from openmetrics "$place/yesterday" "$place/tsdb" >"$place/promtool" 2>&1 ||
        fail "yesterday could not be made up: $(tail -n 1 "$place/promtool")"
    prometheus "--config.file=$place/prometheus.yml" "--storage.tsdb.path=$place/tsdb" "--web.listen-address=127.0.0.1:$port" \
        >"$place/prometheus.out" 2>&1 &
    children+=("$!")
    wait_until 30 http_get "$port" /-/ready || fail "prometheus does not start: $(tail -n 3 "$place/prometheus.out")"
}

# yesterday: the same hour of the day before, for what is compared with it: a little noise at each load balancer.
yesterday() {
    printf '# TYPE nlb:denywatch_live_packets:rate5m gauge\n'
    local address
    while read -r address _ _; do
        awk -v address="$address" -v now="$EPOCHSECONDS" -v n="$((${address##*.} - 9))" 'BEGIN {
            srand(n)
            for (at = now - 86400 - 600; at < now - 86400 + 7200; at += 30)
                printf "nlb:denywatch_live_packets:rate5m{cluster=\"demo\",nlb=\"%s\"} %.2f %d\n", address, 9 / n * (0.8 + 0.4 * rand()), at
        }'
    done <<<"$services"
    printf '# EOF\n'
}
