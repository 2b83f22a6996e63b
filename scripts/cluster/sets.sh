# What others do to the agents' objects, and what happens to those over restarts.
# shellcheck shell=bash disable=SC2034,SC2154,SC2317

# A round of repair is 30 s; with some more for what it waits for.
repair_seconds=35

new_case 30 fast 'somebody else writes all the time' 'no write is lost, neither side: conflicts are read again'
somebody_else_writes_all_the_time() {
    local i racer name
    name=$(set_of 1)
    start_agents 1
    (
        trap - EXIT ERR TERM
        set +eE
        for ((i = 0; ; i++)); do
            edit "$sets/$name" ".metadata.annotations[\"example.com/round\"] = \"$i\"" 2>/dev/null && printf '%s\n' "$i" >"$run/rounds"
        done
    ) &
    racer=$!
    wait_until 5 test -s "$run/rounds"
    for ((i = 1; i <= $(pick 20 5); i++)); do
        offend 1 "198.51.100.$i"
        random_pause 200 700
    done
    for ((i = 1; i <= $(pick 20 5); i++)); do
        wait_until 20 has_net "$name" "198.51.100.$i/32" || problems+=("198.51.100.$i is not blocked")
    done
    stop "$racer"
    [ -n "$(set_field "$name" '.metadata.annotations["example.com/round"] // empty')" ] ||
        problems+=('an annotation of others was dropped')
    note="$(cat "$run/rounds") foreign writes, $(metric 1 denywatch_kubernetes_requests_total 'verb="update"' 'code="409"') conflicts"
}

new_case 31 slow 'nets edited by hand' 'a foreign net is gone, one taken out is back within 30 s; repairs are counted'
nets_edited_by_hand() {
    local name
    name=$(set_of 1)
    start_agents 1
    blocked_after 1 198.51.100.1 5
    edit "$sets/$name" '.spec.nets = ["192.0.2.200/32"]'
    wait_until "$repair_seconds" lacks_net "$name" 192.0.2.200/32 || problems+=('the foreign net stays')
    has_net "$name" 198.51.100.1/32 || problems+=('the net that was taken out is not back')
    wait_until 5 metric_reaches 1 1 denywatch_blocklist_repairs_total || problems+=('no repair is counted')
}

new_case 36 fast 'killed and started again' 'the set is untouched, counters go on, bans end when they would have'
killed_and_started_again() {
    local name before
    name=$(set_of 1)
    make_service web '[{"ip":"203.0.113.1"}]' 22
    start_agents 1
    blocked_after 1 198.51.100.1 5
    wait_until 5 metric_reaches 1 20 denywatch_denied_packets_total 'service_name="web"'
    before=$(version_of "$name")
    kill_agent 1
    packets 1 198.51.100.2 5
    start_agents 1
    wait_until 5 metric_reaches 1 25 denywatch_denied_packets_total 'service_name="web"' || true
    expect 'packets counted' "$(metric 1 denywatch_denied_packets_total 'service_name="web"')" -eq 25
    pause "$(pick 40 4)"
    expect 'version of the set' "$(version_of "$name")" = "$before"
    expect stored_entries "$(metric 1 denywatch_blocklist_stored_entries)" -eq 1
    expect repairs_total "$(metric 1 denywatch_blocklist_repairs_total)" -eq 0
    blocked_after 1 198.51.100.3 5
}

new_case 37 slow 'node deleted and created again' 'its set goes with it, and comes back for the new one'
node_deleted_and_created_again() {
    local name uid
    name=$(set_of 1)
    start_agents
    blocked_after 1 198.51.100.1 5
    blocked_after 2 198.51.100.2 5
    uid=$(set_field "$name" '.metadata.ownerReferences[0].uid')
    expect 'owner of the set' "$uid" = "$(kube_api GET /api/v1/nodes/worker-1 | jq -r .metadata.uid)"
    remove /api/v1/nodes/worker-1
    wait_until 60 is_absent "$sets/$name" || problems+=('the set stays without its node')
    make_node 1
    wait_until 90 has_net "$name" 198.51.100.1/32 || problems+=('the set does not come back')
    uid=$(kube_api GET /api/v1/nodes/worker-1 | jq -r .metadata.uid)
    wait_until "$repair_seconds" owned_by "$name" "$uid" || problems+=('the new node does not own it')
    pause 35 # the collector would be done with it by then
    # The ban itself may be over by now.
    owned_by "$name" "$uid" || problems+=('the new set was collected as well')
    has_net "$(set_of 2)" 198.51.100.2/32 || problems+=("another node's set is gone")
}

owned_by() { [ "$(set_field "$1" '.metadata.ownerReferences[0].uid')" = "$2" ]; } # NAME UID
