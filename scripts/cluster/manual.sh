# What people decide, with the command line.
# shellcheck shell=bash disable=SC2034,SC2154,SC2317

# cli_shows TEXT COMMAND...: the command succeeds, and prints the text.
cli_shows() { blocklist "${@:2}" && cli_says "$1"; }

new_case 60 fast 'added, listed, explained and removed by hand' 'in denywatch-manual, with reason and deadline; agents agree'
added_listed_explained_and_removed_by_hand() {
    start_agents 1
    blocklist add 198.51.100.7/32 --for 1h --reason 'ticket 4711' || problems+=("add fails: $(cat "$run/cli")")
    has_net denywatch-manual 198.51.100.7/32 || problems+=('denywatch-manual does not have the net')
    has_label denywatch-manual || problems+=('denywatch-manual has no label')
    cli_shows 198.51.100.7 list || problems+=('list does not show the entry')
    cli_shows 'ticket 4711' explain 198.51.100.7 || problems+=('explain does not show the reason')
    blocked_after 1 198.51.100.1 5
    cli_shows noisy explain 198.51.100.1 || problems+=("explain does not show an agent's rule")
    cli_shows 198.51.100.1 list || problems+=("list does not show an agent's entry")
    blocklist remove 198.51.100.7/32 || problems+=("remove fails: $(cat "$run/cli")")
    lacks_net denywatch-manual 198.51.100.7/32 || problems+=('denywatch-manual still has the net')
    as=reader cli_shows 198.51.100.1 list || problems+=('who may only look cannot')
}

new_case 62 slow 'removed and allowed for a while' 'out of every set at once, and no agent puts it back'
removed_and_allowed_for_a_while() {
    local node
    start_agents
    for node in "${nodes[@]}"; do blocked_after "$node" 198.51.100.1 5; done
    blocklist remove 198.51.100.1/32 --allow-for 1h || problems+=("remove fails: $(cat "$run/cli")")
    for node in "${nodes[@]}"; do
        lacks_net "$(set_of "$node")" 198.51.100.1/32 || problems+=("worker-$node still blocks it")
    done
    pause "$(pick 70 32)" # each agent has read the manual list once by then
    for node in "${nodes[@]}"; do packets "$node" 198.51.100.1 20; done
    pause 5
    for node in "${nodes[@]}"; do
        lacks_net "$(set_of "$node")" 198.51.100.1/32 || problems+=("worker-$node blocks it again")
    done
    cli_shows 198.51.100.1 list || problems+=('list does not show the allowance')
}

# explained NODE SOURCE [OPTION...]: what the command line says of it, with what the node's agent and its log know.
explained() { blocklist explain "$2" --agent "http://127.0.0.1:${ports[$1]}" --log "$run/worker-$1/syslog" "${@:3}"; }

# screen_says TEXT: wherever its lines are broken.
screen_says() { tr -s ' \n' ' ' <"$run/cli" | grep -qF -- "$1"; }

# shown_lines: the lines of packets on the screen.
shown_lines() { grep -F ' kernel: ' "$run/cli" || true; }

new_case 65 fast 'explained from the first packet to the end of the ban' 'on one screen, with lines as they are in the log; then when it ended'
explained_from_the_first_packet_to_the_end_of_the_ban() {
    local source=198.51.100.1 log=$run/worker-1/syslog line rule='packets: 20 within 1m'
    make_host_endpoint 1
    deny_the_blocklist
    start_agents 1
    packets 1 "$source" 12 203.0.113.1 22
    explained 1 "$source" || problems+=("explain fails: $(cat "$run/cli")")
    cli_says "$source is not blocked" || problems+=('explain does not say that it is not blocked')
    screen_says '12 of 20 packets within 1m (noisy)' || problems+=("explain does not say how near it is: $(cat "$run/cli")")
    packets 1 "$source" 8 203.0.113.1 23
    wait_until 5 has_net "$(set_of 1)" "$source/32" || give_up "$source is not blocked"
    wait_until 5 agent_tells 1 "$source" blocked || problems+=('the agent does not tell of the block')
    explained 1 "$source" || problems+=("explain fails: $(cat "$run/cli")")
    for line in "$source is blocked" 'first packet' 'rule noisy reached: 20 packets' 'threshold 20 packets within 1m' \
        "$(set_of 1)" 'after that packet' 'the block ends, in'; do
        screen_says "$line" || problems+=("explain does not say: $line")
    done
    wait_until 5 metric_reaches 1 1 denywatch_blocklist_enforced_entries || problems+=('the entry is not counted as enforced')
    expect 'rows of the screen' "$(fold -w 80 "$run/cli" | wc -l)" -le 40
    expect 'lines of the log shown' "$(shown_lines | wc -l)" -ge 2
    while IFS= read -r line; do
        grep -qxF -- "$line" "$log" || problems+=("no line of the log: $line")
    done < <(shown_lines)
    expect 'the line that reached the threshold' "$(shown_lines | grep -c 'ID=7 .*DPT=23')" -ge 1
    note="$(fold -w 80 "$run/cli" | wc -l) rows, $(shown_lines | wc -l) lines of the log, $(grep -o '[0-9]* ms after' "$run/cli")"
    wait_until 90 lacks_net "$(set_of 1)" "$source/32" || give_up 'the ban does not end'
    wait_until 5 agent_tells 1 "$source" unblocked || problems+=('the agent does not tell of the end')
    explained 1 "$source" || problems+=("explain fails: $(cat "$run/cli")")
    for line in "$source is not blocked" 'that block ended by its deadline' 'forgets that it blocked it once'; do
        screen_says "$line" || problems+=("explain does not say after the end: $line")
    done
    remove "/apis/$group/globalnetworkpolicies/blocklist"
    remove "/apis/$group/hostendpoints/worker-1-auto-hep"
}

agent_tells() { # NODE_NUMBER SOURCE DECISION
    http_get "${ports[$1]}" "/api/v1/blocklist?source=$2" | jq -e --arg decision "$3" \
        'any(.decisions[]; .decision == $decision)' >/dev/null
}
