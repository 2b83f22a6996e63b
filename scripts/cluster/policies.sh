# What Calico's policies mean for blocking, and what `denywatch blocklist explain` says about it.

# policy NAME ORDER RULES_JSON: creates a pre-DNAT policy for the host endpoint of worker-1.
policy() {
    jq -nc --arg group "$group" --arg name "$1" --argjson order "$2" --argjson rules "$3" '{apiVersion: $group,
        kind: "GlobalNetworkPolicy", metadata: {name: $name}, spec: {order: $order, selector: "has(kubernetes.io/hostname)",
        applyOnForward: true, preDNAT: true, types: ["Ingress"], ingress: $rules}}' | recreate "/apis/$group/globalnetworkpolicies"
}

# deny_the_blocklist: creates the policy that enforces stored entries.
deny_the_blocklist() {
    policy blocklist 200 '[{"action": "Deny", "source": {"selector": "denywatch.io/blocklist == '"'true'"'", "namespaceSelector": "global()"}}]'
}

agent_says() { grep -qF -- "$2" "$run/worker-$1/agent.out"; }          # NUMBER TEXT
answers() { http_get "${ports[$1]}" "$2" | jq -e "$3" >/dev/null; } # NUMBER PATH JQ_CONDITION
explain() { blocklist explain "$1" --agent "http://127.0.0.1:${ports[1]}" --log "$run/worker-1/syslog"; } # SOURCE
packet_lines_shown() { grep -F ' kernel: ' "$run/cli" || true; }

# explained SOURCE TEXT...: whether explain prints all of these texts, ignoring line breaks.
explained() {
    local text
    explain "$1" || problems+=("explain fails: $(cat "$run/cli")")
    for text in "${@:2}"; do
        tr -s ' \n' ' ' <"$run/cli" | grep -qF -- "$text" || problems+=("explain does not say '$text'")
    done
}

decided() { # DECISION SOURCE
    answers 1 "/api/v1/blocklist?source=$2" "any(.decisions[]; .decision == \"$1\")"
}

new_case 65 fast 'explained from the first packet to the end of the block' 'on one screen, with lines as they are in the log'
explained_from_the_first_packet_to_the_end_of_the_block() {
    local source=198.51.100.1 line rule='packets: 20 within 1m' lasting='for: 1m, maxBan: 1m'
    make_host_endpoint 1
    deny_the_blocklist
    start_agents 1
    packets 1 "$source" 12 203.0.113.1 22
    explained "$source" "$source is not blocked" '12 of 20 packets within 1m (noisy)'
    packets 1 "$source" 8 203.0.113.1 23
    wait_until 5 has_net "$(set_of 1)" "$source/32" || give_up "$source is not blocked"
    soon 5 'the agent does not report the block' decided blocked "$source"
    { blocklist list && grep -qF "$source" "$run/cli"; } || problems+=('list does not show the entry')
    explained "$source" "$source is blocked" 'first packet' 'rule noisy reached: 20 packets' 'threshold 20 packets within 1m' \
        "$(set_of 1)" 'after that packet' 'the block ends, in'
    soon 5 'the entry is not counted as enforced' metric_reaches 1 1 denywatch_blocklist_enforced_entries
    expect 'rows of the screen' "$(fold -w 80 "$run/cli" | wc -l)" -le 40
    expect 'lines of the log shown' "$(packet_lines_shown | wc -l)" -ge 2
    while IFS= read -r line; do
        check "this is a line of the log: $line" grep -qxF -- "$line" "$run/worker-1/syslog"
    done < <(packet_lines_shown)
    expect 'the line that reached the threshold' "$(packet_lines_shown | grep -c 'ID=7 .*DPT=23')" -ge 1
    note="$(fold -w 80 "$run/cli" | wc -l) rows, $(packet_lines_shown | wc -l) lines of the log, $(grep -o '[0-9]* ms after' "$run/cli")"
    wait_until 90 lacks_net "$(set_of 1)" "$source/32" || give_up 'the block does not end'
    soon 5 'the agent does not report the end' decided unblocked "$source"
    explained "$source" "$source is not blocked" 'that block ended by its deadline' 'forgets that it blocked it once'
}

new_case 70 fast 'logged but allowed' 'enforce blocks no source and names the finding; an override blocks all the same'
logged_but_allowed() {
    local finding=log-surely-allowed
    make_host_endpoint 1
    policy log-all 300 '[{"action": "Log"}, {"action": "Allow"}]'
    start_agents 1
    soon 10 'the finding is not in the metrics' metric_reaches 1 1 denywatch_findings "id=\"$finding\""
    reach_threshold 1 198.51.100.1
    soon 10 'the log does not say that no new source is blocked' agent_says 1 "no new source is blocked: $finding: "
    check 'the finding says what to do' answers 1 /api/v1/findings ".findings[] | select(.id == \"$finding\") | .todo != \"\""
    soon 5 'the blocklist names no problem' answers 1 /api/v1/blocklist '.problem | startswith("no new source is blocked: ")'
    pause 2
    expect nets "$(nets_count "$(set_of 1)")" -eq 0
    stop_agent 1
    agent_settings=("blocklist.override=[$finding]")
    start_agents 1
    block 1 198.51.100.2
    stop_agent 1
    remove "/apis/$group/globalnetworkpolicies/log-all"
    agent_settings=()
    start_agents 1
    block 1 198.51.100.3
}

new_case 72 fast 'allowed by a policy' 'by nets or by a set: refused, counted, explained by the policy; a stored entry is removed at the next check'
allowed_by_a_policy() {
    make_host_endpoint 1
    jq -nc --arg group "$group" '{apiVersion: $group, kind: "GlobalNetworkSet", metadata: {name: "friends",
        labels: {role: "friend"}}, spec: {nets: ["198.51.100.32/28"]}}' | recreate "$sets"
    start_agents 1
    block 1 198.51.100.7
    block 1 198.51.100.33
    deny_the_blocklist
    policy vip 500 '[{"action": "Allow", "protocol": "TCP", "source": {"nets": ["198.51.100.7/32"]}, "destination": {"ports": [443]}}]'
    policy friends 510 '[{"action": "Allow", "source": {"selector": "role == '"'friend'"'"}}]'
    policy everybody 520 '[{"action": "Allow", "protocol": "TCP", "destination": {"ports": [80]}}]'
    stop_agent 1
    start_agents 1 # checks the policies at once
    soon 20 'a source allowed by nets stays blocked' lacks_net "$(set_of 1)" 198.51.100.7/32
    soon 20 'a source allowed by a set stays blocked' lacks_net "$(set_of 1)" 198.51.100.33/32
    reach_threshold 1 198.51.100.7
    reach_threshold 1 198.51.100.34
    soon 10 'they are not refused' metric_reaches 1 2 denywatch_promotions_total 'outcome="never_block"'
    check 'the refusal names the policy' answers 1 '/api/v1/blocklist?source=198.51.100.34' \
        '[.. | strings] | any(contains("allowed by policy friends ingress[0]"))'
    block 1 198.51.100.99
    expect nets "$(nets "$(set_of 1)" | paste -sd,)" = 198.51.100.99/32
}
