# Helm 3 and Helm 4, cases that run with each, and agents with the account of the pods.

helms=(helm3 helm4)

# each_helm NUMBER NAME EXPECTED: a case on a real API, once per version of Helm, which is the last digit of its number.
# In the case, $helm names the program, and $namespace a new namespace.
each_helm() {
    with_helm 3 fast "$@"
    with_helm 4 fast "$@"
}

# any_helm NUMBER NAME EXPECTED: the same for cases that only depend on what is rendered, which is the same with both.
any_helm() {
    with_helm 3 slow "$@"
    with_helm 4 fast "$@"
}

with_helm() { # 3|4 fast|slow NUMBER NAME EXPECTED
    new_case "$3$1" "$2" "$4, Helm $1" "$5"
    eval "$(function_of "$4, Helm $1")() { helm=helm$1 namespace=denywatch-$3$1; on_a_cluster $(function_of "$4"); }"
}

# cluster_of NUMBER: cases with one digit need no cluster. Cases from 100 on have Calico's objects as in older releases.
cluster_of() {
    if [ "$1" -lt 10 ] || [ -n "$no_api" ]; then echo none; elif [ "$1" -lt 100 ]; then echo v3; else echo v1; fi
}

helm() { "$tools/$helm" "$@"; } # ARGUMENT...
kubectl() { "$tools/kubectl" --cache-dir "$work/kubectl" "$@"; } # ARGUMENT...

# values_files: the chart's files in ci/.
values_files() { find "$chart/ci" -name '*-values.yaml' | sort; }

# values_arguments FILE: sets $arguments to Helm's options; without a file, to none.
values_arguments() {
    arguments=()
    [ -z "$1" ] || arguments=(-f "$1")
}

# said FILE: the first line of a command's output, to quote in a problem.
said() { grep -m 1 . "$1" || printf 'nothing\n'; }

# render OUTPUT ARGUMENT...: renders the release "denywatch"; adds a problem if that fails.
render() {
    helm template denywatch "$chart" -n "${namespace-denywatch}" "${@:2}" >"$1" 2>"$run/said" ||
        problems+=("$helm template ${*:2}: $(said "$run/said")")
}

# objects FILE: the objects of a rendered manifest, as JSON, one a line.
objects() { kubectl patch --local -f "$1" --type merge -p '{}' -o json | jq -c .; }

# pod_template FILTER: what jq extracts from the DaemonSet's pod template.
pod_template() { kube_api GET "/apis/apps/v1/namespaces/$namespace/daemonsets" | jq -r ".items[0].spec.template | $1"; }

# start_pod NUMBER: starts an agent like the DaemonSet's pod on that node, with the same arguments and configuration and
# a token of the account. Only the log, the port and the checkpoint directory differ.
start_pod() {
    local arguments
    mkdir -p "$run/config"
    kube_api GET "/api/v1/namespaces/$namespace/configmaps/$(pod_template '.spec.volumes[] | select(.name == "config").configMap.name')" |
        jq -r '.data["denywatch.yaml"]' >"$run/config/denywatch.yaml"
    mapfile -t arguments < <(pod_template ".spec.containers[0].args[] | sub(\"/etc/denywatch/\"; \"$run/config/\")")
    expect 'what NODE_NAME is taken from' "$(pod_template '.spec.containers[0].env[] | select(.name == "NODE_NAME").valueFrom.fieldRef.fieldPath')" = spec.nodeName
    write_kubeconfig pod "$(token)"
    run_agent "$1" "$cluster/pod.kubeconfig" "${arguments[@]}"
    wait_until 30 http_get "${ports[$1]}" /readyz ||
        give_up "the agent of worker-$1 is not ready: $(tail -n 1 "$run/worker-$1/agent.out")"
}

# token: a token of the account, requested as the kubelet does.
token() {
    local account
    account=$(pod_template .spec.serviceAccountName)
    jq -nc '{apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {expirationSeconds: 3600}}' |
        kube_api POST "/api/v1/namespaces/$namespace/serviceaccounts/$account/token" - | jq -r .status.token
}

# check_refusals NUMBER [MOST]: checks that at most MOST (default 0) of the agent's requests were refused.
check_refusals() {
    expect 'requests refused' "$(metric "$1" denywatch_kubernetes_requests_total 'code="403"')" -le "${2:-0}"
    expect 'requests not authenticated' "$(metric "$1" denywatch_kubernetes_requests_total 'code="401"')" -eq 0
    ! grep -m 1 -iE ': 403|forbidden' "$run/worker-$1/agent.out" >"$run/said" || problems+=("the log: $(said "$run/said")")
}
