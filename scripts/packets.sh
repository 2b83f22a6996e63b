# Packets that this machine's kernel logs: they are sent from one network namespace to another through a veth pair.

log_all_netns=/proc/sys/net/netfilter/nf_log_all_netns
sender=dw-sender-$$ receiver=dw-receiver-$$
in_sender() { ip netns exec "$sender" "$@"; }
in_receiver() { ip netns exec "$receiver" "$@"; }
hping() { in_sender hping3 -q "$@" >/dev/null 2>&1 || true; } # its exit code depends on responses, and there are none

need_kernel_log() { # TOOL...
    need_root "network namespaces and the LOG target"
    need ip "$@"
    [ -w "$log_all_netns" ] || skip "$log_all_netns cannot be written: this kernel does not log for other namespaces"
    log_all_netns_before=$(cat "$log_all_netns")
}

need_kmsg() { (exec 3</dev/kmsg) 2>/dev/null || skip "/dev/kmsg cannot be opened"; }
log_all_namespaces() { printf '1\n' >"$log_all_netns"; }

# forget_namespaces: deletes the namespaces, and restores the kernel's log settings.
forget_namespaces() {
    ip netns del "$sender" 2>/dev/null || true
    ip netns del "$receiver" 2>/dev/null || true
    printf '%s\n' "$log_all_netns_before" >"$log_all_netns"
}

# make_namespaces SENDER_ADDRESS... -- RECEIVER_ADDRESS...: with prefix lengths. Neighbours are static and addresses are not
# probed, so that the kernel sends no packets of its own.
make_namespaces() {
    local setting ns address of=$sender link=out other=$receiver other_link=in mac=02:00:00:00:00:01 nodad
    ip netns add "$sender" && ip netns add "$receiver" || return 1
    for ns in "$sender" "$receiver"; do
        for setting in net.ipv6.conf.default.accept_dad net.ipv6.conf.default.router_solicitations \
            net.ipv6.icmp.ratelimit net.ipv4.icmp_ratelimit; do
            ip netns exec "$ns" sh -c "echo 0 >/proc/sys/$(printf %s $setting | tr . /)"
        done
    done
    ip -n "$sender" link add out address 02:00:00:00:00:01 type veth \
        peer name in address 02:00:00:00:00:02 netns "$receiver" || return 1
    ip -n "$sender" link set lo up
    ip -n "$sender" link set out up
    ip -n "$receiver" link set in up
    for address in "$@"; do
        if [ "$address" = -- ]; then
            of=$receiver link=in other=$sender other_link=out mac=02:00:00:00:00:02
            continue
        fi
        nodad=''
        [[ "$address" != *:* ]] || nodad=nodad
        ip -n "$of" addr add "$address" dev "$link" $nodad
        ip -n "$other" neigh replace "${address%/*}" lladdr "$mac" nud permanent dev "$other_link"
    done
}

# need_kernel_messages: skips if another process reads /proc/kmsg, which gives each message to only one reader.
need_kernel_messages() {
    local descriptor reader
    for descriptor in /proc/[0-9]*/fd/*; do
        if [ "$(readlink "$descriptor" 2>/dev/null || true)" = /proc/kmsg ]; then
            reader=${descriptor#/proc/}
            skip "process ${reader%%/*} ($(cat "/proc/${reader%%/*}/comm")) already reads /proc/kmsg"
        fi
    done
}

# start_rsyslog TEMPLATE...: writes the kernel's messages to $work/TEMPLATE, each in that format. The kernel may still hold
# packets of an earlier run, so only lines after the mark count, also for the agents.
mark="denywatch end-to-end $$"
start_rsyslog() {
    local format
    {
        printf 'module(load="imklog" permitNonKernelFacility="on")\n'
        for format in "$@"; do
            : >"$work/$format"
            printf 'action(type="omfile" file="%s" template="%s")\n' "$work/$format" "$format"
        done
    } >"$work/rsyslog.conf"
    # The kernel overwrites messages that are not read in time. Its buffer may be full after 50 ms of the fast part.
    nice -n -20 rsyslogd -n -f "$work/rsyslog.conf" -i "$work/rsyslog.pid" >"$work/rsyslog.out" 2>&1 &
    printf '%s\n' "$mark" >/dev/kmsg
    for format in "$@"; do
        wait_until 10 grep -q "$mark" "$work/$format" ||
            skip "rsyslogd does not pass on kernel messages: $(tail -1 "$work/rsyslog.out")"
    done
}
