# How the cost of a line and the memory grow with lines a second, load balancers, sources and the share of packets.

log=$run/syslog

# Lines a second, doubled until the agent or the simulator reaches its limit ---------------------------------------------

seconds=$(pick 4 2)
: >"$log"
start_agent "$log"
ready
for ((rate = $(pick 1000 16000); rate <= 64000000; rate *= $(pick 2 8))); do
    cpu=$(cpu_millis)
    "$denywatch" simulate --output "$log" --rate "$rate" --packets $((rate * seconds)) >"$run/truth" 2>/dev/null
    took=$(jq .seconds "$run/truth")
    unread=$(metric denywatch_log_unread_bytes)
    wait_until 60 metric_is 0 denywatch_log_unread_bytes || give_up "the agent does not catch up at $rate lines a second"
    lines=$(jq .lines "$run/truth")
    sample "$rate" "$(calculate "($(cpu_millis) - $cpu) * 1e6 / $lines")" "$(calculate "$lines / $took")" \
        "$(calculate "$unread / 1048576")" "$(resident VmRSS)"
    [ "$unread" -lt $((rate * 260)) ] || { ended='the agent was more than a second behind'; break; }
    [ "$(calculate "($took > $seconds * 1.5)")" = 0 ] || { ended='the simulator cannot write faster'; break; }
done
stop "$agent"
rm "$log"
table 'with lines a second' wanted 'ns a line' 'lines/s written' 'unread MiB' 'VmRSS MiB'
printf '\nIt ends where %s.\n' "${ended-the rates end}"

# Backlogs ---------------------------------------------------------------------------------------------------------------

# The CPU time with an empty log is subtracted from the time with each log.
: >"$log"
start_agent "$log"
ready
empty=$(cpu_millis)
stop "$agent"

# backlog ROW LINES NLBS SOURCES PERCENT: measures an agent that finds this log when it starts.
backlog() {
    local round
    make_lines "${@:2}" >"$log"
    for ((round = 1; round <= $(pick 3 1); round++)); do
        start_agent "$log" loadBalancers.max=256
        ready
        sleep 0.5
        sample "$1" "$(calculate "($(cpu_millis) - $empty) * 1e6 / $2")" "$(resident VmRSS)" "$(metric denywatch_tracked_sources)"
        [ "$(metric_in "$run/page" denywatch_denied_packets_total)" = $(($2 * $5 / 100)) ] ||
            give_up "$1: $(metric denywatch_denied_packets_total) packets are counted, not $(($2 * $5 / 100))"
        stop "$agent"
    done
}

million=$(pick 1000000 100000)
for nlbs in 1 16 256; do backlog "$nlbs" $((2 * million)) "$nlbs" 1000 100; done
table "with load balancers, of 1,000 sources each" 'load balancers' 'ns a line' 'VmRSS MiB' 'tracked sources'
for sources in 1000 100000; do backlog "$sources" $((2 * million)) 1 "$sources" 100; done
backlog 10000000 $((10 * million)) 1 10000000 100
table 'with sources at one load balancer' sources 'ns a line' 'VmRSS MiB' 'tracked sources'
for percent in 1 10 100; do backlog "$percent" $((2 * million)) 8 1000 "$percent"; done
table 'with the share of packets among lines' percent 'ns a line' 'VmRSS MiB' 'tracked sources'
printf '\nBacklogs: of %s lines and more, with what the compiler of the JVM does meanwhile, without the start.\n' "$((2 * million))"
