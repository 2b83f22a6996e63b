# What logrotate and operators do to a log.

new_case 1 fast 'rotated under load' 'exact, each rotation counted'
rotated_under_load() {
    start_load
    repeat "$(pick 50 6)" 'random_pause 300 1200; rotate'
    settle
    expect_metric denywatch_log_rotations_total '' -eq "$(rotations)"
}

# A second one of this number: more often than the agent looks.
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

new_case 8 slow 'down until its file was deleted' 'the loss is one gap, vanished'
down_until_its_file_was_deleted() {
    outcome='as specified'
    keep_rotated=2
    gaps=1
    start_rsyslog
    start_agent
    count 10000
    pause 2
    kill_agent
    known=$(sent)
    repeat 5 'write 2000; rotate'
    send 2000
    start_agent
    settle
    expect_metric denywatch_log_gaps_total vanished -eq 1
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

# What logrotate copies may end in half a line, whose other half it destroys: these gaps are true.
settle_with_torn_copies() {
    settle
    gaps=$(metric denywatch_log_gaps_total torn_line)
}

new_case 10 fast 'copytruncate under load' 'all that is on disk, and no number twice'
copytruncate_under_load() {
    outcome='as specified'
    more_allowed=yes
    rotation='copytruncate'
    start_load
    repeat "$(pick 20 3)" 'random_pause 1000 2000; rotate'
    settle_with_torn_copies
    expect_metric denywatch_log_rotations_total truncated -eq "$(rotations)"
}

new_case 11 slow 'copytruncate, grown again before the next look' 'all that is on disk, and no number twice'
copytruncate_grown_again_before_the_next_look() {
    outcome='as specified'
    more_allowed=yes
    rotation='copytruncate'
    start_load
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
    # The first time that it opens the log is to create the new one.
    cp "$run/logrotate.conf" "$run/killed.conf"
    # The shell in between keeps to itself that strace ends as logrotate did.
    bash -c '"$@"; :' bash strace -f -o "$run/strace" -P "$log" -e trace=openat -e inject=openat:signal=KILL \
        logrotate -f -s "$run/logrotate.state" "$run/killed.conf" >>"$run/logrotate.out" 2>&1
    [ ! -e "$log" ] || skip_case "logrotate could not be killed there: $(tail -n 1 "$run/strace")"
    pause 2
    rotate # says that there is no log, and has nothing to do
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
        # The second one compresses, and so frees, what was the log, directly before it makes a new one.
        rotate
        pause 0.5
        rotate
        [ "$(stat -c %i "$log")" != "$before" ] || reused=$((reused + 1))
        pause 0.5
        start_agent
    done
    note="inode used again $reused of $rounds_here times"
}

new_case 19 slow 'started while gzip is half done' 'exact'
started_while_gzip_is_half_done() {
    cat >"$run/slow-gzip" <<EOF
#!/bin/sh
{ head -c 700000; : >'$run/half'; until [ -e '$run/go' ]; do sleep 0.1; done; cat; } | gzip -1
EOF
    chmod +x "$run/slow-gzip"
    start_load
    pause 3
    kill_agent
    pause 1
    rotate
    pause 1
    rotation=$'create\ncompresscmd '"$run/slow-gzip"
    rotate &
    rotator=$!
    wait_until 20 test -e "$run/half"
    start_agent
    agent_ready
    note="$(find "$logs" -name 'syslog.*' | wc -l) rotated files at start"
    : >"$run/go"
    pause 3
}

new_case 60 slow 'dates of another form, times changed by the compressor' 'exact'
dates_of_another_form_times_changed_by_the_compressor() {
    local round
    printf '#!/bin/sh\ngzip | { cat; sleep 0.2; }\n' >"$run/compressor"
    chmod +x "$run/compressor"
    rotation=$'create\ndateext\ndateformat _%Y%m%d_%s\ncompresscmd '"$run/compressor"
    start_load
    for ((round = 0; round < 3; round++)); do
        pause 1.2
        freeze_agent
        rotate
        find "$logs" -name '*.gz' -exec touch {} +
        pause 1.2
        rotate
        find "$logs" -name '*.gz' -exec touch -d 2001-01-01 {} +
        thaw_agent
    done
    pause 1
    kill_agent
    pause 1.2
    rotate
    start_agent
}

new_case 61 slow 'rotated and compressed by xz while down' 'the loss is one gap, compressed_unreadable'
rotated_and_compressed_by_xz_while_down() {
    command -v xz >/dev/null || skip_case 'xz is not installed'
    outcome='as specified'
    gaps=1
    compression=$'compress\nnodelaycompress'
    rotation=$'create\ncompresscmd xz\ncompressext .xz'
    start_counting
    pause 2
    kill_agent
    known=$(sent)
    write 2000
    rotate
    send 2000
    start_agent
    settle
    expect_metric denywatch_log_gaps_total compressed_unreadable -eq 1
}
