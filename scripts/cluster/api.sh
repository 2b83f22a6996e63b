# When the API is not there, says no, or is another.
# shellcheck shell=bash disable=SC2034,SC2154,SC2317

new_case 50 fast 'API down and back' 'counting goes on under the same names; what offended meanwhile is blocked then'
API_down_and_back() {
    local name seconds
    name=$(set_of 1)
    seconds=$(pick 60 10)
    bans='for: 10m, maxBan: 10m' # longer than the API is away
    make_service web '[{"ip":"203.0.113.1"}]' 22
    start_agents 1
    blocked_after 1 198.51.100.1 5
    stop_api
    offend 1 198.51.100.2
    wait_until 10 metric_reaches 1 40 denywatch_denied_packets_total 'service_name="web"' ||
        problems+=('packets are not counted under their name')
    expect 'promotions_total{failed}' "$(metric 1 denywatch_promotions_total 'outcome="failed"')" -le 1
    pause "$seconds"
    http_get "${ports[1]}" /livez >/dev/null || problems+=('the agent is not alive without the API')
    http_get "${ports[1]}" /readyz >/dev/null || problems+=('the agent is not ready without the API')
    start_api
    # It has tried again and again, with growing pauses of at most 15 s.
    wait_until 40 has_net "$name" 198.51.100.2/32 || problems+=('who offended meanwhile is not blocked')
    # The watches come back by themselves, after a pause of at most 30 s; until then packets to a new service have no name.
    make_service late '[{"ip":"203.0.113.9"}]' 22
    pause "$(pick 60 5)"
    for _ in {1..20}; do
        packets 1 198.51.100.3 1 203.0.113.9 22
        wait_until 2 metric_reaches 1 1 denywatch_denied_packets_total 'service_name="late"' && return
    done
    problems+=('a service that is new since then has no name')
}

new_case 51 slow 'API hangs' 'as if it were down: nothing of the agent waits for it'
API_hangs() {
    make_service web '[{"ip":"203.0.113.1"}]' 22
    start_agents 1
    kill -STOP "$(pid_of kube-apiserver)"
    offend 1 198.51.100.1
    wait_until 10 metric_reaches 1 20 denywatch_denied_packets_total 'service_name="web"' || problems+=('packets are not counted')
    pause 20
    http_get "${ports[1]}" /livez >/dev/null || problems+=('the agent is not alive')
    kill -CONT "$(pid_of kube-apiserver)"
    wait_until 75 has_net "$(set_of 1)" 198.51.100.1/32 || problems+=('who offended meanwhile is not blocked')
}

new_case 52 slow 'started while the API is down' 'counts under the names it knew; blocks nobody before it has read its set'
started_while_the_API_is_down() {
    make_service web '[{"ip":"203.0.113.1"}]' 22
    start_agents 1
    blocked_after 1 198.51.100.1 5
    wait_until 5 metric_reaches 1 20 denywatch_denied_packets_total 'service_name="web"'
    pause 2 # for the checkpoint
    stop_agent 1
    stop_api
    start_agent 1
    wait_until 30 page 1 || problems+=('no metrics without the API')
    offend 1 198.51.100.2
    wait_until 10 metric_reaches 1 40 denywatch_denied_packets_total 'service_name="web"' ||
        problems+=('packets are not counted under their name')
    start_api
    wait_until 75 has_net "$(set_of 1)" 198.51.100.2/32 || problems+=('who offended meanwhile is not blocked')
    has_net "$(set_of 1)" 198.51.100.1/32 || problems+=('who was blocked before is not any more')
}

new_case 53 slow 'no right to update' 'said once, counting goes on; blocked as soon as it may'
no_right_to_update() {
    start_agents 1
    grant agent reader agent-worker-1
    offend 1 198.51.100.1
    wait_until 10 agent_says 1 'globalnetworksets' || problems+=('the log does not name what is missing')
    wait_until 10 metric_reaches 1 1 denywatch_promotions_total 'outcome="failed"' || problems+=('the failure is not counted')
    expect nets "$(nets_count "$(set_of 1)")" -eq 0
    pause "$(pick 20 3)"
    expect 'lines about it' "$(grep -c 'globalnetworksets' "$run/worker-1/agent.out")" -le 2
    grant agent enforce agent-worker-1
    wait_until 75 has_net "$(set_of 1)" 198.51.100.1/32 || problems+=('not blocked once it may be')
}

agent_says() { # NUMBER TEXT
    grep -qF -- "$2" "$run/worker-$1/agent.out"
}

set_ready() { # true|false
    edit "/apis/$group/clusterinformations/default" ".spec.datastoreReady = $1"
}

new_case 54 slow 'datastoreReady false' 'nothing is written while Calico says that its store must not be; then all is'
datastoreReady_false() {
    local name before
    name=$(set_of 1)
    start_agents 1
    blocked_after 1 198.51.100.1 5
    set_ready false
    pause 5 # an answer may be kept for a few seconds
    before=$(version_of "$name")
    offend 1 198.51.100.2
    pause "$(pick 40 5)"
    expect 'version of the set' "$(version_of "$name")" = "$before"
    agent_says 1 datastoreReady || problems+=('the log does not name datastoreReady')
    set_ready true
    wait_until 75 has_net "$name" 198.51.100.2/32 || problems+=('not blocked once the store is ready')
}

# A v3 that is registered and does not answer: that is Calico's API server while it is down.
break_v3() {
    jq -nc '{metadata: {name: "v3.projectcalico.org"}, spec: {group: "projectcalico.org", version: "v3",
        groupPriorityMinimum: 1500, versionPriority: 200, insecureSkipTLSVerify: true,
        service: {name: "calico-api", namespace: "calico-system"}}}' | recreate /apis/apiregistration.k8s.io/v1/apiservices
}

mend_v3() {
    remove /apis/apiregistration.k8s.io/v1/apiservices/v3.projectcalico.org
}

new_case 55 fast 'v3 registered and unavailable' 'never falls back to v1, not even where that is allowed'
v3_registered_and_unavailable() {
    break_v3
    start_agent 1
    wait_until 30 page 1 || problems+=('no metrics')
    offend 1 198.51.100.1
    wait_until 20 agent_says 1 v3.projectcalico.org || problems+=('the log does not name v3.projectcalico.org')
    pause "$(pick 40 5)"
    expect 'objects of v1' "$(kube_api GET "$sets" | jq '.items | length')" -eq 0
    mend_v3
}

new_case 56 slow 'no v3, and v1 not allowed' 'nothing is written; the log names the setting'
no_v3_and_v1_not_allowed() {
    api=projectcalico.org/v3 # the default
    start_agent 1
    wait_until 30 page 1 || problems+=('no metrics')
    offend 1 198.51.100.1
    wait_until 20 agent_says 1 blocklist.api || problems+=('the log does not name blocklist.api')
    expect 'objects of v1' "$(kube_api GET "$sets" | jq '.items | length')" -eq 0
}

new_case 80 fast 'native v3' 'blocked, repaired and kept over a restart, as with v1'
native_v3() {
    local before name
    name=$(set_of 1)
    start_agents 1
    blocked_after 1 198.51.100.1 5
    has_label "$name" || problems+=('the set has no label')
    if [ "$fast" = no ]; then
        edit "$sets/$name" '.spec.nets += ["192.0.2.200/32"]'
        wait_until "$repair_seconds" lacks_net "$name" 192.0.2.200/32 || problems+=('the foreign net stays')
    fi
    before=$(version_of "$name")
    kill_agent 1
    start_agents 1
    pause 3
    expect 'version of the set' "$(version_of "$name")" = "$before"
}

new_case 81 slow 'native v3: no duplicates' 'the list is a set there: what is doubled by hand would be refused'
native_v3_no_duplicates() {
    start_agents 1
    flood 1 198.51.100.1 20 20
    wait_until 10 metric_reaches 1 20 denywatch_blocklist_stored_entries || problems+=('not all are blocked')
    flood 1 198.51.100.1 20 20
    pause 5
    expect nets "$(nets_count "$(set_of 1)")" -eq 20
    expect '422s' "$(metric 1 denywatch_kubernetes_requests_total 'code="422"')" -eq 0
}
