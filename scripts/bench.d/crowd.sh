# Probes and scrapes next to a crowd of connections that send nothing, or request /metrics all the time.

command -v python3 >/dev/null || skip_case 'Python 3 is not installed'
log=$run/syslog probes=$(free_port) silent=200 greedy=60 seconds=$(pick 60 6)
make_lines 20480 256 40 100 >"$log" # fills the tables, so that the page is as large as it gets with the defaults
start_agent "$log" "http.probes=127.0.0.1:$probes"
ready

# ask ROW PORT PATH
ask() {
    local took
    took=$(curl -sf --max-time 60 -o /dev/null -w '%{time_total}' "http://127.0.0.1:$2$3") || give_up "no answer: $1"
    sample "$1" "$took"
}

python3 "$root/scripts/bench.d/crowd.py" "$port" "$silent" "$greedy" &
cpu=$(cpu_millis)
for ((i = 0; i < seconds; i++)); do
    ask 'probe of http.probes' "$probes" /livez
    ask 'probe of http.listen' "$port" /livez
    ask scrape "$port" /metrics
    sleep 1
done
cpu=$(calculate "($(cpu_millis) - $cpu) / $seconds / 10")
table "beside $silent silent and $greedy greedy connections" what s
printf '\nThe agent uses %s %% of a core, %s MiB resident.\n' "$cpu" "$(resident VmRSS)"
