# The objects in the cluster, and the processes on its node.
# shellcheck shell=bash disable=SC2034,SC2154,SC2317

# fill_cluster: Calico's objects, with a public host endpoint of the node, and the tutorial's service.
fill_cluster() {
    local file
    group=$(group_of v3)
    if ! kubectl get customresourcedefinition globalnetworkpolicies.projectcalico.org >/dev/null 2>&1; then
        crds_of v3 | while read -r file; do old_schema "$file" | kubectl create --validate=false -f - || exit; done >"$work/kubectl.out" 2>&1 ||
            fail "CRDs: $(tail -n 1 "$work/kubectl.out")"
        kubectl wait --for=condition=Established customresourcedefinitions --all --timeout=300s >"$work/kubectl.out"
    fi
    wait_until 30 kubectl get globalnetworkpolicies.projectcalico.org || fail 'the CRDs are not served'
    kubectl apply -f - >"$work/kubectl.out" 2>&1 <<EOT || fail "objects: $(tail -n 1 "$work/kubectl.out")"
apiVersion: $group
kind: ClusterInformation
metadata: {name: default}
spec: {datastoreReady: true, calicoVersion: v3.31.7, clusterType: k8s}
---
apiVersion: $group
kind: HostEndpoint
metadata: {name: worker-1-eth1, labels: {ibm.role: worker_public}}
spec: {node: worker-1, interfaceName: eth1, expectedIPs: [$worker_address]}
---
apiVersion: v1
kind: Service
metadata: {name: webserver-lb}
spec:
  type: LoadBalancer
  externalTrafficPolicy: Cluster
  ports:
  - {name: web, port: 80, targetPort: 8080, nodePort: $node_port}
  - {name: admin, port: 8081, targetPort: 8080}
---
apiVersion: v1
kind: Endpoints
metadata: {name: webserver-lb}
subsets:
- addresses: [{ip: $web, nodeName: worker-1}]
  ports: [{name: web, port: 8080}, {name: admin, port: 8080}]
EOT
    kubectl get --raw /api/v1/namespaces/default/services/webserver-lb |
        jq -c --arg nlb "$nlb" '.status.loadBalancer.ingress = [{ip: $nlb}]' |
        kubectl replace --raw /api/v1/namespaces/default/services/webserver-lb/status -f - >"$work/kubectl.out"
}

traffic_policy() { # Cluster|Local
    kubectl patch service webserver-lb -p "{\"spec\": {\"externalTrafficPolicy\": \"$1\"}}" >"$work/kubectl.out"
}

# use_data_plane iptables|nftables: selects the data plane for the policies, and empties it.
use_data_plane() {
    [ "${data_plane-}" != "$1" ] || return 0
    [ -z "${data_plane-}" ] || stop "$standin"
    inside worker iptables-restore <<<$'*mangle\nCOMMIT\n*raw\nCOMMIT'
    inside worker ipset destroy
    inside worker nft delete table ip calico 2>/dev/null || true
    data_plane=$1 applied=$work/applied-$1
    delete_policies
    "$root/scripts/policies/standin" "$dir/kubeconfig" "$group" worker-1 "/run/netns/${prefix}worker" "$1" \
        >"$applied" 2>"$work/standin.err" &
    standin=$!
    wait_until 10 grep -q ' rules$' "$applied" || fail "the stand-in for Felix does not start: $(cat "$work/standin.err")"
}

delete_policies() { kubectl delete globalnetworkpolicies.projectcalico.org --all >"$work/kubectl.out"; }

rules_applied() { grep -c ' rules$' "$applied" || true; }

# after_rules COMMAND...: runs the command, and returns when its changes of policies are in the kernel.
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

# rules_hold ADDRESS: whether the kernel's set that the blocklist's policy denies contains it.
rules_hold() {
    if [ "$data_plane" = iptables ]; then
        inside worker ipset list | grep -qx "$1"
    else
        inside worker nft list table ip calico | grep -q "elements = .*\b$1\b"
    fi
}

rules_lack() { ! rules_hold "$1"; }

# The agent, in its pod -------------------------------------------------------------------------------------------------

start_agent() { # a new one without any state
    helm uninstall denywatch -n "$namespace" --wait >"$work/said" 2>&1 || true
    wait_until 60 no_agent || fail 'the pod of the agent does not end'
    rm -rf "$dir/worker-1/lib/denywatch"
    kubectl delete globalnetworksets.projectcalico.org --all >"$work/kubectl.out"
    install --set-json 'discovery.enabled=true,blocklist.mode="enforce",blocklist.policy.create=false,blocklist.manualSet.create=false' \
        --set-json 'config.blocklist={"rules": [{"name": "noisy", "packets": "20 within 10s", "for": "1m", "maxBan": "5m"}],
            "newEntriesPerMinute": 1000, "entriesMax": 1000}'
    wait_until 30 kubectl get globalnetworksets.projectcalico.org denywatch-0-worker-1 || fail "the agent makes no set: $(agent_log worker-1 | tail -n 3)"
    agent_out=$(find "$dir/worker-1/log/pods" -path "*_$(pod_on worker-1)_*/denywatch/*" -name '*.log')
}

no_agent() { [ -z "$(of_namespace get pods -l "$agents" -o name)" ]; }
metric_is() { [ "$(metric worker-1 "${@:2}")" = "$1" ]; } # VALUE NAME [TEXT...]
is_stored() { # ADDRESS
    kubectl get globalnetworksets.projectcalico.org denywatch-0-worker-1 -o json | jq -e --arg net "$1/32" '.spec.nets | index($net)'
}
