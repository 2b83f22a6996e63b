# The policies that denywatch prints, and an agent: an attacker is blocked, and let in again.
# shellcheck shell=bash disable=SC2034,SC2154,SC2317

logged() { counted denywatch-log-denied-packets LOG; }
denied() { echo $(($(counted denywatch-deny-lb DROP) + $(counted denywatch-deny-nodeports DROP))); }
blocked() { counted denywatch-blocklist DROP; }
blocked_reach() { [ "$(blocked)" -ge "$1" ]; } # LEAST

# our_policies [JQ_FILTER...]: the policies that denywatch prints, each changed by the filters. All clients may reach
# port 80, and those on the allowlist also port 8081.
our_policies() {
    "$denywatch" policies --nlb "$nlb:23,$nlb:8081" --allow "$client" --nodeports 30000:32767 \
        --selector "ibm.role == 'worker_public'" --node-net 0.0.0.0/0 |
        python3 -c 'import json, sys, yaml; [print(json.dumps(each)) for each in yaml.safe_load_all(sys.stdin)]' | jq -c "${1-.}"
}

# make_policies [JQ_FILTER]: replaces all existing policies.
make_policies() {
    soon 10 'the web server does not see the address of the client' eval 'traffic_policy Local && sees "$client"'
    delete_policies
    our_policies "$@" >"$work/policies.json" || fail "denywatch prints no policies"
    kubectl apply -f "$work/policies.json" >"$work/kubectl.out"
    wait_until 10 all_applied || fail "the policies are not in the rules: $(cat "$work/standin.err")"
}

# all_applied: whether the kernel has the rules of all policies, and no more were added recently.
all_applied() {
    local each latest
    latest=$(grep ' rules$' "$applied" | tail -1 | cut -d' ' -f2)
    [ $(($(date +%s%6N) - latest)) -gt 300000 ] || return 1
    for each in $(jq -r .metadata.name "$work/policies.json"); do in_rules "$each" || return 1; done
}

syn() { inside "$1" hping3 -q -S -p "$2" -c "$3" -i u3000 "${4-$nlb}" >/dev/null 2>&1 || true; } # WHO PORT|++PORT COUNT [DESTINATION]

# scan: exactly the twenty packets of the rule's threshold, to ports of the load balancer and to node ports.
scan() {
    syn attacker 23 3
    syn attacker 8081 3
    syn attacker ++30500 10
    syn attacker "$node_port" 4 "$worker_address"
}

# must SECONDS PROBLEM COMMAND...: like soon, but fails if there is any problem, so that the caller can stop.
must() { soon "$@" && [ ${#problems[@]} = 0 ]; }

# attack: the attacker comes in, scans, is counted and blocked; the client still gets through.
attack() {
    local before
    check 'the attacker reaches the web server' reaches attacker "$nlb"
    check 'the allowlist lets the client in' reaches client "$nlb:8081"
    scan
    expect 'packets logged' "$(logged)" -eq 20
    expect 'packets denied' "$(denied)" -eq 20
    must 10 'the agent does not count 20 packets' metric_is 20 denywatch_denied_packets_total &&
        must 10 'the attacker is not promoted' metric_is 1 denywatch_promotions_total 'outcome="applied"' &&
        must 10 'the attacker is not in the set' is_stored "$attacker" &&
        must 10 'the attacker is not in the rules' rules_hold "$attacker" || return 1
    before=$(blocked)
    syn attacker 80 1
    expect "packets dropped by the blocklist's rule" "$(blocked)" -eq $((before + 1))
    check 'the attacker times out' times_out attacker "$nlb"
    check 'the client reaches the web server' reaches client "$nlb"
    check 'the client reaches what the allowlist is for' reaches client "$nlb:8081"
}

is_unblocked() { grep -qF "\"decision\":\"unblocked\",\"mode\":\"enforce\",\"node\":\"worker-1\",\"source\":\"$1\"" "$agent_out"; } # SOURCE

# comes_back: the block ends, and the attacker gets through.
comes_back() {
    must 90 'the block does not end' is_unblocked "$attacker" &&
        must 10 'the attacker is still in the rules' rules_lack "$attacker" || return 1
    check 'the attacker reaches the web server again' reaches attacker "$nlb"
}

agent_agrees() {
    expect 'packets that the agent counts, of those logged' "$(metric worker-1 denywatch_denied_packets_total)" -eq "$1"
    expect 'malformed lines' "$(metric worker-1 denywatch_malformed_lines_total)" -eq 0
}

# block_and_let_in: in addition, many other attackers show how long a block takes.
block_and_let_in() {
    make_policies
    start_agent
    attack && measure && comes_back || return 0
    agent_agrees "$(logged)"
    expect promotions "$(metric worker-1 denywatch_promotions_total)" -eq $((attackers + 1))
}

measure() {
    local logged_before blocked_before sent logged_lines
    logged_before=$(logged) blocked_before=$(blocked)
    python3 -B "$root/scripts/tutorial/timings.py" "${prefix}attacker" "$nlb" 23 "$attackers_net" "$attackers" 20 \
        "$work/RSYSLOG_FileFormat" "$applied" "$agent_out" >"$work/timings" || { problems+=("not all attackers are blocked"); return 1; }
    read -r sent logged_lines < <(tail -n 1 "$work/timings")
    sed '$d; s/^/     /' "$work/timings"
    expect 'packets logged of many attackers' $(($(logged) - logged_before)) -eq "$logged_lines"
    expect "packets of many attackers that the blocklist's rule dropped" $(($(blocked) - blocked_before)) -eq $((sent - logged_lines))
    soon 10 "the agent does not count all packets" metric_is "$(logged)" denywatch_denied_packets_total
}

# log_first: changes the printed policies to the order of the tutorial's lesson 5, where Log comes before the blocklist.
# Both have the same match, so each line stands for a denied packet.
log_first='if .metadata.name == "denywatch-blocklist"
    then (.spec.order = 500), (.metadata.name = "log-blocked-packets" | .spec.order = 300 | .spec.ingress[].action = "Log")
    else . end'

logged_first() { echo $(($(logged) + $(counted log-blocked-packets LOG))); }

counts_what_was_logged() { metric_is "$(logged_first)" denywatch_denied_packets_total; }

# knock: packets to the port that is open to all, far more often than the rule allows. Without the block, none would be denied.
knock() { exec ip netns exec "${prefix}attacker" hping3 -q -S -p 80 -i u20000 "$nlb" >/dev/null 2>&1; }

log_before_block() {
    local knocker
    make_policies "$log_first"
    start_agent
    attack || return 0
    knock &
    knocker=$!
    comes_back || return 0
    pause 3
    stop "$knocker"
    expect 'packets logged while it was blocked' "$(counted log-blocked-packets LOG)" -ge 100
    soon 10 'the agent does not count what was logged' counts_what_was_logged
    agent_agrees "$(logged_first)"
    expect promotions "$(metric worker-1 denywatch_promotions_total)" -eq 1
    check 'the attacker reaches the web server' reaches attacker "$nlb"
    note="$(counted log-blocked-packets LOG) packets logged and dropped while it was blocked"
}
