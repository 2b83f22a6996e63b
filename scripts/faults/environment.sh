# What surrounds the agent: permissions, mounts, limits, clocks.
# shellcheck shell=bash disable=SC2034,SC2154,SC2317

new_case 42 slow 'no log at start' 'exact from its first byte'
no_log_at_start() {
    start_at=end
    start_agent
    pause "$(pick 30 5)"
    wait_until 30 not_ready "$port" "$log" || problems+=('/readyz does not name the log that is missing')
    start_rsyslog
    send 5000
    settle
    expect_metric denywatch_log_read_errors_total not_found -eq 1
}

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
    send 2000
    flush_log
    chmod 000 "$log"
    start_agent
    start_sending
    pause "$(pick 60 3)"
    wait_until 30 not_ready "$port" "$log" || problems+=('/readyz does not name the log that cannot be read')
    chmod 640 "$log"
    agent_ready
    repeat "$(pick 10 3)" 'random_pause 700 1500; rotate'
    pause 1
    chmod 000 "$log" # whoever has it open reads on
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
    before=$(stat -c %d "$logs")
    start_rsyslog
    start_agent
    send 5000
    flush_log
    counted_all
    pause 2
    stop_agent
    send 1000
    flush_log
    stop_rsyslog
    rm -f "$run/socket" "$run/rsyslog.pid"
    umount "$logs"
    mounts=()
    # Another file takes the first free loop device.
    truncate -s 1M "$run/placeholder"
    loop=$(losetup --find --show "$run/placeholder")
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
    # The limits of a namespace are its own.
    # shellcheck disable=SC2016
    wrapper=(unshare --user --map-root-user sh -c
        'echo 0 >/proc/sys/user/max_inotify_instances; echo 0 >/proc/sys/user/max_inotify_watches; exec "$@"' sh)
    start_load
    repeat 3 'pause 1; rotate'
}

new_case 46 slow 'few file descriptors' 'exact or a readable error, no busy loop'
few_file_descriptors() {
    local ticks
    # shellcheck disable=SC2016
    wrapper=(sh -c 'ulimit -n 12; exec "$@"' sh)
    start_rsyslog
    send 2000
    flush_log
    start_agent
    pause 5
    if is_gone "$agent"; then
        [ -s "$run/agent.out" ] || problems+=('ended without a word')
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

new_case 47 slow 'a million lines with a fifth of a CPU' 'exact, the lag rises and goes'
a_million_lines_with_a_fifth_of_a_CPU() {
    local most
    make_cgroup cpu || skip_case "no cpu cgroup can be made: $(cat "$run/cgroup.out")"
    limit_cpu 20
    : >"$log"
    start_agent
    join_cgroup "$agent"
    agent_ready
    append 1000000 --rate 110000
    settle
    most=$(awk '/^denywatch_log_unread_bytes/ && $2 > most { most = $2 } END { printf "%.0f\n", most }' "$run/pages")
    expect 'highest log_unread_bytes' "$most" -gt 0
    expect_metric denywatch_log_unread_bytes '' -eq 0
    note="lag up to $((most / 1048576)) MiB"
}

new_case 48 slow 'the file alone is mounted' 'noticed within a minute: not ready, mount the directory'
the_file_alone_is_mounted() {
    local inside=$run/inside
    outcome='as specified'
    unshare -m true 2>/dev/null || skip_case 'no mount namespace can be made'
    start_rsyslog
    send 2000
    flush_log
    : >"$inside"
    wrapper=(unshare -m sh -c "mount --bind '$log' '$inside' && exec \"\$@\"" sh)
    agent_settings=("source.path=$inside")
    start_agent
    counted_all
    compression=$'compress\nnodelaycompress' # the old file is soon gone from the host
    rotate
    send 2000
    flush_log
    wait_until 60 not_ready "$port" directory ||
        problems+=('reading an orphan for a minute after the rotation, /readyz says nothing of the directory')
    rm "$run/page" # what it counted meanwhile is of no matter
    settled=yes
    note="$(http_get "$port" /readyz || true)"
}

new_case 57 slow 'six hours of backlog at start' 'all counted, and all of it as late'
six_hours_of_backlog_at_start() {
    local backlog live
    start_rsyslog
    flush_log
    append 100000 --age 21600
    backlog=$(sent)
    start_agent
    pause 1
    send 20000
    settle
    live=$(($(sent) - backlog))
    expect_metric denywatch_late_packets_total '' -eq "$backlog"
    expect 'highest denied less late packets' "$(awk '
        function keep() { if (denied - late > most) most = denied - late; denied = late = 0 }
        /^# page/ { keep() }
        /^denywatch_denied_packets_total/ { denied += $NF }
        /^denywatch_late_packets_total/ { late += $NF }
        END { keep(); printf "%.0f\n", most }' "$run/pages")" -eq "$live"
}

# Control groups, version 2 where it has the controller, else 1 ----------------------------------------------------

make_cgroup() { # CONTROLLER
    local base
    if grep -qw "$1" /sys/fs/cgroup/cgroup.subtree_control 2>/dev/null; then
        base=/sys/fs/cgroup
    else
        base=/sys/fs/cgroup/$1
    fi
    group=$base/denywatch-faults-$$
    mkdir "$group" 2>"$run/cgroup.out" || return 1
}

limit_memory() { # BYTES
    if [ -e "$group/memory.max" ]; then
        printf '%s\n' "$1" >"$group/memory.max"
    else
        printf '%s\n' "$1" >"$group/memory.limit_in_bytes"
    fi
}

limit_cpu() { # PERCENT
    if [ -e "$group/cpu.max" ]; then
        printf '%s 100000\n' "$(($1 * 1000))" >"$group/cpu.max"
    else
        printf '100000\n' >"$group/cpu.cfs_period_us"
        printf '%s\n' "$(($1 * 1000))" >"$group/cpu.cfs_quota_us"
    fi
}

join_cgroup() { printf '%s\n' "$1" >"$group/cgroup.procs"; } # PID
