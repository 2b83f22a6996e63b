# A flood of spoofed sources: are the noisiest real ones still named, and how much memory does it cost?

log=$run/syslog
nlbs=8 tracked=1024
spoofed=$(pick 10000000 1000000)
# The error bound of Space-Saving is 1/1,024 of the packets; the 20 sources send from a quarter of it to five times as
# much.
heavy=$((spoofed / nlbs / tracked / 4))

: >"$log"
start_agent "$log"
ready
sleep 2
sample before "$(resident VmRSS)" "$(resident RssAnon)" "$(metric denywatch_tracked_sources)"
lines=0 begin=${EPOCHREALTIME/./}
awk -v lines="$spoofed" -v nlbs="$nlbs" -v percent=100 -v heavy="$heavy" -v now="$(date -u '+%Y-%m-%dT%H:%M:%S')" \
    -f "$root/scripts/bench.d/lines.awk" >>"$log"
lines=$(wc -l <"$log")
wait_until 60 metric_is "$lines" denywatch_denied_packets_total ||
    give_up "$(metric denywatch_denied_packets_total) packets are counted, not $lines"
took=$(elapsed "$begin")
sleep 2
sample after "$(resident VmRSS)" "$(resident RssAnon)" "$(metric denywatch_tracked_sources)"
table "memory, $spoofed spoofed sources" when 'VmRSS MiB' 'RssAnon MiB' 'tracked sources'
measured rss-flood "$(median after)"
late=$(metric denywatch_late_packets_total)
[ "$late" = 0 ] || give_up "$late packets were read too late to count in the window: the machine is too slow or too busy"

above=0 named=0 all=0 wrong=0
bound=$((lines / nlbs / tracked))
for ((n = 1; n <= nlbs; n++)); do
    page "/api/v1/sources?nlb=198.18.0.$n"
    for ((j = 1; j <= 20; j++)); do
        read -r least most < <(jq -r --arg source "198.51.100.$j" \
            '[.sources[] | select(.source == $source)][0] | "\(.packets // 0) \(.atMost // 0)"' "$run/page")
        if [ "$most" -gt 0 ]; then
            all=$((all + 1))
            [ "$least" -le $((j * heavy)) ] && [ $((j * heavy)) -le "$most" ] || wrong=$((wrong + 1))
        fi
        if [ $((j * heavy)) -gt "$bound" ]; then
            above=$((above + 1))
            [ "$most" = 0 ] || named=$((named + 1))
        fi
    done
done
[ "$wrong" = 0 ] || give_up "of $wrong sources the true count is not between packets and atMost"
cat <<END

### recall of the true top 20 at $nlbs load balancers

| | |
|---|---|
| packets | $lines, written and counted in $took s |
| error bound, a 1,024th of a load balancer's packets | $bound |
| true sources above it | $above, of them named $named: $(calculate "100 * $named / $above") % |
| true sources in all | $((20 * nlbs)), of them named $all |

Each true count lies between the packets and the most that are shown.
END
measured recall "$(calculate "100 * $named / $above")"
