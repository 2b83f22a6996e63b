# One case: what it starts, and what the table says of it. Whose cases they are says with cluster_of NUMBER which kind of
# cluster a case has, or none.
# shellcheck shell=bash disable=SC2034,SC2154

print_row() { # NUMBER NAME API BLOCKED REQUESTS SECONDS OUTCOME
    printf '%3s  %-42s %-3s %7s %8s %4s  %s\n' "$@"
}

# run_case NUMBER NAME: in a shell of its own, which ends all that it has started.
run_case() {
    local kind started=$SECONDS row=('' '' 'FAILED: the case ended without an outcome')
    run=$work/run-$1
    mkdir "$run"
    kind=$(cluster_of "$1")
    [ "$kind" = none ] || use_cluster "$kind"
    case_in_subshell "$@" 2>"$run/errors" &
    running=$!
    wait "$running" || true
    running=''
    [ ! -s "$run/row" ] || mapfile -t row <"$run/row"
    print_row "$1" "$2" "${kind/none/}" "${row[0]}" "${row[1]}" "$((SECONDS - started))" "${row[2]}"
    case ${row[2]} in
        passed*) passed=$((passed + 1)) ;;
        SKIPPED*) skipped=$((skipped + 1)) ;;
        *)
            failed=$((failed + 1))
            # What bash says of children that were killed is of no interest.
            grep -v ': line .* Killed ' "$run/errors" | tail -n 6 | sed 's/^/      /' || true
            for each in "${nodes[@]}"; do
                tail -n 4 "$run/worker-$each/agent.out" 2>/dev/null | sed "s/^/      worker-$each: /" || true
            done
            ;;
    esac
    [ "$keep" = yes ] || rm -rf "$run"
}

case_in_subshell() { # NUMBER NAME
    set -E
    problems=() agents=() ports=() note='' outcome=passed
    RANDOM=$((seed + $1))
    # What a case may change before it starts agents.
    mode=enforce rule='packets: 20 within 10s' bans='for: 1m, maxBan: 10m' api=${group-} agent_settings=()
    trap 'problems+=("line $LINENO of ${BASH_SOURCE[0]##*/}: $BASH_COMMAND")' ERR
    trap 'end_case' EXIT
    trap 'problems+=("stopped"); exit 143' TERM
    [ "$kind" = none ] || reset_cluster
    "$(function_of "$2")"
    agents_live
}

skip_case() { # REASON
    outcome="SKIPPED: $1"
    exit 0
}

# give_up PROBLEM: what would follow makes no sense.
give_up() {
    problems+=("$1")
    exit 1
}

end_case() {
    trap - EXIT ERR TERM
    set +eE
    local running reason=''
    pages
    mapfile -t running < <(jobs -pr) # the numbers of those that ended may be other processes' by now
    [ ${#running[@]} = 0 ] || kill -KILL "${running[@]}"
    wait
    if [ ${#problems[@]} -gt 0 ]; then
        reason=$(printf '; %s' "${problems[@]}")
        outcome="FAILED: ${reason:2}"
        note=''
    fi
    {
        total denywatch_blocklist_stored_entries
        total denywatch_kubernetes_requests_total
        printf '%s\n' "$outcome${note:+ ($note)}"
    } >"$run/row"
}

# blocklist COMMAND...: as an operator would, or as $as; what it prints is in $run/cli, its exit code is that of this.
blocklist() {
    local settings=()
    [ "$api" = projectcalico.org/v3 ] || settings=(--set "blocklist.api=$api")
    KUBECONFIG=$cluster/${as-operator}.kubeconfig "$denywatch" blocklist "$@" "${settings[@]}" >"$run/cli" 2>&1
}

cli_says() { # TEXT
    grep -qF -- "$1" "$run/cli"
}
