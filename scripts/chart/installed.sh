# The chart on a real API: what is there, what stays over an upgrade and what after it is gone.
# shellcheck shell=bash disable=SC2034,SC2154,SC2317

tainted_node=3

# on_a_cluster FUNCTION: nothing is installed, and a node has a taint that evicts.
on_a_cluster() {
    local file
    [ -z "$no_api" ] || skip_case "$no_api"
    export KUBECONFIG=$cluster/admin.kubeconfig
    for file in "$root"/scripts/chart/crds/*.yaml; do
        [ "$(kube_code GET "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/$(basename "$file" .yaml).monitoring.coreos.com")" = 200 ] ||
            load_crd "$file"
    done
    remove_releases
    make_node "$tainted_node" '[{"key": "example.com/evicts", "value": "yes", "effect": "NoExecute"}]'
    "$1"
}

# remove_releases: what a failed case left.
remove_releases() {
    local there
    while read -r there; do
        helm uninstall denywatch -n "$there" >"$run/said" 2>&1 || true
    done < <(kube_api GET '/api/v1/secrets?labelSelector=owner%3Dhelm' | jq -r '.items[].metadata.namespace' | sort -u)
    kube_api DELETE "/apis/$group/globalnetworkpolicies" >/dev/null
}

# helm_runs COMMAND [ARGUMENT...]: install or upgrade of the release; what makes no sense without it is not tried.
helm_runs() {
    helm "$1" denywatch "$chart" -n "$namespace" --create-namespace "${@:2}" >"$run/said" 2>&1 ||
        give_up "$helm $1 ${*:2}: $(said "$run/said")"
}

# installed FILTER: of each object of the release as the API has it.
installed() {
    helm get manifest denywatch -n "$namespace" | kubectl get -n "$namespace" -f - -o json | jq -c ".items // [.] | .[] | $1"
}

pods() {
    kube_api GET "/api/v1/namespaces/$namespace/pods" | jq -c '.items[]'
}

pods_are_on() { # NODE...
    [ "$(pods | jq -r '.spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchFields[0].values[0]' |
        sort | paste -sd' ')" = "$*" ]
}

each_helm 1 'installed as it comes' 'a pod for each node, the tainted one too; its account may nothing'
installed_as_it_comes() {
    helm_runs install --set updateStrategy.rollingUpdate.maxSurge=null
    wait_until 20 pods_are_on worker-1 worker-2 worker-3 || problems+=("there are pods for $(pods | wc -l) nodes")
    check_rights none
    pods | jq -e 'select(.spec.automountServiceAccountToken)' >"$run/said" && problems+=('pods have a token')
    pods | jq -e 'select(.spec.volumes[]?.projected)' >"$run/said" && problems+=('pods have a token')
    return 0
}
