# The processes of each case, rsyslogd, logrotate, agent and scraper, and its row in the table.

set_up() { # NUMBER FUNCTION
    mounts=() marks=0 kills=0 agent='' sender='' rotator=''
    place=$directory/$1-$2
    logs=$place/log
    log=$logs/syslog
    state=$place/state
    rm -rf "$place"
    mkdir "$place" "$logs" "$state"
    chmod 755 "$place" "$logs"
    : >"$run/rotations"
    port=$(free_port)
    # Settings that a case may change before it starts anything.
    wrapper=() agent_settings=()
    rotation='create' compression=$'compress\ndelaycompress' postrotate="kill -HUP \$(cat $run/rsyslog.pid)"
    # What oracle.sh should expect.
    outcome=exact gaps=0 log_names=("$log") note=''
    settled=no
}

before_end() { stop_rotating; }

after_end() {
    local mount
    for mount in "${mounts[@]}"; do umount "$mount"; done
    [ "$keep" = yes ] || rm -rf "$place"
}

case_figures() {
    stat -f -c %T "$directory" | sed 's/ext2\/ext3/ext4/'
    printf '%s\n' "$(sent)" "${on_disk-}" "${counted-}" "$(known_or_blank denywatch_log_rotations_total)" \
        "$kills" "$(known_or_blank denywatch_log_gaps_total)"
}

known_or_blank() { [ ! -s "$run/page" ] || metric "$1"; } # METRIC

# Lines ------------------------------------------------------------------------------------------------------------

start_rsyslog() {
    cat >"$run/rsyslog.conf" <<EOF
global(workDirectory="$run")
module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket="$run/socket" RateLimit.Interval="0")
${rsyslog_extra-}
action(type="omfile" file="$log" template="RSYSLOG_FileFormat" fileGroup="adm" fileCreateMode="0640")
EOF
    rsyslogd -n -f "$run/rsyslog.conf" -i "$run/rsyslog.pid" >>"$run/rsyslog.out" 2>&1 &
    rsyslog=$!
    wait_until 10 test -S "$run/socket"
}

stop_rsyslog() { stop "$rsyslog"; }

# hup: rsyslogd opens its logs again, as after a rotation.
hup() { kill -HUP "$rsyslog"; }
make_lines() { "$root/scripts/faults/send-lines" --next "$run/next" "$@"; }

# send COUNT: sends this many lines through rsyslogd.
send() {
    settled=no
    make_lines --socket "$run/socket" --rate 5000 --count "$1"
}

# write COUNT: sends lines, and returns when they are in the log; count COUNT: when the agent has counted them.
write() { send "$1" && flush_log; }
count() { write "$1" && counted_all; }

start_sending() {
    settled=no
    "$root/scripts/faults/send-lines" --next "$run/next" --socket "$run/socket" --rate 5000 &
    sender=$!
}

stop_sending() {
    [ -n "$sender" ] || return 0
    kill "$sender" 2>/dev/null || true
    wait "$sender"
    sender=''
}

# line: prints a packet line to be damaged; its load balancer, 203.0.113.200, is in no class.
line() {
    "$root/scripts/faults/send-lines" --next "$run/next-line" --count 1 | sed 's/ DST=[^ ]*/ DST=203.0.113.200/'
    rm "$run/next-line"
}

sent() { if [ -s "$run/next" ]; then cat "$run/next"; else echo 0; fi; }

# flush_log: waits until rsyslogd has written everything that was sent to it.
flush_log() {
    marks=$((marks + 1))
    logger -u "$run/socket" -d -t mark "number $marks of $$"
    wait_until 30 last_line_is "mark: number $marks of $$"
}

last_line_is() { tail -n 1 "$log" | grep -q "$1\$"; } # TEXT

# Rotation ---------------------------------------------------------------------------------------------------------

# rotate: runs logrotate once, with Debian's configuration and the case's changes.
rotate() {
    {
        printf '%s {\n  rotate 999\n  missingok\n  notifempty\n  sharedscripts\n' "$log"
        printf '%s\n' "$compression" "$rotation"
        printf '  postrotate\n    %s\n  endscript\n}\n' "$postrotate"
    } >"$run/logrotate.conf"
    printf '1\n' >>"$run/rotations"
    logrotate -f -s "$run/logrotate.state" "$run/logrotate.conf" >>"$run/logrotate.out" 2>&1
}

rotations() { wc -l <"$run/rotations"; }

start_rotating() { # LEAST MOST: milliseconds between two rotations
    (
        trap - EXIT ERR TERM
        until [ -e "$run/stop-rotating" ]; do
            random_pause "$1" "$2"
            rotate
        done
    ) &
    rotator=$!
}

stop_rotating() {
    [ -n "$rotator" ] || return 0
    : >"$run/stop-rotating"
    wait "$rotator"
    rotator=''
    rm "$run/stop-rotating"
}

# Agent ------------------------------------------------------------------------------------------------------------

start_agent() {
    settled=no
    agent "$port" "$state" source.kind=file "source.path=$log" source.startAt=beginning loadBalancers.discover=any \
        "${agent_settings[@]}" >>"$run/agent.out" 2>&1 &
    agent=$!
    if [ ! -e "$run/pages" ]; then
        : >"$run/pages"
        scrape &
    fi
}

# scrape: scrapes five times a second; complete pages go to $run/pages.
scrape() {
    local number=0
    trap - EXIT ERR TERM
    set +eE
    while sleep 0.2; do
        curl -sf --max-time 2 -o "$run/scraped" "http://127.0.0.1:$port/metrics" || continue
        number=$((number + 1))
        { printf '# page %s\n' "$number" && grep '^denywatch_' "$run/scraped"; } >>"$run/pages"
    done
}

# start_counting: starts an agent, and waits until its checkpoint has counts.
start_counting() {
    start_rsyslog
    start_agent
    count 500
}

# start_load: likewise, and sends lines all the time.
start_load() {
    start_counting
    start_sending
}

# agent_ready: the backlog is read and the counters are served.
agent_ready() { wait_until 60 page; }

kill_agent() {
    kill -KILL "$agent"
    wait "$agent" 2>/dev/null || true
    kills=$((kills + 1))
}

stop_agent() { stop "$agent"; } # as Kubernetes does

freeze_agent() { kill -STOP "$agent"; }
thaw_agent() { kill -CONT "$agent"; }
page() { http_get "$port" /metrics >"$run/page.new" && mv "$run/page.new" "$run/page"; }

# metric NAME [TEXT]: its value in the last page, see metric_in.
metric() { metric_in "$run/page" "$@"; }

# metric_now NAME [TEXT]
metric_now() { page && metric "$@"; }

# counted_all: the agent has counted what was sent.
counted_all() { wait_until 60 metric_reaches "$(sent)" denywatch_denied_packets_total; }

# metric_reaches LEAST NAME [TEXT]: for wait_until.
metric_reaches() { [ "$(metric_now "${@:2}")" -ge "$1" ]; }
