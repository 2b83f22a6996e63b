# Agents, the API and nodes that go away and come back; and the API of newer releases of Calico.

new_case 36 fast 'killed and started again' 'the set is untouched, counters go on, blocks end when they would have'
killed_and_started_again() {
    local name before
    name=$(set_of 1)
    make_service web '[{"ip":"203.0.113.1"}]' 22
    start_agents 1
    block 1 198.51.100.1
    wait_until 5 service_counted web 20
    before=$(version_of "$name")
    kill_agent 1
    packets 1 198.51.100.2 5
    start_agents 1
    wait_until 5 service_counted web 25 || true
    expect 'packets counted' "$(metric 1 denywatch_denied_packets_total 'service_name="web"')" -eq 25
    pause "$(pick 40 4)"
    expect 'version of the set' "$(version_of "$name")" = "$before"
    expect stored_entries "$(metric 1 denywatch_blocklist_stored_entries)" -eq 1
    expect repairs_total "$(metric 1 denywatch_blocklist_repairs_total)" -eq 0
    block 1 198.51.100.3
}

new_case 37 slow 'node deleted and created again' 'its set goes with it, and comes back for the new node'
node_deleted_and_created_again() {
    local name uid
    name=$(set_of 1)
    start_agents
    block 1 198.51.100.1
    block 2 198.51.100.2
    uid=$(kube_api GET /api/v1/nodes/worker-1 | jq -r .metadata.uid)
    check 'the node owns the set' owned_by "$name" "$uid"
    remove /api/v1/nodes/worker-1
    soon 60 'the set stays without its node' is_absent "$sets/$name"
    make_node 1
    soon 90 'the set does not come back' has_net "$name" 198.51.100.1/32
    uid=$(kube_api GET /api/v1/nodes/worker-1 | jq -r .metadata.uid)
    soon "$repair_seconds" 'the new node does not own it' owned_by "$name" "$uid"
    pause 35 # the garbage collector would have deleted the set by then; the block may have ended
    check 'the new set is still there' owned_by "$name" "$uid"
    check 'the set of another node is still there' has_net "$(set_of 2)" 198.51.100.2/32
}

repair_seconds=35 # a round of repair is 30 s
owned_by() { [ "$(set_field "$1" '.metadata.ownerReferences[0].uid')" = "$2" ]; } # NAME UID

new_case 50 fast 'API down and back' 'packets are still counted by service; sources detected meanwhile are blocked afterwards'
API_down_and_back() {
    make_service web '[{"ip":"203.0.113.1"}]' 22
    start_agents 1
    block 1 198.51.100.1
    stop_api
    reach_threshold 1 198.51.100.2
    soon 10 'packets are not counted under the name of the service' service_counted web 40
    expect 'promotions_total{failed}' "$(metric 1 denywatch_promotions_total 'outcome="failed"')" -le 1
    pause "$(pick 60 10)"
    check 'the agent is alive without the API' http_get "${ports[1]}" /livez >/dev/null
    check 'the agent is ready without the API' http_get "${ports[1]}" /readyz >/dev/null
    start_api
    # It retries with growing pauses of at most 15 s.
    soon 40 'a source detected meanwhile is not blocked' has_net "$(set_of 1)" 198.51.100.2/32
    # Watches are tried again after at most 30 s; until then packets to a new service have no name.
    make_service late '[{"ip":"203.0.113.9"}]' 22
    pause "$(pick 60 5)"
    soon 40 'a service created since has no name' late_service_counted
}

late_service_counted() {
    packets 1 198.51.100.3 1 203.0.113.9 22
    sleep 1.2 # until it is published
    service_counted late 1
}

new_case 51 slow 'API hangs' 'as if it were down: nothing in the agent waits for it'
API_hangs() {
    make_service web '[{"ip":"203.0.113.1"}]' 22
    start_agents 1
    kill -STOP "$(pid_of kube-apiserver)"
    reach_threshold 1 198.51.100.1
    soon 10 'packets are not counted' service_counted web 20
    pause 20
    check 'the agent is alive' http_get "${ports[1]}" /livez >/dev/null
    kill -CONT "$(pid_of kube-apiserver)"
    soon 75 'a source detected meanwhile is not blocked' has_net "$(set_of 1)" 198.51.100.1/32
}

new_case 52 slow 'started while the API is down' 'counts under the names known before; blocks no source before it has read its set'
started_while_the_API_is_down() {
    make_service web '[{"ip":"203.0.113.1"}]' 22
    start_agents 1
    block 1 198.51.100.1
    wait_until 5 service_counted web 20
    pause 2 # for the checkpoint
    stop_agent 1
    stop_api
    start_agent 1
    soon 30 'no metrics without the API' page 1
    reach_threshold 1 198.51.100.2
    soon 10 'packets are not counted under the name of the service' service_counted web 40
    start_api
    soon 75 'a source detected meanwhile is not blocked' has_net "$(set_of 1)" 198.51.100.2/32
    check 'what was blocked before still is' has_net "$(set_of 1)" 198.51.100.1/32
}

new_case 80 fast 'native v3' 'blocked, repaired and kept over a restart, as with v1'
native_v3() {
    local before name
    name=$(set_of 1)
    start_agents 1
    block 1 198.51.100.1
    check 'the set has its label' has_label "$name"
    if [ "$fast" = no ]; then
        edit "$sets/$name" '.spec.nets = ["192.0.2.200/32"]'
        soon "$repair_seconds" 'a net added by hand stays' lacks_net "$name" 192.0.2.200/32
        check 'a net removed by hand is back' has_net "$name" 198.51.100.1/32
        soon 5 'no repair is counted' metric_reaches 1 1 denywatch_blocklist_repairs_total
    fi
    before=$(version_of "$name")
    kill_agent 1
    start_agents 1
    pause 3
    expect 'version of the set' "$(version_of "$name")" = "$before"
}
