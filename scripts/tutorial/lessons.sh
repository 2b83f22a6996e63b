# The five lessons of IBM Cloud's tutorial on network policies, "Using Calico network policies to control traffic".
# shellcheck shell=bash disable=SC2034,SC2154,SC2317

# rules_for ACTION DESTINATION [SOURCE]: rules for TCP and UDP; destination and source are in YAML's flow style.
rules_for() {
    local protocol
    for protocol in TCP UDP; do
        printf '  - {action: %s, protocol: %s, destination: %s, source: %s}\n' "$1" "$protocol" "$2" "${3-"{}"}"
    done
}

# policy NAME ORDER RULES
policy() {
    cat <<EOT
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata:
  name: $1
spec:
  applyOnForward: true
  preDNAT: true
  selector: ibm.role=='worker_public'
  order: $2
  types: [Ingress]
  ingress:
$3
EOT
}

at_nlb="{nets: [$nlb/32], ports: [80]}" from_client="{nets: [$client/32]}"
lines_of() { grep -c "kernel: .*calico-packet: IN=eth1 OUT= .*SRC=$1 DST=$nlb " "$work/RSYSLOG_FileFormat" || true; } # SOURCE
lines_are() { [ "$(lines_of "$1")" = "$2" ]; } # SOURCE COUNT

# level_of SOURCE: the log level of the kernel's last record about it.
level_of() { dd if=/dev/kmsg iflag=nonblock bs=8192 2>/dev/null | grep -a ";calico-packet: IN=eth1 .*SRC=$1 " | tail -1 | cut -d, -f1; }

# sees ADDRESS|another: checks from which address the web server receives the client's requests.
sees() {
    reaches client "$nlb" || return 1
    case $1 in another) ! grep -qx "client_address=$client" "$work/answer" ;; *) grep -qx "client_address=$1" "$work/answer" ;; esac
}

# lessons LEVEL: runs the lessons; LEVEL is the expected log level in the kernel.
lessons() {
    local before
    delete_policies
    traffic_policy Cluster
    soon 10 'lesson 1: the web server sees the address of the client' sees another
    check 'lesson 1: the client reaches the load balancer' reaches client "$nlb"
    check 'lesson 1: the client reaches the node port' reaches client "$worker_address:$node_port"

    apply_policy "$(policy deny-nodeports 1100 "$(rules_for Deny '{ports: ["30000:32767"]}')")"
    check 'lesson 2: the node port times out' times_out client "$worker_address:$node_port"
    expect 'lesson 2: packets dropped by deny-nodeports' "$(counted deny-nodeports DROP)" -ge 1
    traffic_policy Local
    soon 10 'lesson 2: the web server does not see the address of the client' sees "$client"
    check 'lesson 2: the client reaches the load balancer' reaches client "$nlb"

    apply_policy "$(policy deny-lb-port-80 800 "$(rules_for Deny "$at_nlb")")"
    check 'lesson 3: the load balancer times out' times_out client "$nlb"
    expect 'lesson 3: packets dropped by deny-lb-port-80' "$(counted deny-lb-port-80 DROP)" -ge 1
    apply_policy "$(policy allowlist 500 "$(rules_for Allow "$at_nlb" "$from_client")")"
    check 'lesson 3: the client on the allowlist reaches the load balancer' reaches client "$nlb"
    check 'lesson 3: another source times out' times_out attacker "$nlb"

    delete_policy deny-lb-port-80
    delete_policy allowlist
    apply_policy "$(policy blocklist 500 "$(rules_for Deny "$at_nlb" "$from_client")")"
    check 'lesson 4: the client on the blocklist times out' times_out client "$nlb"
    check 'lesson 4: another source reaches the load balancer' reaches attacker "$nlb"

    before=$(lines_of "$client")
    apply_policy "$(policy log-denied-packets 300 "$(rules_for Log "$at_nlb" "$from_client")")"
    check 'lesson 5: the client on the blocklist times out' times_out client "$nlb"
    expect 'lesson 5: packets logged' "$(counted log-denied-packets LOG)" -ge 1
    expect 'lesson 5: packets dropped' "$(counted blocklist DROP)" -eq "$(counted log-denied-packets LOG)"
    soon 5 'lesson 5: the log does not have a line for each packet' lines_are "$client" $((before + $(counted log-denied-packets LOG)))
    expect 'lesson 5: the level in the kernel' "$(level_of "$client")" -eq "$1"
    note="$(counted log-denied-packets LOG) packets logged at level $1"
    for each in blocklist log-denied-packets deny-nodeports; do delete_policy "$each"; done
    check 'the client reaches the load balancer' reaches client "$nlb"
}
