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

agent_says() { grep -qF -- "$2" "$run/worker-$1/agent.out"; } # NUMBER TEXT

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
