# What can stand in a log.
# shellcheck shell=bash disable=SC2034,SC2154,SC2317

new_case 32 fast 'half a line, and later the other half' 'counted once, killed in between or not'
half_a_line_and_later_the_other_half() {
    local between text half
    start_rsyslog
    send 2000
    flush_log
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

new_case 33 slow 'half a line, then a rotation' 'not counted, one gap, torn_line'
half_a_line_then_a_rotation() {
    local text
    gaps=1
    lines_counted=no
    start_rsyslog
    send 2000
    flush_log
    start_agent
    counted_all
    text=$(line)
    printf %s "${text:0:200}" >>"$log"
    pause 1
    rotate
    send 2000
    flush_log
    pause 1
    cp "$log.1" "$run/saved"
    rm "$log.1" # what is in the directory is kept open for longer
    log_names=("$log" "$run/saved")
    wait_until 120 metric_reaches 1 denywatch_log_gaps_total torn_line || true
    expect 'gaps{torn_line}' "$(metric_now denywatch_log_gaps_total torn_line)" -eq 1
}

new_case 34 slow 'a line of a mebibyte' 'exact but for it, memory bounded'
a_line_of_a_mebibyte() {
    local peak
    start_rsyslog
    send 2000
    flush_log
    start_agent
    counted_all
    { line | tr -d '\n'; head -c 1048576 /dev/zero | tr '\0' x; echo; } >>"$log"
    send 2000
    settle
    expect_metric denywatch_log_lines_total oversized -eq 1
    peak=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$agent/status")
    expect 'peak of resident KiB' "$peak" -lt 163840
    note="peak $((peak / 1024)) MiB"
}

new_case 35 slow 'two gibibytes of NULs' 'exact within a minute, memory bounded'
two_gibibytes_of_NULs() {
    local peak started
    start_rsyslog
    send 2000
    flush_log
    start_agent
    counted_all
    started=$SECONDS
    truncate -s +2G "$log"
    send 2000
    flush_log
    wait_until 60 metric_reaches "$(sent)" denywatch_denied_packets_total || problems+=('not read in 60 s')
    note="read in $((SECONDS - started)) s"
    settle
    expect_metric denywatch_log_nul_bytes_total '' -eq 2147483648
    peak=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$agent/status")
    expect 'peak of resident KiB' "$peak" -lt 163840
    note="$note, peak $((peak / 1024)) MiB"
}

new_case 36 slow 'bytes that are no text, empty lines' 'exact'
bytes_that_are_no_text_empty_lines() {
    start_rsyslog
    send 2000
    flush_log
    start_agent
    {
        printf 'node \xff\xfe\xc0\x80 kernel: \xe2\x82 calico-packet: IN=eth\xff\n'
        printf '2026-09-05T14:34:40.000000+00:00 node app[1]: \033[31mred\033[0m \xf0\x9f\x92\xa9 \xed\xa0\x80\r\n'
        make_lines --count 1000 | sed 's/$/\r/'
        head -c 1000000 /dev/zero | tr '\0' '\n'
        head -c 200000 /dev/urandom | tr -d '\0'
        echo
    } >>"$log"
    send 2000
}

new_case 37 slow 'a line cut at each of its bytes' 'malformed wherever that can be told'
a_line_cut_at_each_of_its_bytes() {
    local text ours
    outcome='as specified'
    start_rsyslog
    send 2000
    flush_log
    start_agent
    counted_all
    text=$(line; printf x)
    text=${text%x}
    printf %s "$text" | awk '{ for (i = 1; i <= length($0); i++) print substr($0, 1, i) }' >>"$log"
    # From the end of the prefix without its colon on, but for the whole line and the one that only lacks the last blank.
    ours=${text%calico-packet*}calico-packet
    malformed=$((${#text} - ${#ours} - 2)) # with the newline and the two that count
    send 2000
    settle
    expect_metric denywatch_denied_packets_total 203.0.113.200 -eq 2
    note="$malformed malformed"
}

new_case 38 slow 'a line that pretends to be of the kernel' 'counted: a file cannot tell; the ring can'
a_line_that_pretends_to_be_of_the_kernel() {
    outcome='as specified'
    start_rsyslog
    start_agent
    send 1000
    logger -u "$run/socket" -d -t kernel "$(line | sed 's/^.* kernel: //')"
    settle
    expect_metric denywatch_denied_packets_total 203.0.113.200 -eq 1
    note='the ring: scripts/e2e-kmsg'
}

new_case 39 slow 'message repeated 7 times' 'counts seven'
message_repeated_7_times() {
    local i text
    # shellcheck disable=SC2016
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

new_case 40 slow 'two identical lines' 'two'
two_identical_lines() {
    local text
    start_rsyslog
    send 1000
    flush_log
    start_agent
    text=$(line)
    printf '%s\n%s\n' "$text" "$text" >>"$log"
    settle
    expect_metric denywatch_denied_packets_total 203.0.113.200 -eq 2
}

new_case 41 slow 'two formats of time stamps in one file' 'exact, none of the lines late'
two_formats_of_time_stamps_in_one_file() {
    local format
    start_agent
    for format in RSYSLOG_FileFormat RSYSLOG_TraditionalFileFormat RSYSLOG_FileFormat RSYSLOG_TraditionalFileFormat; do
        template=$format
        start_rsyslog
        send 5000
        flush_log
        stop_rsyslog
        rm -f "$run/socket" "$run/rsyslog.pid"
    done
    start_rsyslog
    settle
    expect_metric denywatch_late_packets_total '' -eq 0
}
