# The agent is killed, or cannot write its checkpoint.

# Under load and rotation.
kill_at_random() {
    start_load
    start_rotating 1000 4000
    repeat "$rounds" 'random_pause 400 4000; kill_agent; random_pause 0 "$(pick 7000 1200)"; start_agent'
}

new_case 20 fast 'killed at random' 'exact; no series decreases over kills, scraped each 200 ms'
killed_at_random() {
    kill_at_random
    settle
    expect 'pages scraped' "$(grep -c '^# page' "$run/pages")" -ge "$rounds"
}

new_case 20 slow 'killed at random, compressed at once' 'exact'
killed_at_random_compressed_at_once() {
    compression=$'compress\nnodelaycompress'
    kill_at_random
}

new_case 20 slow 'killed at random, copytruncate' 'all that is on disk, and no number twice'
killed_at_random_copytruncate() {
    outcome='as specified'
    rotation='copytruncate'
    kill_at_random
    settle_with_torn_copies
}

new_case 22 slow 'killed inside fdatasync' 'exact'
killed_inside_fdatasync() {
    local round tracer
    command -v strace >/dev/null || skip_case 'strace is not installed'
    start_load
    start_rotating 1500 4000
    for ((round = 0; round < $(pick 10 2); round++)); do
        random_pause 2000 3500
        strace -f -p "$agent" -o "$run/strace" -e trace=fdatasync,fsync,msync \
            -e inject=fdatasync,fsync,msync:delay_enter=5000000 2>"$run/strace.out" &
        tracer=$!
        if ! wait_until 10 grep -q sync "$run/strace"; then
            skip_case "the agent was not seen to sync: $(tail -n 1 "$run/strace.out")"
        fi
        kill_agent
        stop "$tracer"
        rm "$run/strace"
        pause 1
        start_agent
    done
}

# obstruct full|read-only: makes the checkpoint directory unwritable, while no agent has it open.
obstruct() {
    if [ "$1" = full ]; then
        head -c 100000000 /dev/zero >"$state/other" 2>/dev/null || true
    else
        mount -o remount,ro "$state"
    fi
}

free_state() {
    mount -o remount,rw,size=64m "$state"
    rm -f "$state/other"
}

# Without a checkpoint an agent starts at the beginning of the log, so the log is rotated only after there is one.
obstructed() { # full|read-only
    mount -t tmpfs -o size=64k,mode=755 tmpfs "$state" 2>"$run/mount.out" ||
        skip_case "no tmpfs can be mounted: $(tail -1 "$run/mount.out")"
    mounts+=("$state")
    obstruct "$1"
    start_rsyslog
    start_sending
    start_agent
    pause 4
    kill_agent
    : >"$run/agent.out"
    start_agent
    # Until the agent can write, no page shows the failures.
    soon 30 'no failure to write a checkpoint is logged' grep -qF "$state" "$run/agent.out"
    free_state
    agent_ready || problems+=('no metrics although the directory can be written to')
    soon 20 'no checkpoint is written' metric_reaches 1 denywatch_checkpoint_timestamp_seconds
    page
    expect_metric denywatch_checkpoint_failures_total '' -gt 0
    rotate
    pause 2
    kill_agent
    rotate
    obstruct "$1"
    start_agent
    pause 3
    kill_agent
    start_agent
    pause 3
    free_state
}

new_case 25 fast 'file system of the checkpoint full' 'exact, failures counted'
file_system_of_the_checkpoint_full() { obstructed full; }

new_case 26 slow 'file system of the checkpoint read-only' 'exact, failures counted'
file_system_of_the_checkpoint_read_only() { obstructed read-only; }
