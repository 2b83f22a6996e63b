# Whether logged packets are denied ones: where the policies say otherwise, enforce blocks nobody.
# shellcheck shell=bash disable=SC2034,SC2154,SC2317

# deny_the_blocklist: what makes stored entries enforced ones.
deny_the_blocklist() {
    allow blocklist 200 '{"action": "Deny", "source": {"selector": "denywatch.io/blocklist == '"'true'"'", "namespaceSelector": "global()"}}'
}

# log_and_allow: what logs clients that are let in, with an endpoint of worker-1 for it to apply to.
log_and_allow() {
    make_host_endpoint 1
    jq -nc --arg group "$group" '{apiVersion: $group, kind: "GlobalNetworkPolicy", metadata: {name: "log-all"},
        spec: {order: 300, selector: "has(kubernetes.io/hostname)", applyOnForward: true, preDNAT: true, types: ["Ingress"],
        ingress: [{action: "Log"}, {action: "Allow"}]}}' | recreate "/apis/$group/globalnetworkpolicies"
}

forget_policies() {
    remove "/apis/$group/globalnetworkpolicies/log-all"
    remove "/apis/$group/hostendpoints/worker-1-auto-hep"
}

answers() { http_get "${ports[$1]}" "$2" | jq -e "$3" >/dev/null; } # NUMBER PATH JQ_CONDITION

new_case 70 fast 'logged and let in' 'enforce blocks nobody, says why and by which finding; an override blocks all the same'
logged_and_let_in() {
    local finding=log-surely-allowed
    log_and_allow
    start_agents 1
    wait_until 10 metric_reaches 1 1 denywatch_findings "id=\"$finding\"" || problems+=('the finding is not in the metrics')
    offend 1 198.51.100.1
    wait_until 10 agent_says 1 "nobody is newly blocked: $finding: " || problems+=('the log does not say that nobody is blocked')
    answers 1 /api/v1/findings ".findings[] | select(.id == \"$finding\") | .todo != \"\"" ||
        problems+=('the findings do not say what to do')
    wait_until 5 answers 1 /api/v1/blocklist '.problem | startswith("nobody is newly blocked: ")' ||
        problems+=('the blocklist names no problem')
    pause 2
    expect nets "$(nets_count "$(set_of 1)")" -eq 0
    stop_agent 1
    agent_settings=("blocklist.override=[$finding]")
    start_agents 1
    blocked_after 1 198.51.100.2 5
    stop_agent 1
    forget_policies
    agent_settings=()
    start_agents 1
    blocked_after 1 198.51.100.3 5
}

# allow NAME ORDER RULE_JSON: a policy before DNAT at the endpoint of worker-1.
allow() {
    jq -nc --arg group "$group" --arg name "$1" --argjson order "$2" --argjson rule "$3" '{apiVersion: $group,
        kind: "GlobalNetworkPolicy", metadata: {name: $name}, spec: {order: $order, selector: "has(kubernetes.io/hostname)",
        applyOnForward: true, preDNAT: true, types: ["Ingress"], ingress: [$rule]}}' | recreate "/apis/$group/globalnetworkpolicies"
}

new_case 72 fast 'allowed by a policy' 'by nets or by a set: refused, counted, explained by the policy; what is listed is taken back at the next look'
allowed_by_a_policy() {
    local policies=/apis/$group/globalnetworkpolicies
    make_host_endpoint 1
    jq -nc --arg group "$group" '{apiVersion: $group, kind: "GlobalNetworkSet", metadata: {name: "friends",
        labels: {role: "friend"}}, spec: {nets: ["198.51.100.32/28"]}}' | recreate "$sets"
    start_agents 1
    blocked_after 1 198.51.100.7 10
    blocked_after 1 198.51.100.33 10
    deny_the_blocklist
    allow vip 500 '{"action": "Allow", "protocol": "TCP", "source": {"nets": ["198.51.100.7/32"]}, "destination": {"ports": [443]}}'
    allow friends 510 '{"action": "Allow", "source": {"selector": "role == '"'friend'"'"}}'
    allow everybody 520 '{"action": "Allow", "protocol": "TCP", "destination": {"ports": [80]}}'
    stop_agent 1
    start_agents 1 # looks at the policies at once
    wait_until 20 lacks_net "$(set_of 1)" 198.51.100.7/32 || problems+=('who is allowed by nets stays blocked')
    wait_until 20 lacks_net "$(set_of 1)" 198.51.100.33/32 || problems+=('who is allowed by a set stays blocked')
    offend 1 198.51.100.7
    offend 1 198.51.100.34
    wait_until 10 metric_reaches 1 2 denywatch_promotions_total 'outcome="never_block"' || problems+=('they are not refused')
    answers 1 '/api/v1/blocklist?source=198.51.100.34' '[.. | strings] | any(contains("allowed by policy friends ingress[0]"))' ||
        problems+=('the refusal does not name the policy')
    blocked_after 1 198.51.100.99 10
    expect nets "$(nets "$(set_of 1)" | paste -sd,)" = 198.51.100.99/32
    for policy in blocklist vip friends everybody; do remove "$policies/$policy"; done
    remove "/apis/$group/hostendpoints/worker-1-auto-hep"
    remove "$sets/friends"
}
