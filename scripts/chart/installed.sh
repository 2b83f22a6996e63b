# The chart on a real API: what it installs, what an upgrade keeps, and what remains after it is uninstalled.

tainted_node=3

# on_a_cluster FUNCTION: calls it on a cluster with nothing installed and a node whose taint evicts pods.
on_a_cluster() {
    [ -z "$no_api" ] || skip_case "$no_api"
    export KUBECONFIG=$cluster/admin.kubeconfig
    load_small_crds monitoring.coreos.com
    [ "$group" != crd.projectcalico.org/v1 ] || load_small_crds crd.projectcalico.org
    remove_releases
    make_node "$tainted_node" '[{"key": "example.com/evicts", "value": "yes", "effect": "NoExecute"}]'
    "$1"
}

load_small_crds() { # GROUP
    local file name
    for file in "$crds/others/$1"_*.yaml; do
        name=$(basename "$file" .yaml)
        name=${name#"$1"_}
        [ "$(kube_code GET "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/$name.$1")" = 200 ] || load_crd "$file"
    done
}

# remove_releases: uninstalls releases that a failed case left.
remove_releases() {
    local there
    while read -r there; do
        helm uninstall denywatch -n "$there" >"$run/said" 2>&1 || true
    done < <(kube_api GET '/api/v1/secrets?labelSelector=owner%3Dhelm' | jq -r '.items[].metadata.namespace' | sort -u)
    kube_api DELETE "/apis/$group/globalnetworkpolicies" >/dev/null
}

# helm_runs COMMAND [ARGUMENT...]: installs or upgrades the release; if that fails, the case ends.
helm_runs() {
    helm "$1" denywatch "$chart" -n "$namespace" --create-namespace "${@:2}" >"$run/said" 2>&1 ||
        give_up "$helm $1 ${*:2}: $(said "$run/said")"
}

pods() { kube_api GET "/api/v1/namespaces/$namespace/pods" | jq -c '.items[]'; }

pods_are_on() { # NODE...
    [ "$(pods | jq -r '.spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchFields[0].values[0]' |
        sort | paste -sd' ')" = "$*" ]
}

# The options of Helm for a feature.
feature() { # none|discovery|dry-run|enforce
    case $1 in
        none) printf '' ;;
        discovery) printf '%s\n' --set-json discovery.enabled=true ;;
        *) printf '%s\n' --set-json discovery.enabled=true --set-string "blocklist.mode=$1" ;;
    esac
    [ "$group" != crd.projectcalico.org/v1 ] || printf '%s\n' --set-string "config.blocklist.api=$group"
}

# install_feature FEATURE [ARGUMENT...]
install_feature() {
    local arguments
    mapfile -t arguments < <(feature "$1")
    helm_runs install "${arguments[@]}" "${@:2}"
}

upgrade_feature() { # FEATURE [ARGUMENT...]
    local arguments
    mapfile -t arguments < <(feature "$1")
    helm_runs upgrade "${arguments[@]}" "${@:2}"
}

each_helm 1 'installed as it comes' 'a pod for each node, the tainted one too; no pod has a token'
installed_as_it_comes() {
    install_feature none
    soon 20 'not each node has one pod' pods_are_on worker-1 worker-2 worker-3
    pods | jq -es 'all(.[].spec; .automountServiceAccountToken == false and all(.volumes[]; .projected == null))' >"$run/said" ||
        problems+=('pods have a token')
}

# A jq filter: whether the second value contains all of the first. It may have more fields, and leave out empty ones.
within='def within($b): . as $a |
    if IN(null, false, 0, "", [], {}) and $b == null then true
    elif type == "object" then all(keys[]; . as $k | $a[$k] | within($b[$k]?))
    elif type == "array" then length == ($b | length?) and all(range(length); . as $i | $a[$i] | within($b[$i]))
    else . == $b end;'

each_helm 2 'all of ci/ accepted' 'the API takes each object of each file there whole, with all fields'
all_of_ci_accepted() { accepted_whole grep -L; }

each_helm 11 'all of ci/ accepted, older Calico' 'the files for it'
all_of_ci_accepted_older_Calico() { accepted_whole grep -l; }

# accepted_whole COMMAND...: checks the values files that the command selects by the name of the older group: the API
# must keep all that Helm 4 applies. Another case checks that Helm 3 renders the same.
accepted_whole() {
    local values name count=0
    while read -r values; do
        name=${values##*/}
        helm install denywatch "$chart" -n "$namespace" --create-namespace --dry-run=server -o json -f "$values" >"$run/release" 2>"$run/said" ||
            { problems+=("$name: $(tail -n 1 "$run/said")"); continue; }
        count=$((count + 1))
        [ "$helm" = helm4 ] || continue
        jq -r .manifest "$run/release" >"$run/manifest"
        objects "$run/manifest" >"$run/wanted"
        for each in "$namespace" $(jq -r '.metadata.namespace // empty' "$run/wanted" | sort -u); do
            [ "$(kube_code GET "/api/v1/namespaces/$each")" = 200 ] ||
                printf '{"metadata":{"name":"%s"}}' "$each" | kube_api POST /api/v1/namespaces - >/dev/null
        done
        kubectl apply --server-side --dry-run=server -o json -f "$run/manifest" >"$run/applied" 2>"$run/said" ||
            problems+=("$name: $(said "$run/said")")
        jq -c '.items[]' "$run/applied" >"$run/taken"
        jq -nr --slurpfile wanted "$run/wanted" --slurpfile taken "$run/taken" "$within"' range($wanted | length) as $i |
            select($wanted[$i] | within($taken[$i]) | not) | "\($wanted[$i].kind) \($wanted[$i].metadata.name)"' >"$run/said"
        [ ! -s "$run/said" ] || problems+=("$name: not all is taken of $(paste -sd, "$run/said")")
    done < <("$@" crd.projectcalico.org "$chart"/ci/*-values.yaml)
    note="$count files"
}

any_helm 3 'rights of discovery' 'with them an agent finds the load balancers'
rights_of_discovery() {
    make_service web '[{"ip":"203.0.113.1"}]' 22
    install_feature discovery
    start_pod 1
    packets 1 198.51.100.1 5
    soon 10 'it does not know the service' metric_reaches 1 5 denywatch_denied_packets_total 'service_name="web"'
    # doctor reports that it may not read policies, and does not try.
    soon 10 'no finding about the policies' metric_reaches 1 1 denywatch_findings 'id="policies-not-checked"'
    expect entries "$(metric 1 denywatch_blocklist_entries)" -eq 0
    expect 'requests refused' "$(metric 1 denywatch_kubernetes_requests_total 'code="403"')" -eq 0
    ! grep -E ': 403|forbidden' "$run/worker-1/agent.out" | grep -v v3.projectcalico.org >"$run/said" ||
        problems+=("the log: $(said "$run/said")")
}

any_helm 4 'rights of dry-run' 'with them an agent decides, and writes nothing'
rights_of_dry_run() {
    install_feature dry-run
    start_pod 1
    packets 1 198.51.100.1 300 # the threshold of the default rules
    soon 20 'it decides nothing' metric_reaches 1 1 denywatch_promotions_total 'outcome="dry_run"'
    pause 2
    expect 'sets in the cluster' "$(kube_api GET "$sets" | jq '.items | length')" -eq 0
    check_refusals 1
}

any_helm 5 'rights of enforce' 'with them an agent blocks, and the policy selects what it writes; it may do nothing else'
rights_of_enforce() {
    install_feature enforce
    make_host_endpoint 1
    start_pod 1
    blocked_by_default 1 198.51.100.1
    soon 10 'there is no event about it' event_of 198.51.100.1
    [ "$group" = crd.projectcalico.org/v1 ] || selected_by_the_policy
    refused GET /api/v1/secrets
    refused POST "/apis/$group/globalnetworkpolicies"
    refused DELETE "$sets/$(set_of 1)"
    pause 2
    # With older Calico the agent first asks for the IP pools of the newer group, which is refused.
    check_refusals 1 "$([ "$group" = projectcalico.org/v3 ] || echo 1)"
}

any_helm 10 'rights of enforce, older Calico' 'the same in the group that the configuration names'
rights_of_enforce_older_Calico() {
    jq -nc --arg group "$group" '{apiVersion: $group, kind: "IPPool", metadata: {name: "default"}, spec: {cidr: "198.51.100.128/25"}}' |
        recreate "/apis/$group/ippools"
    rights_of_enforce
    packets 1 198.51.100.200 300
    soon 20 'it does not know the IP pool' metric_reaches 1 1 denywatch_promotions_total 'outcome="never_block"'
    lacks_net "$(set_of 1)" 198.51.100.200/32 || problems+=('an address of the IP pool is blocked')
}

# refused METHOD PATH: to the account of the pods. ChartPermissionsTest says which rights it has.
refused() {
    local bearer
    bearer=$(token)
    expect "the answer to $1 of $2" "$(kube_code "$@")" = 403
}

# blocked_by_default NUMBER SOURCE: sends enough packets to reach the first default rule, and waits for the block.
blocked_by_default() {
    packets "$1" "$2" 300
    soon 20 "$2 is not blocked on worker-$1" has_net "$(set_of "$1")" "$2/32"
}

event_of() { kube_api GET /api/v1/namespaces/default/events | grep -qF -- "$1"; } # TEXT

# The agents must also report the blocklist as enforced.
selected_by_the_policy() {
    kube_api GET "/apis/$group/globalnetworkpolicies/denywatch-blocklist" | jq -e '.spec | .preDNAT and .applyOnForward and
        (.ingress | length == 2) and all(.ingress[]; .action == "Deny" and .source.namespaceSelector == "global()" and
        (.source.notNets | length > 5) and .source.selector == "denywatch.io/blocklist == '\''true'\''")' >"$run/said" || problems+=('the policy does not block them')
    ! grep -h blocklist-policy-missing "$run"/worker-?/agent.out >"$run/said" || problems+=("the log: $(said "$run/said")")
    has_label "$(set_of 1)" || problems+=('the set of worker-1 is not selected')
    has_label denywatch-manual || problems+=('denywatch-manual is not selected')
}

# block_on_both_ways: blocks one source by an agent and one by hand.
block_on_both_ways() {
    start_pod 1
    blocked_by_default 1 198.51.100.1
    block_by_hand
}

block_by_hand() {
    blocklist add 198.51.100.7/32 --for 1h --reason 'ticket 4711' || problems+=("add fails: $(said "$run/cli")")
}

# still_blocked WHEN: checks that both are still blocked.
still_blocked() {
    has_net "$(set_of 1)" 198.51.100.1/32 || problems+=("what the agent blocked is gone $1")
    still_blocked_by_hand "$1"
}

still_blocked_by_hand() { # WHEN
    has_net denywatch-manual 198.51.100.7/32 || problems+=("what was blocked by hand is gone $1")
    set_field denywatch-manual '.metadata.annotations[]' | grep -qF 'ticket 4711' || problems+=("its reason is gone $1")
}

each_helm 6 'upgraded' 'blocks stay, over a rollback too; a new configuration means a new pod'
upgraded() {
    local template
    install_feature enforce
    block_on_both_ways
    template=$(pod_template .metadata.annotations)
    upgrade_feature enforce
    expect 'the template after an upgrade to the same' "$(pod_template .metadata.annotations)" = "$template"
    upgrade_feature enforce --set-json config.blocklist.entriesMax=500 --set-string commonLabels.team=networks
    expect 'the template with a new configuration' "$(pod_template .metadata.annotations)" != "$template"
    still_blocked 'after an upgrade'
    helm rollback denywatch 1 -n "$namespace" >"$run/said" 2>&1 || problems+=("rollback: $(said "$run/said")")
    expect 'the template after the rollback' "$(pod_template .metadata.annotations)" = "$template"
    still_blocked 'after a rollback'
    check_refusals 1
}

each_helm 7 'uninstalled' 'everything that the chart brought is gone, and so are all blocks'
uninstalled() {
    install_feature enforce --set-json podMonitor.enabled=true --set-json prometheusRule.enabled=true \
        --set-json dashboards.enabled=true --set-json networkPolicy.enabled=true
    block_by_hand
    helm_uninstall
    wait_until 20 nothing_is_left || problems+=("left: $(paste -sd' ' "$run/left")")
    is_absent "/apis/$group/globalnetworkpolicies/denywatch-blocklist" || problems+=('the policy is still there')
    is_absent "$sets/denywatch-manual" || problems+=('denywatch-manual is still there')
}

each_helm 8 'uninstalled but for the list' 'blocks added by hand are kept where that is asked for, and found again'
uninstalled_but_for_the_list() {
    install_feature enforce --set-json blocklist.manualSet.keep=true
    block_by_hand
    helm_uninstall
    has_net denywatch-manual 198.51.100.7/32 || problems+=('what was blocked by hand is gone')
    is_absent "/apis/$group/globalnetworkpolicies/denywatch-blocklist" || problems+=('the policy is still there')
    install_feature enforce --set-json blocklist.manualSet.keep=true
    still_blocked_by_hand 'after it was installed again'
    { blocklist explain 198.51.100.7 && cli_says 'ticket 4711'; } || problems+=("explain: $(said "$run/cli")")
}

helm_uninstall() {
    helm uninstall denywatch -n "$namespace" >"$run/said" 2>&1 || problems+=("uninstall: $(said "$run/said")")
}

# nothing_is_left: whether no object of the release remains; $run/left has the names of those that do.
nothing_is_left() {
    kubectl get "$(kubectl api-resources --verbs=list -o name | paste -sd,)" --all-namespaces -o name \
        -l app.kubernetes.io/instance=denywatch >"$run/left" 2>/dev/null
    [ ! -s "$run/left" ]
}

each_helm 9 'begun with the other Helm' 'this one takes the release over, and blocks stay'
begun_with_the_other_Helm() {
    local this=$helm
    if [ "$helm" = helm3 ]; then helm=helm4; else helm=helm3; fi
    install_feature enforce
    block_on_both_ways
    helm=$this
    upgrade_feature enforce --set-json config.blocklist.entriesMax=500
    expect 'the configuration' "$(kube_api GET "/api/v1/namespaces/$namespace/configmaps/denywatch" | grep -c 'entriesMax: 500')" -eq 1
    still_blocked 'after an upgrade'
    helm_uninstall
    wait_until 20 nothing_is_left || problems+=("left: $(paste -sd' ' "$run/left")")
}
