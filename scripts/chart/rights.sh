# What an agent may and may not do with the account that the chart gives it, and that this is enough.
# shellcheck shell=bash disable=SC2034,SC2154,SC2317

# pod_template FILTER: of the DaemonSet.
pod_template() { kube_api GET "/apis/apps/v1/namespaces/$namespace/daemonsets" | jq -r ".items[0].spec.template | $1"; }

# rights_of_account: a line for each verb and resource that the account of the pods may use, beside what every account may;
# with the name where it is for that object alone, and the namespace where it is not for all.
rights_of_account() {
    local each account
    account=$(pod_template .spec.serviceAccountName)
    for each in default kube-system "$namespace"; do
        rules_review "$each" "$account" >"$run/may-$each"
        rules_review "$each" nobody | comm -23 "$run/may-$each" - | sed "s/$/ in $each/"
    done | awk '
        { right = $0; sub(/ in [^ ]*$/, "", right); places[right]++; place[right] = $0 }
        END { for (right in places) print places[right] == 3 ? right : place[right] }' | sort
}

rules_review() { # NAMESPACE ACCOUNT
    jq -nc --arg namespace "$1" '{spec: {namespace: $namespace}}' |
        impersonated=system:serviceaccount:$namespace:$2 kube_api POST /apis/authorization.k8s.io/v1/selfsubjectrulesreviews - |
        jq -r '.status.resourceRules[] | . as $rule | .verbs[] as $verb | .apiGroups[] as $group | .resources[] as $resource |
            ($rule.resourceNames // [""])[] as $name |
            "\($verb) \($resource)\(if $group == "" then "" else ".\($group)" end)\(if $name == "" then "" else "/\($name)" end)"' |
        sort -u
}

# rights FEATURE GROUP: those that it needs, with Calico's objects in that group.
rights() {
    case $1 in
        none) return ;;
        discovery)
            printf '%s services\n' list watch
            printf '%s nodes\n' list watch
            ;;
        dry-run)
            rights discovery "$2"
            printf '%s\n' 'get endpoints/kubernetes in default' 'create events in default' \
                'list servicecidrs.networking.k8s.io' 'list ippools.crd.projectcalico.org' \
                'get apiservices.apiregistration.k8s.io/v3.projectcalico.org'
            printf "%s.$2\n" 'get clusterinformations' 'list ippools' 'list globalnetworkpolicies' 'list networkpolicies' \
                'list hostendpoints' 'list networksets' 'list felixconfigurations' 'get tiers' 'list tiers' 'get globalnetworksets' 'list globalnetworksets'
            [ "$2" = crd.projectcalico.org ] || printf "%s.$2\n" 'get tier.globalnetworkpolicies' 'list tier.globalnetworkpolicies' \
                'get tier.networkpolicies' 'list tier.networkpolicies'
            ;;
        enforce)
            rights dry-run "$2"
            printf "%s globalnetworksets.$2\n" create update
            ;;
    esac
}

# forbidden: a verb and a resource a line, which no agent may use, whatever is on.
forbidden() {
    printf 'get %s\n' secrets nodes/proxy pods/log
    printf 'list %s\n' secrets configmaps pods serviceaccounts
    printf 'create %s\n' pods pods/exec serviceaccounts/token services globalnetworkpolicies.projectcalico.org \
        networksets.projectcalico.org validatingadmissionpolicies.admissionregistration.k8s.io clusterroles.rbac.authorization.k8s.io
    printf 'update %s\n' nodes nodes/status services/status globalnetworkpolicies.projectcalico.org felixconfigurations.projectcalico.org \
        hostendpoints.projectcalico.org daemonsets.apps
    printf '%s globalnetworksets.projectcalico.org\n' delete patch deletecollection
    printf '%s clusterroles.rbac.authorization.k8s.io\n' bind escalate
    printf 'impersonate %s\n' users serviceaccounts
}

may() { # ACCOUNT VERB RESOURCE
    jq -nc --arg verb "$2" --arg of "$3" '($of | split("/")[0] | split(".")) as $resource | {spec: {resourceAttributes: {
        verb: $verb, resource: $resource[0], group: $resource[1:] | join("."), subresource: ($of | split("/")[1] // "")}}}' |
        impersonated=system:serviceaccount:$namespace:$1 kube_api POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews - |
        jq -e .status.allowed >"$run/allowed"
}

# check_rights FEATURE: just those that it needs.
check_rights() {
    local account verb resource
    account=$(pod_template .spec.serviceAccountName)
    rights "$1" "${group%/*}" | sort -u >"$run/needed"
    rights_of_account >"$run/given"
    comm -23 "$run/needed" "$run/given" >"$run/said"
    [ ! -s "$run/said" ] || problems+=("it may not: $(paste -sd, "$run/said")")
    comm -13 "$run/needed" "$run/given" >"$run/said"
    [ ! -s "$run/said" ] || problems+=("it may: $(paste -sd, "$run/said")")
    while read -r verb resource; do
        ! may "$account" "$verb" "$resource" || problems+=("it may $verb $resource")
    done < <(forbidden)
}

# Agents -------------------------------------------------------------------------------------------------------------

# start_pod NUMBER: an agent as the DaemonSet's pod on that node: with its arguments, its configuration and a token of its
# account. Only where log, port and checkpoints are is different.
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

# token: of the account, as the kubelet would ask for it.
token() {
    local account
    account=$(pod_template .spec.serviceAccountName)
    jq -nc '{apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {expirationSeconds: 3600}}' |
        kube_api POST "/api/v1/namespaces/$namespace/serviceaccounts/$account/token" - | jq -r .status.token
}

# check_refusals NUMBER [MOST]: what it asked for, it got, but for so many requests, by default none.
check_refusals() {
    expect 'requests refused' "$(metric "$1" denywatch_kubernetes_requests_total 'code="403"')" -le "${2:-0}"
    expect 'requests not authenticated' "$(metric "$1" denywatch_kubernetes_requests_total 'code="401"')" -eq 0
    ! grep -m 1 -iE ': 403|forbidden' "$run/worker-$1/agent.out" >"$run/said" || problems+=("the log: $(said "$run/said")")
}
