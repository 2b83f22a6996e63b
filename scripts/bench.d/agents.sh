# Starts an agent without a cluster, measures what it uses, and makes logs for it.

ready_max=120 # seconds, on a busy machine

# start_agent LOG [SETTING...]: returns at once, with the process id in $agent, the port in $port, the output in
# $run/agent.out.
start_agent() {
    port=$(free_port)
    rm -rf "$run/state"
    # For jcmd, below.
    JDK_JAVA_OPTIONS=-XX:-DisableAttachMechanism agent "$port" "$run/state" "source.path=$1" source.kind=file \
        source.startAt=beginning loadBalancers.discover=any "${@:2}" >"$run/agent.out" 2>&1 &
    agent=$!
}

# ready: waits until everything that was in the log at the start is counted and published.
ready() {
    wait_until "$ready_max" http_get "$port" /readyz || give_up "the agent is not ready: $(tail -n 1 "$run/agent.out")"
}

# page PATH: fetches it into $run/page.
page() { http_get "$port" "$1" >"$run/page.new" && mv "$run/page.new" "$run/page"; }

# metric NAME [TEXT...]: its current value, see metric_in.
metric() { page /metrics && metric_in "$run/page" "$@"; }
metric_is() { [ "$(metric "${@:2}")" = "$1" ]; } # VALUE NAME [TEXT...]

# cpu_millis: processor time of the agent so far.
cpu_millis() { awk -v hz="$(getconf CLK_TCK)" '{ print ($14 + $15) * 1000 / hz }' "/proc/$agent/stat"; }

# resident FIELD: VmRSS or RssAnon of the agent, in MiB.
resident() { awk -v field="$1:" '$1 == field { printf "%.1f\n", $2 / 1024 }' "/proc/$agent/status"; }
collections() { metric jvm_gc_pause_seconds_count; }

# heap_after_collection: MiB of heap in use after a garbage collection.
heap_after_collection() {
    "$JAVA_HOME/bin/jcmd" "$agent" GC.run >/dev/null
    sleep 1
    calculate "$(metric jvm_memory_used_bytes 'area="heap"') / 1048576"
}

# make_lines LINES NLBS SOURCES PERCENT: prints lines. This share of them are packet lines, with the load balancers and
# sources in turn; another program wrote the others.
make_lines() {
    awk -v lines="$1" -v nlbs="$2" -v sources="$3" -v percent="$4" -v now="$(date -u '+%Y-%m-%dT%H:%M:%S')" \
        -f "$root/scripts/bench.d/lines.awk"
}

# packet SOURCE COUNT: logs so many packets of the source now, and sets $written to the time in Unix microseconds.
packet() {
    packet_lines "$1" 1 "$2" 203.0.113.1 22 >"$run/lines"
    written=${EPOCHREALTIME/./}
    cat "$run/lines" >>"$log"
}
