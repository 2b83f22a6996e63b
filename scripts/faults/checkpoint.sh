# What happens to the checkpoint's file and its directory.
# shellcheck shell=bash disable=SC2034,SC2154,SC2317

# changed_half BEFORE AFTER: 0 or 1, the slot in which two copies of the checkpoint differ, and the place in the middle of
# the differing bytes; fails unless it is one slot.
changed_half() {
    cmp -l "$1" "$2" 2>/dev/null | awk -v half="$(($(stat -c %s "$1") / 2))" '
        { slot = $1 > half; slots[slot]++; at[NR] = $1 - 1 }
        END { if (NR == 0 || (slots[0] && slots[1])) exit 1; print slot + 0, at[int((NR + 1) / 2)] }'
}

new_case 23 fast 'newest slot of the checkpoint damaged' 'exact from the older slot, one failure counted'
newest_slot_of_the_checkpoint_damaged() {
    local changed='' try
    start_load
    pause 3
    [ -f "$state/checkpoint" ] || { problems+=('there is no checkpoint'); return 0; }
    freeze_agent
    for ((try = 0; try < 20; try++)); do
        cp "$state/checkpoint" "$run/before"
        thaw_agent
        random_pause 900 1400
        freeze_agent
        cp "$state/checkpoint" "$run/after"
        if changed=$(changed_half "$run/before" "$run/after"); then break; fi
    done
    [ -n "$changed" ] || { problems+=('no single slot was seen to be written'); return 0; }
    kill_agent
    perl -e 'open(my $f, "+<", $ARGV[0]) or die; seek($f, $ARGV[1], 0); read($f, my $byte, 1); seek($f, $ARGV[1], 0);
        print $f chr(ord($byte) ^ 1)' "$state/checkpoint" "${changed#* }"
    rotate
    pause 0.5
    start_agent
    settle
    expect_metric denywatch_checkpoint_failures_total '' -eq 1
    expect_metric denywatch_state_lost '' -eq 0
}

new_case 24 slow 'both slots damaged' 'starts, says that its state is lost; counts what comes then'
both_slots_damaged() {
    local damage problem size
    outcome='as specified'
    start_at=end
    monotone=no
    start_rsyslog
    flush_log
    start_agent
    agent_ready
    for damage in zeroed shorter random empty; do
        send 5000
        flush_log
        counted_all
        pause 2
        kill_agent
        [ -f "$state/checkpoint" ] || { problems+=('there is no checkpoint'); return 0; }
        size=$(stat -c %s "$state/checkpoint")
        case $damage in
            zeroed) head -c "$size" /dev/zero >"$state/checkpoint" ;;
            shorter) truncate -s 100 "$state/checkpoint" ;;
            random) head -c "$size" /dev/urandom >"$state/checkpoint" ;;
            empty) : >"$state/checkpoint" ;;
        esac
        lowest=$(sent)
        start_agent
        agent_ready || problems+=("does not start with a checkpoint that is $damage")
        expect "state_lost, $damage" "$(metric denywatch_state_lost)" -eq 1
    done
    send 3000
}

# obstruct full|read-only: nothing new can be written to the directory of the checkpoint, which nobody has open.
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

# Without a checkpoint, a start is from the beginning of the log, so there is no rotation before there is one.
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
    start_agent
    pause 12 # for it to try, on a busy machine too: until it can write, no page tells of its failures
    free_state
    agent_ready || problems+=('no metrics although the directory can be written to')
    wait_until 20 metric_reaches 1 denywatch_checkpoint_timestamp_seconds || problems+=('no checkpoint is written')
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
