# The agent's environment: lines that arrive in parts, permissions, mounts and limits.

new_case 43 fast 'not readable for a while, not as root' 'exact, permission counted'
not_readable_for_a_while_not_as_root() {
    local before
    wrapper=(setpriv --reuid 65534 --regid 65534 --groups 4)
    "${wrapper[@]}" test -r "$denywatch" || skip_case "uid 65534 cannot read $denywatch"
    "${wrapper[@]}" ls "$logs" >/dev/null 2>&1 || skip_case "uid 65534 cannot look into $logs"
    chown 65534:65534 "$state"
    rotation='create 0600 root adm'
    postrotate="sleep 0.1; chmod 640 $log; $postrotate"
    start_rsyslog
    write 2000
    chmod 000 "$log"
    start_agent
    start_sending
    pause "$(pick 60 3)"
    soon 30 '/readyz does not name the log that cannot be read' not_ready "$port" "$log"
    chmod 640 "$log"
    agent_ready
    repeat "$(pick 10 3)" 'random_pause 700 1500; rotate'
    pause 1
    chmod 000 "$log" # processes that have it open can still read it
    pause 2
    chmod 640 "$log"
    settle
    expect_metric denywatch_log_read_errors_total permission -gt 0
    before=$(metric denywatch_log_read_errors_total)
    pause 1
    expect 'read errors a second later' "$(metric_now denywatch_log_read_errors_total)" -eq "$before"
}

new_case 44 slow 'mounted again as another device' 'exact'
mounted_again_as_another_device() {
    local image=$place/image device before loop
    command -v mkfs.ext4 >/dev/null || skip_case 'mkfs.ext4 is not installed'
    truncate -s 256M "$image"
    mkfs.ext4 -q "$image"
    mount -o loop "$image" "$logs" 2>"$run/mount.out" || skip_case "no loop mount: $(tail -1 "$run/mount.out")"
    mounts+=("$logs")
    loop=$(losetup --noheadings --output NAME --associated "$image")
    before=$(stat -c %d "$logs")
    start_rsyslog
    start_agent
    count 5000
    pause 2
    stop_agent
    write 1000
    stop_rsyslog
    rm -f "$run/socket" "$run/rsyslog.pid"
    umount "$logs"
    mounts=()
    # Another file takes the loop device, so that the image gets another one.
    truncate -s 1M "$run/placeholder"
    wait_until 10 losetup "$loop" "$run/placeholder" || skip_case "$loop stays in use"
    mount -o loop "$image" "$logs"
    mounts+=("$logs")
    losetup --detach "$loop"
    device=$(stat -c %d "$logs")
    expect 'device number' "$device" -ne "$before"
    start_rsyslog
    start_agent
    send 2000
    rotate
    send 2000
}

new_case 45 slow 'no inotify instance left' 'exact'
no_inotify_instance_left() {
    unshare --user --map-root-user true 2>/dev/null || skip_case 'no user namespace can be made'
    # The namespace has its own limits.
    wrapper=(unshare --user --map-root-user sh -c
        'echo 0 >/proc/sys/user/max_inotify_instances; echo 0 >/proc/sys/user/max_inotify_watches; exec "$@"' sh)
    start_load
    repeat 3 'pause 1; rotate'
}

new_case 46 slow 'few file descriptors' 'exact or a readable error, no busy loop'
few_file_descriptors() {
    local ticks
    wrapper=(sh -c 'ulimit -n 12; exec "$@"' sh)
    start_rsyslog
    write 2000
    start_agent
    pause 5
    if ! kill -0 "$agent" || grep -q '^State:.*Z' "/proc/$agent/status"; then
        [ -s "$run/agent.out" ] || problems+=('it ended without a message')
        outcome="as specified"
        note="ended, saying: $(tail -n 1 "$run/agent.out" | cut -c 1-100)"
        settled=yes
        rm -f "$run/page"
        return 0
    fi
    ticks=$(awk '{ print $14 + $15 }' "/proc/$agent/stat")
    pause 5
    ticks=$(($(awk '{ print $14 + $15 }' "/proc/$agent/stat") - ticks))
    expect 'hundredths of a second of CPU in five seconds' "$ticks" -lt 100
}

new_case 48 slow 'the file alone is mounted' 'not ready after a rotation; /readyz says to mount the directory'
the_file_alone_is_mounted() {
    local inside=$run/inside
    outcome='as specified'
    unshare -m true 2>/dev/null || skip_case 'no mount namespace can be made'
    start_rsyslog
    write 2000
    : >"$inside"
    wrapper=(unshare -m sh -c "mount --bind '$log' '$inside' && exec \"\$@\"" sh)
    agent_settings=("source.path=$inside")
    start_agent
    counted_all
    compression=$'compress\nnodelaycompress' # the host soon deletes the old file
    rotate
    write 2000
    soon 60 'after the rotation, /readyz does not mention the directory' not_ready "$port" directory
    rm "$run/page" # its counts are not compared
    settled=yes
    note="$(http_get "$port" /readyz || true)"
}

new_case 32 fast 'half a line, and later the other half' 'counted once, killed in between or not'
half_a_line_and_later_the_other_half() {
    local between text half
    start_rsyslog
    write 2000
    start_agent
    agent_ready
    for between in wait kill; do
        text=$(make_lines --count 1 | head -n 1; printf x)
        text=${text%x}
        half=$((${#text} / 2))
        printf %s "${text:0:half}" >>"$log"
        pause "$(pick 10 2)"
        if [ "$between" = kill ]; then
            kill_agent
            start_agent
            agent_ready
        fi
        printf %s "${text:half}" >>"$log"
    done
    send 2000
    settle
    expect_metric denywatch_log_gaps_total torn_line -eq 0
}

new_case 39 slow 'message repeated 7 times' 'counts seven'
message_repeated_7_times() {
    local i text
    rsyslog_extra='$RepeatedMsgReduction on'
    start_rsyslog
    start_agent
    send 1000
    text=$(line | sed 's/^.* kernel: //')
    for ((i = 0; i < 8; i++)); do logger -u "$run/socket" -d -t kernel "$text"; done
    send 1000
    settle
    if ! log_contents | grep -q 'message repeated 7 times: \[.*calico-packet'; then
        problems+=('rsyslogd did not write that a message was repeated 7 times')
    fi
    expect_metric denywatch_denied_packets_total 203.0.113.200 -eq 8
}
