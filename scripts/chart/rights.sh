# What an agent may and may not do with the account that the chart gives it, and that this is enough.
# shellcheck shell=bash disable=SC2034,SC2154,SC2317

# pod_template FILTER: of the DaemonSet.
pod_template() {
    kube_api GET "/apis/apps/v1/namespaces/$namespace/daemonsets" | jq -r ".items[0].spec.template | $1"
}

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
    jq -nc --arg namespace "$1" '{apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectRulesReview", spec: {namespace: $namespace}}' |
        kubectl create -f - -o json --as "system:serviceaccount:$namespace:$2" |
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
            printf '%s\n' 'get endpoints/kubernetes in default' 'create events.events.k8s.io in default' \
                'list servicecidrs.networking.k8s.io' "get clusterinformations.$2" "get globalnetworksets.$2"
            printf "list %s.$2\n" ippools globalnetworkpolicies networkpolicies hostendpoints felixconfigurations tiers \
                globalnetworksets
            printf "get %s.$2\n" tiers
            [ "$2" = crd.projectcalico.org ] || printf "%s tier.globalnetworkpolicies.$2\n" get list
            [ "$2" = crd.projectcalico.org ] || printf "%s tier.networkpolicies.$2\n" get list
            ;;
        enforce)
            rights dry-run "$2"
            printf "%s globalnetworksets.$2\n" create update
            printf 'get apiservices.apiregistration.k8s.io/v3.projectcalico.org\n'
            ;;
    esac
}

# Nobody needs these, whatever is on.
forbidden() {
    cat <<'EOT'
get secrets
list secrets
list configmaps
list pods
create pods
create pods/exec
get nodes/proxy
update nodes
patch services
delete globalnetworksets.projectcalico.org
patch globalnetworksets.projectcalico.org
deletecollection globalnetworksets.projectcalico.org
create globalnetworkpolicies.projectcalico.org
update globalnetworkpolicies.projectcalico.org
delete globalnetworkpolicies.projectcalico.org
create networksets.projectcalico.org
update felixconfigurations.projectcalico.org
create serviceaccounts/token
update clusterroles.rbac.authorization.k8s.io
bind clusterroles.rbac.authorization.k8s.io
escalate clusterroles.rbac.authorization.k8s.io
impersonate users
EOT
}

# check_rights FEATURE: just those that it needs.
check_rights() {
    local right account
    account=system:serviceaccount:$namespace:$(pod_template .spec.serviceAccountName)
    rights "$1" "${group%/*}" | sort >"$run/needed"
    rights_of_account >"$run/given"
    comm -23 "$run/needed" "$run/given" >"$run/said"
    [ ! -s "$run/said" ] || problems+=("it may not: $(paste -sd, "$run/said")")
    comm -13 "$run/needed" "$run/given" >"$run/said"
    [ ! -s "$run/said" ] || problems+=("it may: $(paste -sd, "$run/said")")
    while read -r right; do
        # shellcheck disable=SC2086 # a verb and a resource
        [ "$(kubectl auth can-i $right --all-namespaces --as "$account" 2>/dev/null)" = no ] || problems+=("it may $right")
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

# check_refusals NUMBER: what it asked for, it got.
check_refusals() {
    expect 'requests refused' "$(metric "$1" denywatch_kubernetes_requests_total 'code="403"')" -eq 0
    expect 'requests not authenticated' "$(metric "$1" denywatch_kubernetes_requests_total 'code="401"')" -eq 0
    ! grep -m 1 -iE '403|forbidden|cannot (get|list|watch|create|update)|needs? the right' "$run/worker-$1/agent.out" >"$run/said" ||
        problems+=("the log: $(said "$run/said")")
}
