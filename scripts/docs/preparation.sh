# What exists before the first command, and how each command is run.

demo_starts=600 # seconds, with the build of the program on a busy machine

# how COMMAND: sets $way and related variables to how the command is run:
#   once            until it ends
#   outside         likewise, in the network of this machine
#   until PATTERN   until it prints this, then Ctrl-C
#   terminal TEXT   on a terminal, until it shows this, then q
#   service URL     in the background, from the URL's first response to the end of the document
#   step NAME       with --fast: not here, because this step of scripts/test runs it
#   unknown
how() {
    way=unknown detail='' needs_cluster=no seconds=60
    case $1 in
        './scripts/demo --full'*) way=step detail=demo-full seconds=300 ;;
        ./scripts/demo*) way=until detail='after ([6-9]|[0-9]{2,}) s' seconds=$demo_starts ;;
        ./scripts/image) way=step detail=image seconds=300 ;;
        'mvn -q package -DskipTests') way=step detail=verify seconds=600 ;;
        'promtool test rules '*) way=step detail=rules ;;
        'denywatch agent '*) way=service detail=http://localhost:9464/readyz ;;
        'curl -s localhost:9464/'*) way=once ;;
        'denywatch policies '*'| kubectl '*) way=once needs_cluster=yes ;;
        'denywatch blocklist '*) way=once needs_cluster=yes ;;
        'denywatch top --once '*) way=once ;;
        'denywatch top --url '*) way=terminal detail='2 of 2 agents answer' ;;
        'denywatch top' | 'denywatch top '*) way=terminal detail='1 of 1 agent answers' ;;
        'denywatch parse '* | 'denywatch replay '* | 'denywatch simulate '* | 'denywatch policies '*) way=once ;;
        'denywatch doctor'*) way=once needs_cluster=yes ;;
        'kubectl '* | 'helm install '* | 'helm upgrade '* | 'helm uninstall '*) way=once needs_cluster=yes ;;
    esac
    if [ "$way" = step ] && [ "$fast" = no ]; then
        case $detail in
            demo-full) way=until detail='All of it has happened' ;;
            image | verify) way=outside ;;
            *) way=once ;;
        esac
    fi
}

# make_clone: clones this checkout into $clone. With --fast, or if README.md, which builds the program, is not among the
# documents, the clone gets the program of this checkout.
make_clone() {
    clone=$work/denywatch
    git clone --quiet "$root" "$clone"
    [ -z "$(git -C "$root" status --porcelain)" ] || printf 'what is not committed is not in the clone\n'
    if [ "$fast" = yes ] || [ "${documents[0]}" != README.md ]; then
        mkdir "$clone/agent/target"
        cp -a "$image" "$clone/agent/target/"
        touch "$clone/agent/target/denywatch/app/revision" # the clone's files are newer than the program
        printf 'the program is that of this checkout, not built in the clone\n'
    fi
}

# make_node_of_this: makes a log as on a node with Calico, rotated twice, and an empty /var/lib, and puts the program on
# PATH.
make_node_of_this() {
    mkdir -p "$work/log" "$work/lib" "$work/bin"
    local name
    for name in syslog.2 syslog.1 syslog; do
        "$denywatch" simulate --output "$work/log/$name" --packets 3000 --rate 100000 --scenario scan >"$work/simulate"
    done
    gzip "$work/log/syslog.2"
    mount --bind "$work/log" /var/log
    mount --bind "$work/lib" /var/lib
    ip link set lo up
    ip address add 10.0.0.7/32 dev lo # the node's, in an example
    ip address add 10.0.0.8/32 dev lo # that of another node: the same agent responds there, and counts once
    for name in kubectl helm; do
        [ ! -x "$tools/$name${helm_version[$name]-}" ] || ln -s "$tools/$name${helm_version[$name]-}" "$work/bin/$name"
    done
    ln -s "$clone/agent/target/denywatch/bin/denywatch" "$work/bin/denywatch" # as docs/install/standalone.md says
    export PATH="$work/bin:$PATH" NODE_NAME=worker-1
    leave_other_clusters_alone
}
declare -A helm_version=([helm]=4)

# make_cluster: starts an API with Calico's objects: three nodes with a host endpoint each, and one load balancer. If it
# cannot, $no_cluster says why.
make_cluster() {
    local node file
    controllers=garbagecollector,daemonset,namespace
    ! no_cluster=$(lacks_tools KUBEBUILDER_ASSETS "${cluster_tools[@]}" || lacks_tools HELM_TOOLS kubectl helm4) || return 0
    use_cluster v3
    run=$work
    reset_cluster
    make_service web '[{"ip":"203.0.113.7"}]' 80
    for file in "$crds"/others/monitoring.coreos.com_*.yaml; do load_crd "$file"; done
    for node in "${nodes[@]}"; do make_host_endpoint "$node"; done
    export KUBECONFIG=$cluster/admin.kubeconfig
}

# begin_document: sets up what $document expects its reader to have from other pages: an agent, or the chart as well.
begin_document() {
    local command process seconds=60
    case $document in
        docs/blocking.md | docs/reference/cli.md)
            command='denywatch agent --set source.path=/var/log/syslog --set http.listen=0.0.0.0:9464'
            run_service http://localhost:9464/readyz || return 1
            ;;
    esac
    case $document in
        docs/blocking.md)
            [ -n "$no_cluster" ] || helm install denywatch "$clone/charts/denywatch" --namespace denywatch \
                --create-namespace --values "$clone/charts/denywatch/ci/discovery-values.yaml" >"$work/output" 2>&1
            ;;
    esac
}

# forget_document: removes what the last document left in the cluster and on the node.
forget_document() {
    stop_jobs
    rm -rf "${work:?}"/lib/*
    [ -z "$no_cluster" ] || return 0
    helm uninstall denywatch --namespace denywatch >/dev/null 2>&1 || true
    kubectl delete namespace denywatch --ignore-not-found >/dev/null
    kubectl delete globalnetworksets.projectcalico.org,globalnetworkpolicies.projectcalico.org --all >/dev/null
}
