# A Kubernetes API of our own: etcd, kube-apiserver and some of the controllers.

# What the API does --------------------------------------------------------------------------------------------------

# request METHOD PATH FILE CURL_OPTION...: sends a request with the token $bearer (default: that of admin). The body is
# the file, or standard input if FILE is "-"; if it is empty, there is none.
request() {
    local body=()
    [ -z "$3" ] || body=(--data-binary "@$3" -H "Content-Type: application/${body_type-json}")
    curl -s --max-time 10 --cacert "$cluster/certs/apiserver.crt" -H "Authorization: Bearer ${bearer-token-admin}" -X "$1" \
        "${body[@]}" "${@:4}" "https://127.0.0.1:$api_port$2"
}

kube_api() { request "$1" "$2" "${3-}" -S --fail-with-body; } # METHOD PATH [FILE]: fails if the request does
kube_code() { request "$1" "$2" "${3-}" -o /dev/null -w '%{http_code}'; } # METHOD PATH [FILE]: the status only

# recreate COLLECTION: creates the object on standard input; if it exists, deletes it first.
recreate() {
    local object
    object=$(cat)
    remove "$1/$(jq -r .metadata.name <<<"$object")"
    kube_api POST "$1" - <<<"$object" >/dev/null
}

# remove PATH: deletes the object, if it exists.
remove() {
    kube_api DELETE "$1" >/dev/null 2>&1 || true
    wait_until 20 is_absent "$1"
}

is_absent() { [ "$(kube_code GET "$1")" = 404 ]; } # PATH

# edit PATH JQ_FILTER: reads, changes and writes an object; repeats this after a conflict.
edit() {
    local try
    for try in 1 2 3 4 5 6 7 8 9 10; do
        kube_api GET "$1" | jq -c "$2" >"$run/edited"
        if kube_api PUT "$1" "$run/edited" >/dev/null 2>"$run/edit-error"; then return; fi
    done
    printf 'edit of %s: %s, %s tries\n' "$1" "$(cat "$run/edit-error")" "$try" >&2
    return 1
}

api_options=()

# Processes ----------------------------------------------------------------------------------------------------------

# launch NAME COMMAND...: starts a process that may outlive the case, so it is no job of the shell; its id is in
# $cluster/NAME.pid.
launch() {
    "${@:2}" >>"$cluster/$1.log" 2>&1 &
    printf '%s\n' "$!" >"$cluster/$1.pid"
    disown
}

pid_of() { cat "$cluster/$1.pid"; } # NAME

# runs NAME: whether the process runs and is no zombie.
runs() {
    [ -s "$cluster/$1.pid" ] && kill -0 "$(pid_of "$1")" 2>/dev/null &&
        ! grep -q '^State:.*Z' "/proc/$(pid_of "$1")/status" 2>/dev/null
}

ended() { ! runs "$1"; } # NAME

end() { # NAME
    runs "$1" || return 0
    kill -CONT "$(pid_of "$1")"
    kill "$(pid_of "$1")"
    wait_until 20 ended "$1" || kill -KILL "$(pid_of "$1")"
    rm -f "$cluster/$1.pid"
}

start_etcd() {
    launch etcd "$assets/etcd" --data-dir "$cluster/etcd" --listen-client-urls "http://127.0.0.1:$etcd_port" \
        --advertise-client-urls "http://127.0.0.1:$etcd_port" --listen-peer-urls "http://127.0.0.1:$peer_port" \
        --initial-advertise-peer-urls "http://127.0.0.1:$peer_port" \
        --initial-cluster "default=http://127.0.0.1:$peer_port"
}

# start_api: starts it with the additional options $api_options; returns when it responds.
start_api() {
    launch kube-apiserver "$assets/kube-apiserver" "--etcd-servers=http://127.0.0.1:$etcd_port" \
        --bind-address=127.0.0.1 --advertise-address=192.0.2.1 "--secure-port=$api_port" "--cert-dir=$cluster/certs" \
        --service-cluster-ip-range=10.96.0.0/16 --authorization-mode=RBAC "--token-auth-file=$cluster/tokens.csv" \
        --service-account-issuer=https://kubernetes.default.svc "--service-account-signing-key-file=$cluster/sa.key" \
        "--service-account-key-file=$cluster/sa.key" --disable-admission-plugins=ServiceAccount --allow-privileged=true \
        "${api_options[@]}"
    wait_until 60 api_is_ready
}

stop_api() { end kube-apiserver; }
api_is_ready() { [ "$(kube_api GET /readyz 2>/dev/null)" = ok ]; }

# start_controllers: starts those in $controllers, by default only the garbage collector. Others would consider the
# nodes dead, because they have no kubelet.
start_controllers() {
    launch kube-controller-manager "$assets/kube-controller-manager" "--kubeconfig=$cluster/admin.kubeconfig" \
        --bind-address=127.0.0.1 "--secure-port=$controller_port" --port=0 "--cert-dir=$cluster/controller-certs" \
        "--controllers=${controllers-garbagecollector}" --leader-elect=false
}

# leave_other_clusters_alone: hides clusters of the environment from Helm and kubectl, and gives Helm directories of its own.
leave_other_clusters_alone() {
    local name
    for name in $(compgen -v HELM_ | grep -vx HELM_TOOLS || true); do unset "$name"; done # our tools are there
    export KUBECONFIG=$work/no-cluster
    export HELM_CACHE_HOME=$work/helm/cache HELM_CONFIG_HOME=$work/helm/config HELM_DATA_HOME=$work/helm/data
    printf 'apiVersion: v1\nkind: Config\n' >"$KUBECONFIG"
}

# Clusters -----------------------------------------------------------------------------------------------------------

# group_of v1|v3: the API group of Calico's objects: v1 is the group of the CRDs that Calico's own API server reads, v3
# the group that it serves, for which newer releases have CRDs and need no such server.
group_of() {
    case $1 in
        v1) printf 'crd.projectcalico.org/v1\n' ;;
        v3) printf 'projectcalico.org/v3\n' ;;
    esac
}

# use_cluster v1|v3: starts this kind of cluster unless it runs. Only one runs at a time; another kind is ended.
use_cluster() {
    if [ "${cluster_kind-}" = "$1" ]; then
        runs kube-apiserver || start_api
        return
    fi
    [ -z "${cluster_kind-}" ] || end_cluster
    cluster_kind=$1
    group=$(group_of "$1")
    sets=/apis/$group/globalnetworksets
    cluster=$work/cluster-$1
    mkdir "$cluster"
    etcd_port=$(free_port) peer_port=$(free_port) api_port=$(free_port) controller_port=$(free_port)
    openssl genrsa -out "$cluster/sa.key" 2048 2>/dev/null
    write_accounts
    start_etcd
    start_api
    load_crds "$1"
    start_controllers
}

end_cluster() {
    local name
    for name in kube-controller-manager kube-apiserver etcd; do end "$name"; done
    cluster_kind=''
}

# Accounts of the nodes' agents, admin and an operator. They may do anything; scripts/e2e-chart tests the chart's
# permissions.
write_accounts() {
    local user
    for user in admin agent-worker-1 agent-worker-2 agent-worker-3 operator; do
        printf 'token-%s,%s,%s,system:masters\n' "$user" "$user" "$user"
        write_kubeconfig "$user" "token-$user"
    done >"$cluster/tokens.csv"
}

# write_kubeconfig NAME TOKEN: $cluster/NAME.kubeconfig.
write_kubeconfig() {
    cat >"$cluster/$1.kubeconfig" <<EOT
apiVersion: v1
kind: Config
current-context: test
contexts: [{name: test, context: {cluster: test, user: $1}}]
clusters:
- name: test
  cluster: {server: "https://127.0.0.1:$api_port", certificate-authority: $cluster/certs/apiserver.crt}
users: [{name: $1, user: {token: $2}}]
EOT
}

# crds_of v1|v3: the files with Calico's CRDs.
crds_of() {
    case $1 in
        v1) find -L "$crds/v3.31.7" -name 'crd.projectcalico.org_*.yaml' ;;
        v3) find -L "$crds/v3.32.1" -name 'projectcalico.org_*.yaml' ;;
    esac | sort
}

load_crds() { # v1|v3
    local file
    crds_of "$1" >"$cluster/crds"
    [ -s "$cluster/crds" ] || fail "no CRDs of Calico's $1 in $crds"
    while read -r file; do
        load_crd "$file"
    done <"$cluster/crds"
    wait_until 30 kube_api GET "$sets"
    wait_until 30 kube_api GET "/apis/$group/clusterinformations"
}

# old_schema FILE: the CRD without CEL rules and newer defaults, which this server does not know.
old_schema() {
    awk '
        { match($0, /^ */); depth = RLENGTH }
        skipping && (depth > at || (depth == at && /^ *- /)) { next }
        { skipping = 0 }
        /x-kubernetes-validations:/ { skipping = 1; at = depth; next }
        /^ *default: ""$/ { next }
        { print }' "$1"
}

load_crd() { # FILE
    old_schema "$1" >"$cluster/crd.yaml"
    body_type=yaml kube_api POST /apis/apiextensions.k8s.io/v1/customresourcedefinitions "$cluster/crd.yaml" \
        >"$cluster/crd.answer" || fail "$1 is refused: $(jq -r .message "$cluster/crd.answer")"
}
