# 256 load balancers × 1,024 sources without a cluster: memory, and the size and time of a scrape.

log=$run/syslog
nlbs=256 sources=1024
make_lines $((nlbs * sources)) "$nlbs" "$sources" 100 >"$log"
for ((round = 1; round <= rounds; round++)); do
    start_agent "$log"
    ready
    wait_until 30 metric_is $((nlbs * sources)) denywatch_denied_packets_total || give_up 'not all packets are counted'
    [ "$(metric denywatch_tracked_sources)" = $((nlbs * sources)) ] || give_up 'not all sources are tracked'
    for ((i = 1; i <= 20; i++)); do
        read -r bytes seconds < <(curl -sf -o /dev/null -w '%{size_download} %{time_total}\n' "http://127.0.0.1:$port/metrics")
        sample "$([ "$i" -gt 5 ] && echo 'later scrapes' || echo 'first five scrapes')" "$(calculate "$seconds * 1000")" \
            "$(calculate "$bytes / 1048576")"
        sleep 0.5
    done
    sleep "$(pick 10 2)" # until memory used by the compiler is released
    printf '%s %s %s\n' "$(resident VmRSS)" "$(resident RssAnon)" "$(heap_after_collection)" >>"$run/memory"
    stop "$agent"
done
table 'scrapes' which 'ms' 'MiB'
measured scrape-time "$(awk -F'\t' '{ print $2 }' "$samples.last" | sort -g | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }')"
measured scrape-size "$(median 'later scrapes' 2)"
while read -r rss anon heap; do
    sample 'VmRSS' "$rss"
    sample 'RssAnon' "$anon"
    sample 'heap after a collection' "$heap"
done <"$run/memory"
table 'memory, ten seconds after 20 scrapes' what 'MiB'
measured rss "$(median VmRSS)"
