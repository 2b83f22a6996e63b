# What ends the agent, or the machine.
# shellcheck shell=bash disable=SC2034,SC2154,SC2317

# Under load and rotation.
kill_at_random() {
    start_load
    start_rotating 1000 4000
    # shellcheck disable=SC2016 # repeat evaluates it
    repeat "$rounds" 'random_pause 400 4000; kill_agent; random_pause 0 "$(pick 7000 1200)"; start_agent'
}

new_case 20 fast 'killed at random' 'exact'
killed_at_random() {
    kill_at_random
    settle
    cp "$run/pages" "$run/pages-of-20"
    mv "$run/pages-of-20" "$work" # whole, if at all: another case may look for it now
}

# Others of this number: with the other kinds of rotation.
new_case 20 slow 'killed at random, compressed at once' 'exact'
killed_at_random_compressed_at_once() {
    compression=$'compress\nnodelaycompress'
    kill_at_random
}

new_case 20 slow 'killed at random, copytruncate' 'all that is on disk, and no number twice'
killed_at_random_copytruncate() {
    outcome='as specified'
    more_allowed=yes
    rotation='copytruncate'
    kill_at_random
    settle_with_torn_copies
}

new_case 56 fast 'no counter goes back over kills' 'no series decreases, scraped each 200 ms'
no_counter_goes_back_over_kills() {
    local problem pages
    outcome='as specified'
    if [ ! -s "$work/pages-of-20" ]; then
        kill_at_random
        settle
        cp "$run/pages" "$work/pages-of-20"
        outcome=exact
    fi
    mv "$work/pages-of-20" "$run/pages"
    pages=$(grep -c '^# page' "$run/pages")
    expect 'pages scraped' "$pages" -ge "$rounds"
    problem=$(counters_that_went_back)
    [ -z "$problem" ] || problems+=("$problem")
    note="$pages pages"
}

new_case 21 slow 'ended by SIGTERM' 'exact, nothing read again'
ended_by_SIGTERM() {
    local round
    start_rsyslog
    start_agent
    for ((round = 0; round < 4; round++)); do
        send 4000
        flush_log
        counted_all
        stop_agent
        if [ "$round" = 2 ]; then rotate; fi
        send 1000
        flush_log
        start_agent
        agent_ready
    done
    settle
    expect_metric denywatch_log_read_bytes_total '' -eq "$(log_contents | wc -c)"
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

new_case 27 slow 'two agents on one checkpoint' 'the second waits and says so; exact'
two_agents_on_one_checkpoint() {
    local first second port_of_first=$port
    start_load
    agent_ready
    first=$agent
    port=$(free_port)
    start_agent
    second=$agent
    wait_until 20 waits_for_checkpoint || problems+=('the second agent does not say that it waits for the checkpoint')
    pause 3
    waits_for_checkpoint || problems+=('the second agent does not go on waiting')
    agent=$first
    kill_agent
    agent=$second
    printf '%s\n' "$port" >"$run/port"
    agent_ready || problems+=('the second agent does not take over')
    pause 2
}

waits_for_checkpoint() { not_ready "$port" checkpoint || not_ready "$port" "$state"; }

new_case 28 slow 'stopped over three rotations' 'exact, what is older than two minutes counts as late'
stopped_over_three_rotations() {
    start_load 2000
    pause 2
    freeze_agent
    pause "$(pick 20 2)"
    rotate
    pause "$(pick 20 2)"
    rotate
    pause "$(pick 20 2)"
    rotate
    pause "$(pick 100 10)"
    thaw_agent
    settle
    [ "$fast" = yes ] || expect_metric denywatch_late_packets_total '' -gt 0
}

new_case 29 slow 'killed for want of memory' 'exact'
killed_for_want_of_memory() {
    local round hog
    make_cgroup memory || skip_case "no memory cgroup can be made: $(cat "$run/cgroup.out")"
    limit_memory 314572800
    start_load
    for ((round = 0; round < $(pick 5 2); round++)); do
        random_pause 1500 3000
        join_cgroup "$agent"
        printf '1000\n' >"/proc/$agent/oom_score_adj" # before all others
        perl -e '$| = 1; <STDIN>; my @taken; push @taken, "x" x 1048576 while 1' < <(pause 0.5; echo) &
        hog=$!
        join_cgroup "$hog"
        wait_until 20 is_gone "$agent" || problems+=('the kernel spared the agent')
        wait "$agent" 2>/dev/null || true
        kills=$((kills + 1))
        kill -KILL "$hog" 2>/dev/null || true
        wait "$hog" 2>/dev/null || true
        start_agent
    done
}

is_gone() { ! kill -0 "$1" 2>/dev/null || grep -q '^State:.*Z' "/proc/$1/status" 2>/dev/null; } # PID

# The log is shorter than what was read of it, since rsyslogd does not sync; the agent finds another boot id.
lose_power() { # FILLED: yes if the file system left NULs in place of what was lost
    local size cut
    outcome='as specified'
    gaps=1
    wrapper=(unshare -m sh -c "mount --bind '$run/boot_id' /proc/sys/kernel/random/boot_id && exec \"\$@\"" sh)
    printf '11111111-1111-4111-8111-111111111111\n' >"$run/boot_id"
    unshare -m true 2>/dev/null || skip_case 'no mount namespace can be made'
    start_load
    pause "$(pick 8 5)"
    stop_sending
    flush_log
    counted_all
    pause 3
    kill_agent
    stop_rsyslog
    known=$(sent)
    size=$(stat -c %s "$log")
    # At a line's end: a line that is torn there is damaged for good by what is written behind it.
    cut=$((size - 65536 + $(tail -c 65536 "$log" | head -n 1 | wc -c)))
    truncate -s "$cut" "$log"
    [ "$1" = no ] || truncate -s "$size" "$log"
    printf '22222222-2222-4222-8222-222222222222\n' >"$run/boot_id"
    rm -f "$run/socket" "$run/rsyslog.pid"
    pause 1.5
    start_rsyslog
    send 3000
    start_agent
    settle
    expect_metric denywatch_log_gaps_total resync -eq 1
    if [ "$1" = yes ]; then expect_metric denywatch_log_nul_bytes_total '' -eq $((size - cut)); fi
}

new_case 30 slow 'power loss, the log is shorter' 'the rest of it and what is new once, one gap, resync'
power_loss_the_log_is_shorter() { lose_power no; }

new_case 31 slow 'power loss, NULs in the log' 'as before, NULs counted'
power_loss_NULs_in_the_log() { lose_power yes; }
