# A Prometheus that scrapes the agents every two seconds, with the shipped rules.

start_prometheus() {
    local port place=$work/prometheus
    port=$(free_port)
    prometheus=http://127.0.0.1:$port
    mkdir "$place"
    # Windows and waits of minutes and hours are shortened to seconds, because the suite runs only for minutes.
    sed -E 's/\[([0-9]+)[mh]\]/[30s]/g; s/^( *for:) .*/\1 5s/' "$root/dashboards/rules/denywatch.rules.yaml" >"$place/denywatch.rules.yaml"
    {
        printf 'global: {scrape_interval: 2s, evaluation_interval: 2s}\nrule_files: [denywatch.rules.yaml]\n'
        scrape_agents "${ports[0]}" worker-1 "${ports[1]}" worker-2 "${ports[2]}" worker-3
    } >"$place/prometheus.yml"
    yesterday >"$place/yesterday"
    promtool tsdb create-blocks-from openmetrics "$place/yesterday" "$place/tsdb" >"$place/promtool" 2>&1 ||
        fail "yesterday could not be made up: $(tail -n 1 "$place/promtool")"
    prometheus "--config.file=$place/prometheus.yml" "--storage.tsdb.path=$place/tsdb" "--web.listen-address=127.0.0.1:$port" \
        >"$place/prometheus.out" 2>&1 &
    wait_until 30 http_get "$port" /-/ready || fail "prometheus does not start: $(tail -n 3 "$place/prometheus.out")"
}

# services_are_named: whether recorded series and an alert's text have the Services' own names, not those of the target.
services_are_named() {
    local name
    name=$(awk -v address="$attacked" '$1 == address { print $2 }' <<<"$services")
    curl -sfG --data-urlencode "query=nlb:denywatch_denied_packets:rate5m{nlb=\"$attacked\"}" "$prometheus/api/v1/query" |
        jq -e --arg name "$name" '[.data.result[].metric | {service_namespace, service_name, namespace, service}] |
            index({service_namespace: "shop", service_name: $name, namespace: null, service: null}) != null' >/dev/null &&
        curl -sf "$prometheus/api/v1/alerts" |
        jq -e --arg where "At $attacked (shop/$name) " 'any(.data.alerts[]; .labels.alertname == "DenywatchDeniedPacketsSurge"
            and .state == "firing" and (.annotations.description | startswith($where)))' >/dev/null &&
        curl -sf "$prometheus/api/v1/labels" | jq -e 'all(.data[]; startswith("exported_") | not)' >/dev/null
}

# yesterday: invents a little noise at each load balancer a day ago, with which panels and rules compare.
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
