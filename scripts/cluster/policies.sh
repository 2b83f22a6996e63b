# Whether logged packets are denied ones: where the policies say otherwise, enforce blocks nobody.
# shellcheck shell=bash disable=SC2034,SC2154

# log_and_allow: what logs clients that are let in, with an endpoint of worker-1 for it to apply to.
log_and_allow() {
    jq -nc --arg group "$group" '{apiVersion: $group, kind: "HostEndpoint", metadata: {name: "worker-1-all",
        labels: {"kubernetes.io/hostname": "worker-1"}}, spec: {node: "worker-1", interfaceName: "*"}}' |
        recreate "/apis/$group/hostendpoints"
    jq -nc --arg group "$group" '{apiVersion: $group, kind: "GlobalNetworkPolicy", metadata: {name: "log-all"},
        spec: {order: 300, selector: "has(kubernetes.io/hostname)", applyOnForward: true, preDNAT: true, types: ["Ingress"],
        ingress: [{action: "Log"}, {action: "Allow"}]}}' | recreate "/apis/$group/globalnetworkpolicies"
}

forget_policies() {
    remove "/apis/$group/globalnetworkpolicies/log-all"
    remove "/apis/$group/hostendpoints/worker-1-all"
}

answers() { # NUMBER PATH JQ_CONDITION
    http_get "${ports[$1]}" "$2" | jq -e "$3" >/dev/null
}

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

new_case 71 slow 'policies that nobody may read' 'enforce blocks nobody until they may be read and are fine'
policies_that_nobody_may_read() {
    grant agent blind agent-worker-1
    start_agents 1
    offend 1 198.51.100.1
    wait_until 10 agent_says 1 'nobody is newly blocked: policies-unreadable: ' ||
        problems+=('the log does not say that nobody is blocked')
    expect nets "$(nets_count "$(set_of 1)")" -eq 0
    grant agent enforce agent-worker-1
    stop_agent 1
    start_agents 1
    blocked_after 1 198.51.100.2 5
}
