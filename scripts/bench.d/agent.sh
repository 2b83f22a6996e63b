# An agent that follows a growing log: processor time, memory, collections, exactness, and how soon a line is seen.

log=$run/syslog
warm_up=$(pick 10 3) measuring=$(pick 20 4)

all_counted() {
    metric_is "$(jq .packets "$run/truth")" denywatch_denied_packets_total &&
        metric_is "$(jq .lines "$run/truth")" denywatch_log_lines_total
}

# follow RATE: measures an agent at this rate, and checks that it has counted exactly what was written.
follow() {
    local cpu gc
    : >"$log"
    start_agent "$log"
    ready
    "$denywatch" simulate --output "$log" --rate "$1" --packets $(($1 * (warm_up + measuring + 2))) >"$run/truth" &
    local simulator=$!
    sleep "$warm_up"
    cpu=$(cpu_millis) gc=$(collections)
    sleep "$measuring"
    cpu=$(calculate "($(cpu_millis) - $cpu) / $measuring")
    gc=$(($(collections) - gc))
    wait "$simulator"
    wait_until 30 all_counted ||
        give_up "at $1 lines a second $(metric denywatch_denied_packets_total) packets are counted, not $(jq .packets "$run/truth")"
    sample "$1 lines/s" "$(calculate "$cpu / 10")" "$(calculate "$cpu * 1e6 / $1")" "$gc" "$(resident VmRSS)" "$(resident RssAnon)"
    stop "$agent"
    rm "$log"
}

for rate in 1000 10000 50000; do follow "$rate"; done
table "while a log grows, over $measuring s" rate '% of a core' 'ns a line' collections 'VmRSS MiB' 'RssAnon MiB'
printf '\nAt the end of each, all packets and lines that the simulator wrote are counted, and no more.\n'
measured agent-cpu "$(median '50000 lines/s')"
more=$(($(median '50000 lines/s' 3) - $(median '1000 lines/s' 3)))
measured agent-gc $((more > 0 ? more : 0))

# until_true SECONDS COMMAND...: repeats the command without a pause until it succeeds; sets $seen to the seconds since
# $written.
until_true() {
    local begin=$SECONDS
    until "${@:2}"; do [ $((SECONDS - begin)) -le "$1" ] || give_up "not within $1 s: ${*:2}"; done
    seen=$(elapsed "$written")
}

: >"$log"
start_agent "$log" blocklist.mode=dry-run 'blocklist.rules=[{name: noisy, packets: 20 within 10s, for: 1m, maxBan: 1m}]' \
    blocklist.newEntriesPerMinute=1000
ready
for ((i = 1; i <= $(pick 25 5); i++)); do
    random_pause 100 1100
    packet 192.0.2.1 1
    until_true 30 metric_is "$i" denywatch_denied_packets_total
    sample 'counter scrapeable' "$seen"
done
for ((i = 1; i <= $(pick 25 5); i++)); do
    random_pause 100 1100
    packet "198.51.100.$i" 20
    until_true 30 grep -qF "\"198.51.100.$i\"" "$run/agent.out"
    sample 'decision in the log' "$seen"
done
table 'from a line in the log' to 'seconds'
measured scrapeable "$(most 'counter scrapeable')"
measured decided "$(most 'decision in the log')"
