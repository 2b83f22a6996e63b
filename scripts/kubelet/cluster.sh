# The parts of a cluster that scripts/cluster-up starts, and how scripts/cluster-down ends it. A space is something with
# namespaces of its own: the control plane or a node.
# shellcheck shell=bash disable=SC2154

export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
gateway=10.88.7.1
cluster_binaries=(etcd kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy kubectl)
cni_plugins=/usr/lib/cni
pause_image=localhost/pause:1

use_directory() { # DIR
    dir=$(realpath -m -- "$1")
    case $dir/ in
        /var/log/* | /var/lib/* | /var/run/* | /run/*) usage_error "$dir is not seen by the nodes, which have their own /var/log, /var/lib and /run" ;;
    esac
    cgroup=denywatch-$(printf '%s' "$dir" | cksum | cut -d' ' -f1)
}

can_run_here() {
    local reason plugin
    need_root 'namespaces, containers and their networks'
    ! reason=$(lacks_tools KUBEBUILDER_ASSETS "${cluster_binaries[@]}") || skip "$reason"
    need containerd ctr runc conntrack catatonit iptables ip nsenter unshare setpriv openssl python3
    for plugin in bridge host-local loopback portmap; do
        [ -x "$cni_plugins/$plugin" ] || skip "$cni_plugins/$plugin is missing: apt-get install containernetworking-plugins"
    done
    # This kubelet needs a version of CRI that containerd 2 no longer supports.
    [[ "$(containerd --version)" =~ ' 1.'[67]\. ]] || skip "this kubelet needs containerd 1.6 or 1.7"
    [ "$(stat -f -c %T /sys/fs/cgroup/memory 2>/dev/null)" = cgroupfs ] || skip 'no memory controller of cgroup v1: with v2 this kubelet was not tried'
    { mkdir -p "/sys/fs/cgroup/memory/$cgroup" && { rmdir "/sys/fs/cgroup/memory/$cgroup" || true; }; } 2>/dev/null || skip 'cgroups cannot be made here'
    unshare --mount --net --pid --fork true 2>/dev/null || skip 'namespaces are not permitted'
}

# pid_in SPACE: the id of its first process, if that is alive and the id was not reused.
pid_in() {
    local pid
    read -r pid <"$dir/$1/pid" 2>/dev/null && grep -qzxF "DENYWATCH_SPACE=$dir/$1" "/proc/$pid/environ" 2>/dev/null && printf '%s\n' "$pid"
}

# service_runs SPACE SERVICE
service_runs() { "$dir/enter" "$1" sh -c 'kill -0 "$(cat "$1")"' sh "$dir/$1/$2.pid" 2>/dev/null; }

cluster_runs() {
    local space
    [ -x "$dir/kubectl" ] && [ -s "$dir/nodes" ] || return 1
    while read -r space; do
        pid_in "$space" >/dev/null || return 1
        [ "$space" = control ] || service_runs "$space" kubelet || return 1
    done <"$dir/spaces"
    [ "$("$dir/kubectl" get --raw /readyz 2>/dev/null)" = ok ]
}

# remove_cluster: ends the first process of each space, and with it the space's processes, mounts and networks.
remove_cluster() {
    local space pid
    while read -r space; do
        pid=$(pid_in "$space") || continue
        kill -KILL "$pid"
        wait_until 30 test ! -e "/proc/$pid" || fail "process $pid of $space does not end"
    done <"$dir/spaces"
    wait_until 10 remove_cgroups || fail "cgroups remain: /sys/fs/cgroup/*/$cgroup"
    remove_tree "$dir"
}

remove_cgroups() {
    local top
    for top in /sys/fs/cgroup/*/"$cgroup"; do
        [ ! -e "$top" ] || find "$top" -depth -type d -exec rmdir {} + || return 1
    done
}

write_tools() {
    cat >"$dir/enter" <<TEXT
#!/bin/sh
# usage: enter NAME COMMAND [ARGUMENT...]
read -r pid <"$dir/\$1/pid" || exit 1
shift
exec nsenter --target "\$pid" --mount --uts --ipc --net --pid -- setpriv --pdeathsig TERM -- "\$@"
TEXT
    cat >"$dir/service" <<TEXT
#!/bin/bash
# usage: service NAME SERVICE start|stop
set -eu
place=$dir/\$1/\$2
case \$3 in
    start) $dir/enter "\$1" bash -c 'exec </dev/null >>"\$1.out" 2>&1; setsid "\${@:2}" & echo \$! >"\$1.pid"' bash "\$place" bash "\$place.command" ;;
    stop) $dir/enter "\$1" bash -c 'kill "\$1"; while kill -0 "\$1"; do sleep 0.1; done 2>/dev/null' bash "\$(cat "\$place.pid")" ;;
    *) exit 2 ;;
esac
TEXT
    cat >"$dir/kubectl" <<TEXT
#!/bin/sh
exec $assets/kubectl --kubeconfig $dir/kubeconfig --cache-dir $dir/cache "\$@"
TEXT
    chmod 755 "$dir"/{enter,service,kubectl}
}

# start SPACE SERVICE COMMAND...: starts a service in the background; see also "service".
start() {
    printf 'exec %s\n' "$(printf '%q ' "${@:3}")" >"$dir/$1/$2.command"
    "$dir/service" "$1" "$2" start
}

# Spaces -------------------------------------------------------------------------------------------------------------

make_space() { # SPACE
    mkdir -p "$dir/$1"
    rm -f "$dir/$1/pid"
    DENYWATCH_SPACE=$dir/$1 setsid unshare --mount --uts --ipc --net --pid --fork --propagation private \
        "$root/scripts/kubelet/space" "$dir/$1" </dev/null >"$dir/$1/space.out" 2>&1 &
    disown
    wait_until 10 test -s "$dir/$1/pid" || fail "$1 does not start: $(tail -n 1 "$dir/$1/space.out")"
    [ "$1" = control ] || make_cgroup "$cgroup/$1"
}

make_cgroup() { # PATH
    local hierarchy path setting
    for hierarchy in /sys/fs/cgroup/*; do
        [ "$(stat -f -c %T "$hierarchy")" = cgroupfs ] || continue
        mkdir -p "$hierarchy/$1"
        for path in "${1%/*}" "$1"; do
            for setting in cpuset.cpus cpuset.mems; do
                [ ! -e "$hierarchy/$setting" ] || cat "$hierarchy/$setting" >"$hierarchy/$path/$setting"
            done
        done
    done
}

address_of() { printf '10.88.7.1%s\n' "${1#worker-}"; } # NODE

connect_nodes() {
    local node
    "$dir/enter" control sh -ec "ip link add nodes type bridge; ip addr add $gateway/24 dev nodes; ip link set nodes up"
    for node in "${spaces[@]:1}"; do connect_node "$node"; done
}

connect_node() { # NODE
    ip link add eth0 netns "$(pid_in "$1")" type veth peer name "$1" netns "$(pid_in control)"
    "$dir/enter" control ip link set "$1" master nodes up
    "$dir/enter" "$1" sh -ec "ip addr add $(address_of "$1")/24 dev eth0; ip link set eth0 up; ip route add default via $gateway; echo 1 >/proc/sys/net/ipv4/ip_forward"
}

# Certificates and accounts ------------------------------------------------------------------------------------------

# certificate NAME SUBJECT ALTERNATIVE_NAMES
certificate() {
    openssl req -x509 -config <(printf '[req]\ndistinguished_name = dn\n[dn]\n') -newkey rsa:2048 \
        -nodes -days 30 -subj "$2" -keyout "$dir/pki/$1.key" -out "$dir/pki/$1.crt" -CA "$dir/pki/ca.crt" -CAkey "$dir/pki/ca.key" \
        -addext basicConstraints=CA:FALSE -addext "subjectAltName=$3" 2>/dev/null
}

# kubeconfig FILE NAME SERVER: writes a kubeconfig with the certificate of this name.
kubeconfig() {
    cat >"$1" <<TEXT
apiVersion: v1
kind: Config
current-context: test
contexts: [{name: test, context: {cluster: test, user: $2}}]
clusters: [{name: test, cluster: {server: "$3", certificate-authority: $dir/pki/ca.crt}}]
users: [{name: $2, user: {client-certificate: $dir/pki/$2.crt, client-key: $dir/pki/$2.key}}]
TEXT
}

make_certificates() {
    local node
    mkdir "$dir/pki"
    openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=ca -keyout "$dir/pki/ca.key" \
        -out "$dir/pki/ca.crt" 2>/dev/null
    openssl genrsa -out "$dir/pki/sa.key" 2048 2>/dev/null
    certificate api /CN=kube-apiserver "IP:127.0.0.1,IP:$gateway,IP:10.96.0.1,DNS:kubernetes.default.svc"
    certificate admin /O=system:masters/CN=admin DNS:admin
    for node in "${spaces[@]:1}"; do
        certificate "$node" "/O=system:nodes/CN=system:node:$node" "DNS:$node,IP:$(address_of "$node")"
    done
}

# Control plane ------------------------------------------------------------------------------------------------------

start_control_plane() {
    local port here=http://127.0.0.1:2379
    kubeconfig "$dir/control/kubeconfig" admin "https://$gateway:6443"
    start control etcd "$assets/etcd" --data-dir "$dir/control/etcd" --listen-client-urls "$here" --advertise-client-urls "$here"
    start control kube-apiserver "$assets/kube-apiserver" --etcd-servers="$here" --secure-port=6443 "--advertise-address=$gateway" \
        --tls-cert-file="$dir/pki/api.crt" --tls-private-key-file="$dir/pki/api.key" --client-ca-file="$dir/pki/ca.crt" \
        --service-account-key-file="$dir/pki/sa.key" --service-account-signing-key-file="$dir/pki/sa.key" \
        --service-account-issuer=https://kubernetes.default.svc --service-cluster-ip-range=10.96.0.0/16 --allow-privileged=true \
        --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction --kubelet-preferred-address-types=InternalIP \
        --kubelet-client-certificate="$dir/pki/admin.crt" --kubelet-client-key="$dir/pki/admin.key" \
        --kubelet-certificate-authority="$dir/pki/ca.crt"
    port=$(free_port)
    kubeconfig "$dir/kubeconfig" admin "https://127.0.0.1:$port"
    # The relay is a process of control, so it ends with it, but listens in the network of this machine.
    nsenter --target "$(pid_in control)" --pid setsid "$root/scripts/kubelet/relay" "$port" "$(pid_in control)" "$gateway" 6443 \
        </dev/null >"$dir/control/relay.out" 2>&1 &
    disown
    wait_until 60 "$dir/kubectl" get --raw /readyz || fail "the API server does not start: $(tail -n 1 "$dir/control/kube-apiserver.out")"
    start control kube-controller-manager "$assets/kube-controller-manager" --kubeconfig="$dir/control/kubeconfig" \
        --service-account-private-key-file="$dir/pki/sa.key" --root-ca-file="$dir/pki/ca.crt" --use-service-account-credentials=true \
        --allocate-node-cidrs=true --cluster-cidr=10.244.0.0/16 --leader-elect=false
    start control kube-scheduler "$assets/kube-scheduler" --kubeconfig="$dir/control/kubeconfig" --leader-elect=false
}

# Nodes --------------------------------------------------------------------------------------------------------------

# make_pause_image: makes the image whose container keeps a pod's namespaces.
make_pause_image() {
    local layer=$dir/pause/layer.tar
    mkdir "$dir/pause"
    tar -C "$(dirname "$(command -v catatonit)")" -cf "$layer" catatonit
    printf '{"architecture":"amd64","os":"linux","config":{"Entrypoint":["/catatonit","-P"]},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
        "$(sha256sum "$layer" | cut -d' ' -f1)" >"$dir/pause/config.json"
    printf '[{"Config":"config.json","RepoTags":["%s"],"Layers":["layer.tar"]}]' "$pause_image" >"$dir/pause/manifest.json"
    tar -C "$dir/pause" -cf "$dir/pause.tar" manifest.json config.json layer.tar
}

# Sets restrict_oom_score_adj: without CAP_SYS_RESOURCE no process can get a lower oom_score_adj than ours.
start_containerd() { # NODE
    mkdir "$dir/$1/cni"
    cat >"$dir/$1/containerd.toml" <<TEXT
version = 2
[plugins."io.containerd.internal.v1.opt"]
  path = "/var/lib/containerd/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "$pause_image"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "$cni_plugins"
    conf_dir = "$dir/$1/cni"
TEXT
    start "$1" containerd containerd --config "$dir/$1/containerd.toml"
}

import_images() { # NODE
    local archive
    for archive in "$dir/pause.tar" "$image"; do
        "$dir/enter" "$1" ctr --namespace k8s.io images import "$archive" >"$dir/$1/import.out" 2>&1 ||
            fail "$1 does not take $archive: $(tail -n 1 "$dir/$1/import.out")"
    done
}

start_kubelet() { # NODE
    kubeconfig "$dir/$1/kubeconfig" "$1" "https://$gateway:6443"
    printf 'nameserver 10.96.0.10\n' >"$dir/$1/resolv.conf"
    # No image may be removed to free space, because none could be pulled again.
    cat >"$dir/$1/kubelet.yaml" <<TEXT
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: $dir/pki/ca.crt}}
authorization: {mode: Webhook}
cgroupDriver: cgroupfs
cgroupRoot: /$cgroup/$1
failSwapOn: false
tlsCertFile: $dir/pki/$1.crt
tlsPrivateKeyFile: $dir/pki/$1.key
clusterDomain: cluster.local
resolvConf: $dir/$1/resolv.conf
imageGCHighThresholdPercent: 100
evictionHard: {nodefs.available: "1%", imagefs.available: "1%", memory.available: "100Mi"}
TEXT
    start "$1" kubelet "$assets/kubelet" --config="$dir/$1/kubelet.yaml" --kubeconfig="$dir/$1/kubeconfig" --hostname-override="$1" \
        --node-ip="$(address_of "$1")" --container-runtime=remote --container-runtime-endpoint=unix:///run/containerd/containerd.sock \
        --volume-plugin-dir=/var/lib/kubelet/volume-plugins
}

# kube-proxy must not change the machine's conntrack settings.
start_proxy() { # NODE
    cat >"$dir/$1/proxy.yaml" <<TEXT
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: iptables
clusterCIDR: 10.244.0.0/16
hostnameOverride: $1
clientConnection: {kubeconfig: $dir/control/kubeconfig}
conntrack: {maxPerCore: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}
TEXT
    start "$1" kube-proxy "$assets/kube-proxy" --config="$dir/$1/proxy.yaml"
}

pods_of() { "$dir/kubectl" get node "$1" -o 'jsonpath={.spec.podCIDR}' 2>/dev/null | grep .; } # NODE

# connect_pods NODE: connects its pods, as soon as the node has addresses for them.
connect_pods() {
    local pods other
    wait_until 60 pods_of "$1" || fail "$1 does not register: $(tail -n 1 "$dir/$1/kubelet.out")"
    pods=$(pods_of "$1")
    for other in "${spaces[@]}"; do
        [ "$other" = "$1" ] || "$dir/enter" "$other" ip route replace "$pods" via "$(address_of "$1")"
        [ "$other" = "$1" ] || [ "$other" = control ] || ! pods_of "$other" >"$dir/pods" ||
            "$dir/enter" "$1" ip route replace "$(cat "$dir/pods")" via "$(address_of "$other")"
    done
    printf '{"cniVersion":"0.4.0","name":"pods","plugins":[{"type":"bridge","bridge":"cni0","isGateway":true,"hairpinMode":true,"ipam":{"type":"host-local","ranges":[[{"subnet":"%s"}]],"routes":[{"dst":"0.0.0.0/0"}]}},{"type":"portmap","capabilities":{"portMappings":true}}]}\n' \
        "$pods" >"$dir/$1/cni/10-bridge.conflist" # not moved there, because containerd waits for a write
    start_proxy "$1"
}

# restart_node NODE: kills everything that runs there without a warning, and starts the node again.
restart_node() {
    local pid
    pid=$(pid_in "$1")
    kill -KILL "$pid"
    wait_until 30 test ! -e "/proc/$pid"
    make_space "$1"
    connect_node "$1"
    "$dir/service" "$1" containerd start
    "$dir/service" "$1" kubelet start
    connect_pods "$1"
}
