# What runs on the worker, and what the cluster knows.
# shellcheck shell=bash disable=SC2034,SC2154,SC2317

kubectl() { "$tools/kubectl" --kubeconfig "$cluster/admin.kubeconfig" "$@"; }

# make_cluster: a node with a public host endpoint, and the tutorial's service.
make_cluster() {
    use_cluster v3
    nodes=(1)
    run=$work
    reset_cluster
    jq -nc --arg group "$group" --arg address "$worker_address" '{apiVersion: $group, kind: "HostEndpoint",
        metadata: {name: "worker-1-eth1", labels: {"ibm.role": "worker_public"}},
        spec: {node: "worker-1", interfaceName: "eth1", expectedIPs: [$address]}}' | recreate "/apis/$group/hostendpoints"
    make_service webserver-lb "[{\"ip\": \"$nlb\"}]" 80 "$node_port"
}

# use_data_plane iptables|nftables: that the policies are put into, which is empty to begin with.
use_data_plane() {
    [ "${data_plane-}" != "$1" ] || return 0
    if [ -n "${data_plane-}" ]; then
        stop "$standin"
        inside worker iptables-restore <<<$'*mangle\nCOMMIT\n*raw\nCOMMIT'
        inside worker ipset destroy
        inside worker nft delete table ip calico 2>/dev/null || true
    fi
    data_plane=$1 applied=$work/applied-$1
    translate Local
    delete_all
    "$root/scripts/policies/standin" "$cluster/admin.kubeconfig" "$group" worker-1 "/run/netns/${prefix}worker" "$1" \
        >"$applied" 2>"$work/standin.err" &
    standin=$!
    wait_until 10 grep -q ' rules$' "$applied" || fail "the stand-in for Felix does not start: $(cat "$work/standin.err")"
}

# delete_all: policies and what is blocked.
delete_all() {
    kubectl delete globalnetworkpolicies.projectcalico.org,globalnetworksets.projectcalico.org --all >"$work/kubectl.out"
}

rules_applied() { grep -c ' rules$' "$applied" || true; }

# after_rules COMMAND...: what it changes in the policies is in the kernel when this returns.
after_rules() {
    local before
    before=$(rules_applied)
    "$@" || fail "$*: $(cat "$work/kubectl.out")"
    wait_until 10 more_rules_than "$before" || fail "$*: not in the rules: $(cat "$work/standin.err")"
}

more_rules_than() { [ "$(rules_applied)" -gt "$1" ]; }

# apply and delete policies of the tutorial, as its reader does.
apply_policy() { printf '%s\n' "$1" >"$work/policy.yaml" && after_rules kubectl apply -f "$work/policy.yaml" >"$work/kubectl.out" 2>&1; }
delete_policy() { after_rules kubectl delete globalnetworkpolicies.projectcalico.org "$@" >"$work/kubectl.out"; }

# counted POLICY LOG|DROP: packets that met the policy's rules with this action, since the rules were made.
counted() {
    if [ "$data_plane" = iptables ]; then
        inside worker iptables-save -c -t mangle | awk -v comment="--comment $1 " -v comment2="--comment \"$1\" " -v action="-j $2" '
            (index($0, comment) || index($0, comment2)) && index($0, action) { sum += substr($1, 2) }
            END { print sum + 0 }'
    else
        inside worker nft list table ip calico | awk -v comment="comment \"$1\"" -v action=" ${2,,} " '
            index($0, comment) && index($0, action) { for (i = 1; i < NF; i++) if ($i == "packets") sum += $(i + 1) }
            END { print sum + 0 }'
    fi
}

in_rules() { # POLICY
    if [ "$data_plane" = iptables ]; then inside worker iptables-save -t mangle; else inside worker nft list table ip calico; fi |
        grep -qE "comment \"?$1\"?( |\$)"
}

# rules_hold ADDRESS: it is in the kernel's set that the blocklist's policy denies.
rules_hold() {
    if [ "$data_plane" = iptables ]; then
        inside worker ipset list | grep -qx "$1"
    else
        inside worker nft list table ip calico | grep -q "elements = .*\b$1\b"
    fi
}

rules_lack() { ! rules_hold "$1"; }

# The agent ------------------------------------------------------------------------------------------------------------

start_agent() { # SETTING...: knows nobody yet
    local settings=() setting
    port=$(free_port)
    kube_api DELETE "$sets" >/dev/null
    for setting in source.kind=file "source.path=$work/RSYSLOG_FileFormat" source.startAt=end loadBalancers.discover=kubernetes \
        blocklist.mode=enforce "$@"; do
        settings+=("$setting")
    done
    agent_out=$work/agent-$data_plane-$port.out
    KUBECONFIG=$cluster/agent-worker-1.kubeconfig NODE_NAME=worker-1 agent "$port" "$work/state-$port" "${settings[@]}" >"$agent_out" 2>&1 &
    agent=$!
    wait_until 30 http_get "$port" /readyz || fail "the agent is not ready: $(tail -3 "$agent_out")"
    wait_until 30 kube_api GET "$sets/denywatch-0-worker-1" || fail "the agent makes no set: $(tail -3 "$agent_out")"
}

metric() { http_get "$port" /metrics >"$work/page" && metric_in "$work/page" "$@"; } # NAME [TEXT...]
metric_is() { [ "$(metric "${@:2}")" = "$1" ]; } # VALUE NAME [TEXT...]
is_stored() { kube_api GET "$sets/denywatch-0-worker-1" | jq -e --arg net "$1/32" '.spec.nets | index($net)' >/dev/null; } # ADDRESS
