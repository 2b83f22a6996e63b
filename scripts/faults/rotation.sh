# What logrotate and operators do to a log.

new_case 1 fast 'rotated under load' 'exact, each rotation counted'
rotated_under_load() {
    start_load
    repeat "$(pick 50 6)" 'random_pause 300 1200; rotate'
    settle
    expect_metric denywatch_log_rotations_total '' -eq "$(rotations)"
}

new_case 1 slow 'rotated many times a second' 'exact'
rotated_many_times_a_second() {
    compression='nocompress'
    start_load
    repeat "$(pick 200 60)" 'random_pause 0 100; rotate'
}

new_case 2 slow 'writer told late of the rotation' 'exact'
writer_told_late_of_the_rotation() {
    postrotate="sleep $(pick 30 3); $postrotate"
    start_load
    repeat 2 'pause 2; rotate'
}

new_case 3 slow 'nocreate, so the name is gone for a while' 'exact, not_found counted'
nocreate_so_the_name_is_gone_for_a_while() {
    rotation='nocreate'
    postrotate="sleep 2; $postrotate"
    start_load
    repeat 4 'pause 2; rotate'
    settle
    expect_metric denywatch_log_read_errors_total not_found -gt 0
}

new_case 4 fast 'two rotations between two looks' 'exact'
two_rotations_between_two_looks() {
    start_load
    repeat "$(pick 10 2)" 'pause 1; freeze_agent; pause 0.3; rotate; pause 0.5; rotate; pause 0.3; thaw_agent'
}

new_case 5 slow 'compressed at once, the open file deleted' 'exact'
compressed_at_once_the_open_file_deleted() {
    compression=$'compress\nnodelaycompress'
    start_load
    repeat "$(pick 20 4)" 'random_pause 500 1500; rotate'
}

new_case 7 fast 'down over three rotations, resumed in a .gz' 'exact'
down_over_three_rotations_resumed_in_a_gz() {
    local round
    start_load
    for ((round = 0; round < $(pick 5 1); round++)); do
        pause 3
        kill_agent
        pause 0.5
        rotate
        pause 0.5
        rotate
        pause 0.5
        rotate
        pause 0.5
        start_agent
        agent_ready
    done
}

new_case 9 slow 'dateext, more than once a day' 'exact'
dateext_more_than_once_a_day() {
    rotation=$'create\ndateext\ndateformat -%Y%m%d-%s'
    start_load
    repeat 5 'random_pause 1100 2000; rotate'
    pause 0.5
    freeze_agent
    pause 1.1
    rotate
    pause 1.1
    rotate
    thaw_agent
}

start_copytruncate() {
    outcome='as specified' rotation='copytruncate'
    start_load
}

# A copy may end in half a line whose rest logrotate destroys, so these gaps are real.
settle_with_torn_copies() {
    settle
    gaps=$(metric denywatch_log_gaps_total torn_line)
}

new_case 10 fast 'copytruncate under load' 'all that is on disk, and no number twice'
copytruncate_under_load() {
    start_copytruncate
    repeat "$(pick 20 3)" 'random_pause 1000 2000; rotate'
    settle_with_torn_copies
    expect_metric denywatch_log_rotations_total truncated -eq "$(rotations)"
}

new_case 11 slow 'copytruncate, grown again before the next look' 'all that is on disk, and no number twice'
copytruncate_grown_again_before_the_next_look() {
    start_copytruncate
    repeat 3 'pause 1.5; freeze_agent; rotate; pause 3; thaw_agent; agent_ready'
    settle_with_torn_copies
    expect_metric denywatch_log_rotations_total truncated -eq "$(rotations)"
}

new_case 11 slow 'copytruncate, compressed at once' 'all that is on disk, and no number twice'
copytruncate_compressed_at_once() {
    compression=$'compress\nnodelaycompress'
    copytruncate_grown_again_before_the_next_look
}

new_case 14 slow 'olddir while running' 'exact'
olddir_while_running() {
    rotation=$'create\nolddir '"$logs"$'/archive\ncreateolddir 0755 root root'
    log_names=("$log" "$logs/archive/syslog")
    start_load
    repeat 4 'pause 2; rotate'
}

new_case 14 slow 'olddir while down' 'exact'
olddir_while_down() {
    rotation=$'create\nolddir '"$logs"$'/archive\ncreateolddir 0755 root root'
    log_names=("$log" "$logs/archive/syslog")
    start_counting
    kill_agent
    write 3000
    rotate
    send 3000
    start_agent
}

new_case 17 slow 'logrotate killed between rename and create' 'exact'
logrotate_killed_between_rename_and_create() {
    command -v strace >/dev/null || skip_case 'strace is not installed'
    start_load
    pause 2
    rotate
    pause 1
    # When logrotate opens the log for the first time, it creates the new one.
    cp "$run/logrotate.conf" "$run/killed.conf"
    # strace ends by the same signal as logrotate; the shell in between keeps this from being reported.
    bash -c '"$@"; :' bash strace -f -o "$run/strace" -P "$log" -e trace=openat -e inject=openat:signal=KILL \
        logrotate -f -s "$run/logrotate.state" "$run/killed.conf" >>"$run/logrotate.out" 2>&1
    [ ! -e "$log" ] || skip_case "logrotate could not be killed there: $(tail -n 1 "$run/strace")"
    pause 2
    rotate # reports that there is no log, and does nothing
    hup
    pause 2
    rotate
    pause 1
}

new_case 18 fast 'inode given to the next log while down' 'exact'
inode_given_to_the_next_log_while_down() {
    local round before reused=0 rounds_here
    rounds_here=$(pick 5 2)
    start_load
    for ((round = 0; round < rounds_here; round++)); do
        pause 2.5
        kill_agent
        before=$(stat -c %i "$log")
        # The second rotation compresses the former log, and so frees its inode, directly before it creates a new log.
        rotate
        pause 0.5
        rotate
        [ "$(stat -c %i "$log")" != "$before" ] || reused=$((reused + 1))
        pause 0.5
        start_agent
    done
    note="inode used again $reused of $rounds_here times"
}
