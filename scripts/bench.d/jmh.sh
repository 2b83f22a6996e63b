# Microbenchmarks of parsing, reading, counting, the windows of sources, a scrape and judging policies; each checks what it computes.

options=(-prof gc)
[ "$fast" = no ] || options+=(-wi 1 -i 1)
"$root/scripts/jmh" 'PacketLogParserBenchmark.parser|FileTail|DenialTable|SourceWindows|Scrape|NodeFindings' "${options[@]}" -foe true \
    -rf json -rff "$run/results" >"$run/out" 2>&1 || give_up "JMH failed: $(tail -n 1 "$run/out")"

# benchmarks CLASS TITLE: a row for each method of the class and its parameters, a sample for each iteration.
benchmarks() {
    local row score allocated unit
    while IFS=$'\t' read -r row score allocated; do
        sample "$row" "$score" "$allocated"
    done < <(jq -r --arg class ".$1." '.[] | select(.benchmark | contains($class))
        | ((.benchmark | sub(".*\\."; "")) + (if .params then " " + (.params | [.[]] | join(" ")) else "" end)) as $row
        | (.secondaryMetrics | to_entries[] | select(.key | endswith("gc.alloc.rate.norm")) | .value.rawData[0]) as $bytes
        | .primaryMetric.rawData[0] | to_entries[] | [$row, .value, ($bytes[.key] * 10 | round) / 10] | @tsv' "$run/results")
    unit=$(jq -r --arg class ".$1." '[.[] | select(.benchmark | contains($class)).primaryMetric.scoreUnit][0]' "$run/results")
    table "$2" benchmark "$unit" 'B/op'
}

benchmarks PacketLogParserBenchmark 'parse a line'
measured parse "$(calculate "1e3 / $(median 'parser rfc3339-tcp')")"
measured parse-allocation "$(median 'parser rfc3339-tcp' 2)"
benchmarks FileTailBenchmark 'read a line of a file'
benchmarks DenialTableBenchmark 'count a packet'
benchmarks SourceWindowsBenchmark 'a packet into the windows of three rules'
benchmarks ScrapeBenchmark 'a scrape of 256 load balancers of 1,024 sources'
benchmarks NodeFindingsBenchmark 'policies on 100 nodes'
