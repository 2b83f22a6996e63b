# What surrounds each case: its cluster and its row in the table. The script that sources this defines cluster_of NUMBER, which
# says which kind of cluster a case has, if any.

before_case() { # NUMBER
    kind=$(cluster_of "$1")
    [ "$kind" = none ] || use_cluster "$kind"
}

set_up() {
    agents=() ports=()
    # Settings that a case may change before it starts agents.
    rule='packets: 20 within 10s' lasting='for: 10m, maxBan: 10m' api=${group-} agent_settings=()
    [ "$kind" = none ] || reset_cluster
}

judge() { agents_live; }
before_end() { pages; }

case_figures() {
    printf '%s\n' "${kind/none/}"
    total denywatch_blocklist_stored_entries
    total denywatch_kubernetes_requests_total
}

# blocklist COMMAND...: runs it as an operator would, with the output in $run/cli, and returns its exit code.
blocklist() {
    local settings=()
    [ "$api" = projectcalico.org/v3 ] || settings=(--set "blocklist.api=$api")
    KUBECONFIG=$cluster/operator.kubeconfig "$denywatch" blocklist "$@" "${settings[@]}" >"$run/cli" 2>&1
}

cli_says() { grep -qF -- "$1" "$run/cli"; } # TEXT
