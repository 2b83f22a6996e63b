# With a Kubernetes API: how memory and start grow with Services, and how soon a source is blocked.

if reason=$(lacks_tools KUBEBUILDER_ASSETS "${cluster_tools[@]}"); then skip_case "$reason"; fi
log=$run/syslog
make_lines 1000 8 100 50 >"$log"
new_cluster

# complete COUNT: whether the page shows this many load balancers, and the counts of other destinations.
complete() { page /metrics && [ "$(grep -c '^denywatch_denied_sources{' "$run/page")" -gt "$1" ]; }

# settled ROW SECONDS: a sample of the memory ten seconds later, when the start no longer affects it.
settled() {
    sleep "$(pick 10 3)"
    sample "$1" "$2" "$(resident VmRSS)" "$(resident RssAnon)" "$(heap_after_collection)"
    stop "$agent"
}

counts=(10 100 1000 10000)
[ "$fast" = no ] || counts=(10 100 1000)
for count in "${counts[@]}"; do
    make_services "$count"
    shown=$((count > 256 ? 256 : count)) # the default of loadBalancers.max
    begin=${EPOCHREALTIME/./}
    start_cluster_agent off
    if wait_until "$(pick 60 20)" complete "$shown"; then
        settled "$count" "$(elapsed "$begin")"
    else
        absent "$count" "no complete page: $(tail -n 1 "$run/agent.out" | tr '|' ' ' | cut -c1-200)"
        stop "$agent"
    fi
    if [ "$count" = 100 ]; then
        make_services 300
        begin=${EPOCHREALTIME/./}
        start_cluster_agent enforce
        wait_until 60 complete 256 || give_up 'no complete page with 300 Services in mode enforce'
        settled '300, enforce' "$(elapsed "$begin")"
    fi
done
table 'with Services of type LoadBalancer' Services 's to a complete page' 'VmRSS MiB' 'RssAnon MiB' 'heap after a collection MiB'
measured cluster-rss "$(median '300, enforce' 2)"
measured cluster-anon "$(median '300, enforce' 3)"
end_cluster

promotions=$(pick 200 20)
"$root/scripts/e2e-cluster" --promotions "$promotions" 2 >"$run/promotions" || give_up "$(grep FAILED "$run/promotions")"
outcome=$(sed -n 's/.*passed (\(.*\))$/\1/p' "$run/promotions")
printf '\n### from the line that reaches a threshold to the object written\n\n%s\n' "$outcome"
measured written "$(calculate "$(sed -n 's/.*p99 \([0-9]*\) ms.*/\1/p' <<<"$outcome") / 1000")"
