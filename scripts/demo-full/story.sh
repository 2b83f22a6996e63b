# The full demo's story. What it tells was asked from Prometheus, Alertmanager, the webhook and the agents just then.
#
# Each event is a function with a name that says what happens; it fails until it has, and then tells what it saw.
# shellcheck shell=bash disable=SC2154

bold='' plain='' deadline=0
if [ -t 1 ]; then
    bold=$'\e[1m'
    plain=$'\e[0m'
fi

# tell WHO TEXT: with the time, in lines of at most 100 columns.
tell() {
    local time line
    printf -v time '%(%T)T' -1
    fold -s -w 76 <<<"$2" | while read -r line; do
        printf '%8s  %s%-12s%s  %s\n' "$time" "$bold" "$1" "$plain" "$line"
        time=''
        set -- ''
    done
}

# ask EXPRESSION: Prometheus's answer, one series a line: {label="value", ...} => value @[time]
ask() { timeout --foreground 10 promtool query instant "http://127.0.0.1:$prometheus_port" "$1" 2>/dev/null; }

# number_of EXPRESSION: the one value of the answer; fails where there is none.
number_of() { ask "$1" | sed -n 's/.* => \([^ ]*\) @.*/\1/p' | grep -m 1 .; }

# label NAME: of the series, or of the first one with it, on standard input; empty where there is none.
label() {
    sed -n "s/.*[{ ]$1=\"\\([^\"]*\\)\".*/\\1/p" | head -n 1
}

# field NAME: the first text or number of that name in JSON on standard input.
field() { grep -o "\"$1\":\(\"[^\"]*\"\|[0-9.]*\)" | head -n 1 | sed 's/^[^:]*://; s/"//g'; }
is() { awk "BEGIN { exit !($1) }"; } # CONDITION over numbers, as awk knows it

# per_second_by LABELS [MATCHERS]: packets a second over the span of the rules' recorded rates.
per_second_by() {
    printf 'sum by (%s) (rate(denywatch_denied_packets_total{%s}[%ss]))' "$1" "${2-}" "$((5 * minute_seconds))"
}

# happen EVENT...: returns when all have, in whatever order.
later=() # what is to happen after them
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
            tell_state
            missing+=("${later[@]}")
            fail "not within $seconds s:$(printf ' %s,' "${missing[@]//_/ }" | sed 's/,$//')"
        fi
        sleep 0.5
    done
}

# tell_alerts: those whose state has changed since the last time, whatever they are about.
alerts=''
tell_alerts() {
    local now line
    now=$(ask 'ALERTS{alertname=~"Denywatch.*"}') || return 0
    now=$(without_value <<<"$now")
    while read -r line; do
        grep -qxF "$line" <<<"$alerts" ||
            tell Prometheus "alert $(label alertname <<<"$line") is $(label alertstate <<<"$line")$(about "$line")"
    done < <(grep . <<<"$now")
    while read -r line; do
        stateless <<<"$now" | grep -qxF "$(stateless <<<"$line")" ||
            tell Prometheus "alert $(label alertname <<<"$line") is no longer $(label alertstate <<<"$line")$(about "$line")"
    done < <(grep . <<<"$alerts")
    alerts=$now
}

without_value() { sed 's/ => .*//'; }

stateless() {
    sed 's/alertstate="[^"]*"//'
}

about() { # SERIES
    local nlb node
    nlb=$(label nlb <<<"$1") node=$(label node <<<"$1")
    printf '%s%s' "${nlb:+ for $nlb}" "${node:+ on $node}"
}

# tell_state: for those who must find out why something did not happen.
tell_state() {
    local line node
    while read -r line; do
        tell Prometheus "$line"
    done < <(ask "ALERTS or up or $(per_second_by 'node, nlb') > 1")
    for node in "${nodes[@]}"; do tell "$node" "$(tail -n 1 "$work/$node.log") $(tail -n 1 "$work/$node.out")"; done
    tell webhook "$(tail -n 1 "$work/webhook.out" | cut -c 1-500)"
}

# Before -------------------------------------------------------------------------------------------------------------

traffic_is_quiet() {
    local rates nodes_up alerts_now quiet_rate
    nodes_up=$(number_of 'count(up{job="denywatch"} == 1)') && [ "$nodes_up" = ${#nodes[@]} ] || return 1
    rates=$(ask "$(per_second_by node) > 0")
    [ "$(grep -c . <<<"$rates")" = ${#nodes[@]} ] || return 1
    alerts_now=$(number_of 'count(ALERTS) or vector(0)') || return 1
    [ "$alerts_now" = 0 ] || return 1
    quiet_rate=$(number_of "sum($(per_second_by node))") && is "$quiet_rate > $background_rate * ${#nodes[@]} / 2" ||
        return 1
    tell quiet "$(printf 'Prometheus sees %.0f denied packets/s on %s nodes, and no alert' "$quiet_rate" "$nodes_up")"
}

attack_begun=no

# During -------------------------------------------------------------------------------------------------------------

attacked='' attacked_service=''
attack_is_seen() {
    local series rate
    series=$(ask "topk(1, $(per_second_by 'node, nlb, service_namespace, service_name'))")
    rate=$(sed -n 's/.* => \([^ ]*\) @.*/\1/p' <<<"$series")
    is "0$rate > $attack_rate / 2" || return 1
    [ "$(label node <<<"$series")" = "$attacked_node" ] || return 1
    attacked=$(label nlb <<<"$series")
    attacked_service=$(label service_namespace <<<"$series")/$(label service_name <<<"$series")
    tell Prometheus "$(printf 'sees %.0f packets/s at %s (%s) on %s' "$rate" "$attacked" \
        "$attacked_service" "$attacked_node")"
}

source_would_be_blocked() {
    local decision
    decision=$(grep -m 1 '"decision":"blocked","mode":"dry-run"' "$work/$attacked_node.out") || return 1
    tell "$attacked_node" "$(printf 'would block %s until %s. Rule %s: count %s from %s to %s, ports %s' \
        "$(field source <<<"$decision")" "$(clock until <<<"$decision")" "$(field rule <<<"$decision")" \
        "$(field count <<<"$decision")" "$(clock firstSeen <<<"$decision")" "$(clock lastSeen <<<"$decision")" \
        "$(sed 's/.*"ports":\[\([^]]*\)\].*/\1/; s/"//g; s/,/, /g' <<<"$decision")")"
}

# clock FIELD: local time of day of a time in JSON on standard input.
clock() { date -d "$(field "$1")" +%T; }

promotions_are_counted() {
    local count
    count=$(number_of 'sum(denywatch_promotions_total{outcome="dry_run"})') && is "$count > 0" || return 1
    tell Prometheus "denywatch_promotions_total{outcome=\"dry_run\"} is $count"
}

alert=''
alert_fires() {
    local series
    [ -n "$attacked" ] || return 1
    series=$(ask "ALERTS{alertname=~\"Denywatch.*\",alertstate=\"firing\",nlb=\"$attacked\"}" | grep -m 1 .) || return 1
    alert=$(label alertname <<<"$series")
    tell_alerts
}

# The alert among those that Alertmanager holds.
alert_of_Alertmanager() {
    http_get "$alertmanager_port" "/api/v2/alerts?filter=alertname%3D$alert&filter=nlb%3D%22${attacked//:/%3A}%22" |
        grep -F '"fingerprint"'
}

Alertmanager_has_the_alert() {
    [ -n "$alert" ] && alert_of_Alertmanager >/dev/null || return 1
    tell Alertmanager "has $alert"
}

# The last notification about the alert.
notification() { # STATUS
    grep -F "\"status\":\"$1\"" "$work/webhook.out" | grep -F "\"alertname\":\"$alert\"" | grep -F "\"nlb\":\"$attacked\"" |
        tail -n 1 | grep .
}

webhook_receives_the_alert() {
    local received
    [ -n "$alert" ] && received=$(notification firing) || return 1
    grep -qF "($attacked_service)" <<<"$received" || return 1
    tell webhook "received $alert: $(field description <<<"$received")"
}

# After --------------------------------------------------------------------------------------------------------------

alert_is_resolved() {
    local series
    series=$(ask "ALERTS{alertname=\"$alert\",nlb=\"$attacked\"}") && [ -z "$series" ] || return 1
    tell_alerts
}

webhook_is_told_so() {
    notification resolved >/dev/null || return 1
    tell webhook "received that $alert is resolved"
}

Alertmanager_has_it_no_more() {
    http_get "$alertmanager_port" /-/ready >/dev/null && ! alert_of_Alertmanager >/dev/null || return 1
    tell Alertmanager "has $alert no more"
}

bans_are_over() {
    local left expired answered
    left=$(number_of 'sum(denywatch_blocklist_entries)') || return 1
    expired=$(number_of 'sum(denywatch_blocklist_expirations_total)') || return 1
    [ "$left" = 0 ] && is "$expired > 0" || return 1
    # A simulated load balancer answers some clients: their packets were not denied then, and their bans end at once.
    answered=$(grep -c '"because":"never_block".*"reason":"answered' "$work/$attacked_node.out" || true)
    tell "$attacked_node" "would block nobody any more: $expired bans have expired$(
        [ "$answered" = 0 ] || printf ', and %s ended early because the client was answered' "$answered")"
}

every_packet_is_counted() {
    local wrote=0 counted packets each
    for each in "$work"/traffic-*.out; do
        while read -r packets; do
            wrote=$((wrote + packets))
        done < <(grep -o '^{"lines":[0-9]*,"packets":[0-9]*' "$each" | sed 's/.*://')
    done
    counted=$(number_of 'sum(denywatch_denied_packets_total)') && is "$counted == $wrote" || return 1
    tell 'in all' "$(printf '%d packets were written to the logs, and %d were counted' "$wrote" "$counted")"
}

tell_story() {
    local node
    local during=(attack_is_seen source_would_be_blocked promotions_are_counted alert_fires Alertmanager_has_the_alert
        webhook_receives_the_alert)
    local after=(alert_is_resolved webhook_is_told_so Alertmanager_has_it_no_more bans_are_over)
    local last=every_packet_is_counted
    start_background
    later=("${during[@]}" "${after[@]}" "$last")
    happen traffic_is_quiet

    tell attack "begins: a flood of $attack_rate packets/s, in the log of $attacked_node"
    attack_begun=yes
    start_traffic traffic-attack "$attacked_node" --scenario flood --rate "$attack_rate" --sources 500 --seed 6
    later=("${after[@]}" "$last")
    happen "${during[@]}"

    end traffic-attack
    tell attack "ends after $(field packets <"$work/traffic-attack.out") packets; $(
        number_of 'sum(denywatch_blocklist_entries)') sources would be blocked now"
    later=("$last")
    happen "${after[@]}"

    for node in "${nodes[@]}"; do end "traffic-$node"; done
    later=()
    happen "$last"
}

# Where it can be looked at, and what differs from real use.
introduce() {
    local node row='  %-14s %shttp://127.0.0.1:%s%s%s\n'
    printf '\nTwo agents, Prometheus and Alertmanager on 127.0.0.1. The traffic is simulated; nobody is blocked.\n\n'
    for node in "${nodes[@]}"; do
        # shellcheck disable=SC2059 # the same columns for all
        printf "$row" "$node" "$bold" "${agent_port[$node]}" / "$plain"
    done
    # shellcheck disable=SC2059
    printf "$row" Prometheus "$bold" "$prometheus_port" /alerts "$plain" \
        Alertmanager "$bold" "$alertmanager_port" / "$plain"
    printf '\nIn the alerting rules, dashboards/rules/denywatch.rules.yaml, each minute is %s s here, and a ban\n' "$minute_seconds"
    printf 'lasts one minute, not one hour: so all happens within two minutes. '
    if [ "$seconds" = 0 ]; then printf 'Ctrl-C stops.\n\n'; else printf 'Stops after %s s at most.\n\n' "$seconds"; fi
}

full_demo() {
    printf 'starting\n'
    start_processes
    introduce
    [ "$seconds" = 0 ] || deadline=$((SECONDS + seconds))
    tell_story
    if [ "$seconds" = 0 ]; then
        start_background
        tell quiet 'All of it has happened. Background traffic goes on, to look at, until Ctrl-C.'
        while :; do
            check_processes
            tell_alerts
            sleep 1
        done
    fi
}
