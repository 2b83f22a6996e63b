# The full demo's story. Everything that it prints was just read from Prometheus, Alertmanager, the webhook or the
# agents.
#
# Each event is a function named after what happens. It fails until the event has happened, and then prints what it saw.

# tell WHO TEXT: prints the text with the time, in lines of at most 100 columns.
tell() {
    local time line
    printf -v time '%(%T)T' -1
    fold -s -w 76 <<<"$2" | while read -r line; do
        printf '%8s  %s%-12s%s  %s\n' "$time" "$bold" "$1" "$plain" "$line"
        time=''
        set -- ''
    done
}

# ask EXPRESSION [JQ]: sends a query to Prometheus and applies jq to the labels and .value of each series; fails without
# any.
ask() {
    curl -sf --max-time 10 --data-urlencode "query=$1" "http://127.0.0.1:$prometheus_port/api/v1/query" |
        jq -r ".data.result[] | .metric + {value: (.value[1] | tonumber)} | ${2-.value}" | grep .
}

is() { awk "BEGIN { exit !($1) }"; } # CONDITION over numbers, as awk knows it
clock() { date -d "$1" +%T; }        # local time of day of an ISO time

# per_second_by LABELS: packets a second over the span of the rules' recorded rates.
per_second_by() { printf 'sum by (%s) (rate(denywatch_denied_packets_total[%ss]))' "$1" "$((5 * minute_seconds))"; }

# happen EVENT...: returns when all have happened, in any order.
later=() deadline=0 # the events that come after them, and their deadline
happen() {
    local event missing
    while :; do
        missing=()
        for event in "$@"; do "$event" || missing+=("$event"); done
        [ ${#missing[@]} -gt 0 ] || return 0
        check_processes
        [ "$attack_begun" = no ] || tell_alerts
        set -- "${missing[@]}"
        if [ "$deadline" != 0 ] && [ "$SECONDS" -ge "$deadline" ]; then
            tell Prometheus "$(ask "ALERTS or up or $(per_second_by 'node, nlb') > 1" 'tojson')"
            for event in "${nodes[@]}" webhook; do tell "$event" "$(cat "$work/$event".{log,out} | tail -n 2 | cut -c 1-500)"; done
            missing+=("${later[@]}")
            fail "not within $seconds s:$(printf ' %s,' "${missing[@]//_/ }" | sed 's/,$//')"
        fi
        sleep 0.5
    done
}

# tell_alerts: prints the alerts whose state has changed since the last call.
: >"$work/alerts"
tell_alerts() {
    ask 'ALERTS{alertname=~"Denywatch.*"} or on() vector(0)' 'select(.alertname) | "\(.alertname)\(if .nlb then " for " + .nlb else "" end
        )\(if .node then " on " + .node else "" end) is \(.alertstate)"' | sort >"$work/alerts.new" || true
    comm -13 "$work/alerts" "$work/alerts.new" | while read -r line; do tell Prometheus "alert $line"; done
    comm -23 <(sed 's/ is [a-z]*$//' "$work/alerts") <(sed 's/ is [a-z]*$//' "$work/alerts.new") |
        while read -r line; do tell Prometheus "alert $line is over"; done
    mv "$work/alerts.new" "$work/alerts"
}

attack_begun=no
traffic_is_quiet() {
    local rate
    [ "$(ask "count($(per_second_by node) > 0)")" = ${#nodes[@]} ] && [ "$(ask 'count(ALERTS) or vector(0)')" = 0 ] || return 1
    rate=$(ask "sum($(per_second_by node))") && is "$rate > $background_rate * ${#nodes[@]} / 2" || return 1
    tell quiet "$(printf 'Prometheus sees %.0f denied packets/s on %s nodes, and no alert' "$rate" ${#nodes[@]})"
}

# During -------------------------------------------------------------------------------------------------------------

attacked='' attacked_service=''
attack_is_seen() {
    local rate node nlb service
    IFS=$'\t' read -r rate node nlb service < <(ask "topk(1, $(per_second_by 'node, nlb, service_namespace, service_name'))" \
        '[.value, .node, .nlb, .service_namespace + "/" + .service_name] | @tsv') || return 1
    [ "$node" = "$attacked_node" ] && is "$rate > $attack_rate / 2" || return 1
    attacked=$nlb attacked_service=$service
    tell Prometheus "$(printf 'sees %.0f packets/s at %s (%s) on %s' "$rate" "$attacked" "$attacked_service" "$node")"
}

source_would_be_blocked() {
    local decision source until rule count first last ports
    decision=$(grep -m 1 '"decision":"blocked","mode":"dry-run"' "$work/$attacked_node.out") || return 1
    IFS=$'\t' read -r source until rule count first last ports < <(jq -r '[.source, .until, .rule] +
        (.evidence | [.count, .firstSeen, .lastSeen, (.ports | join(", "))]) | @tsv' <<<"$decision")
    tell "$attacked_node" "would block $source until $(clock "$until"). Rule $rule: count $count from $(clock "$first") to $(
        clock "$last"), ports $ports"
}

promotions_are_counted() {
    local count
    count=$(ask 'sum(denywatch_promotions_total{outcome="dry_run"})') && is "$count > 0" || return 1
    tell Prometheus "denywatch_promotions_total{outcome=\"dry_run\"} is $count"
}

alert=''
alert_fires() {
    [ -n "$attacked" ] && alert=$(ask "topk(1, ALERTS{alertname=~\"Denywatch.*\",alertstate=\"firing\",nlb=\"$attacked\"})" .alertname) || return 1
    tell_alerts
}

# alerts_held: how many instances of the alert Alertmanager has.
alerts_held() {
    curl -sfG --data-urlencode "filter=alertname=$alert" --data-urlencode "filter=nlb=\"$attacked\"" \
        "http://127.0.0.1:$alertmanager_port/api/v2/alerts" | jq length
}

Alertmanager_has_the_alert() {
    [ -n "$alert" ] && [ "$(alerts_held)" -gt 0 ] || return 1
    tell Alertmanager "has $alert"
}

# notified STATUS: the description in the last notification of the alert.
notified() {
    jq -r --arg status "$1" --arg alert "$alert" --arg nlb "$attacked" '.alerts[] | select(.status == $status and
        .labels.alertname == $alert and .labels.nlb == $nlb).annotations.description' "$work/webhook.out" | tail -n 1 | grep .
}

webhook_receives_the_alert() {
    local description
    [ -n "$alert" ] && description=$(notified firing) && [[ "$description" = *"($attacked_service)"* ]] || return 1
    tell webhook "received $alert: $description"
}

# After --------------------------------------------------------------------------------------------------------------

alert_is_resolved() {
    [ "$(ask "count(ALERTS{alertname=\"$alert\",nlb=\"$attacked\"}) or vector(0)")" = 0 ] || return 1
    tell_alerts
}

webhook_is_told_so() {
    notified resolved >/dev/null || return 1
    tell webhook "received that $alert is resolved"
}

Alertmanager_has_it_no_more() {
    [ "$(alerts_held)" = 0 ] || return 1
    tell Alertmanager "has $alert no more"
}

blocks_are_over() {
    local expired answered
    [ "$(ask 'sum(denywatch_blocklist_entries)')" = 0 ] || return 1
    expired=$(ask 'sum(denywatch_blocklist_expirations_total)') && is "$expired > 0" || return 1
    # A simulated load balancer answers some clients: their packets were not denied then, and their blocks end at once.
    answered=$(grep -c '"because":"never_block".*"reason":"answered' "$work/$attacked_node.out" || true)
    tell "$attacked_node" "would block no source any more: $expired blocks expired, $answered ended early because the source was answered"
}

every_packet_is_counted() {
    local wrote
    wrote=$(jq -s 'map(.packets) | add' "$work"/traffic-*.out)
    [ "$(ask 'sum(denywatch_denied_packets_total)')" = "$wrote" ] || return 1
    tell 'in all' "$wrote packets were written to the logs, and as many were counted"
}

tell_story() {
    local node last=every_packet_is_counted
    local during=(attack_is_seen source_would_be_blocked promotions_are_counted alert_fires Alertmanager_has_the_alert
        webhook_receives_the_alert)
    local after=(alert_is_resolved webhook_is_told_so Alertmanager_has_it_no_more blocks_are_over)
    start_background
    later=("${during[@]}" "${after[@]}" "$last")
    happen traffic_is_quiet

    tell attack "begins: a flood of $attack_rate packets/s, in the log of $attacked_node"
    attack_begun=yes
    start_traffic traffic-attack "$attacked_node" --scenario flood --rate "$attack_rate" --sources 500 --seed 6
    later=("${after[@]}" "$last")
    happen "${during[@]}"

    end traffic-attack
    tell attack "ends after $(jq .packets "$work/traffic-attack.out") packets; $(
        ask 'sum(denywatch_blocklist_entries)') sources would be blocked now"
    later=("$last")
    happen "${after[@]}"

    for node in "${nodes[@]}"; do end "traffic-$node"; done
    later=()
    happen "$last"
}

# introduce: prints the addresses to look at, and what differs from real use.
introduce() {
    local node
    printf '\nTwo agents, Prometheus and Alertmanager on 127.0.0.1. The traffic is simulated; no source is blocked.\n\n'
    for node in "${nodes[@]}"; do url "$node" "${agent_port[$node]}" /; done
    url Prometheus "$prometheus_port" /alerts
    url Alertmanager "$alertmanager_port" /
    printf '\nIn the alerting rules, dashboards/rules/denywatch.rules.yaml, each minute is %s s here, and a block\n' "$minute_seconds"
    printf 'lasts one minute, not one hour: so all happens within two minutes. '
    if [ "$seconds" = 0 ]; then printf 'Ctrl-C stops.\n\n'; else printf 'Stops after %s s at most.\n\n' "$seconds"; fi
}

url() { printf '  %-14s %shttp://127.0.0.1:%s%s%s\n' "$1" "$bold" "$2" "$3" "$plain"; } # NAME PORT PATH

full_demo() {
    printf 'starting\n'
    start_processes
    introduce
    [ "$seconds" = 0 ] || deadline=$((SECONDS + seconds))
    tell_story
    [ "$seconds" = 0 ] || return 0
    start_background
    tell quiet 'All of it has happened. Background traffic goes on, to look at, until Ctrl-C.'
    while sleep 1; do
        check_processes
        tell_alerts
    done
}
