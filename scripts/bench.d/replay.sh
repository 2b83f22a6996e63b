# Whole processes on logs of denied packets: time, memory, with the same counts from each program that counts.

million=$(pick 1000000 100000)
[ -n "$(type -P time)" ] || skip_case 'GNU time is not installed'
pattern=' calico-packet: IN='
if command -v gcc >/dev/null; then gcc -O3 -march=native -o "$run/limit" "$root/scripts/bench.d/limit.c"; fi

# new_log NAME PACKETS SEED [OPTION...]: makes a log, and NAME.truth with what each program must count in it.
new_log() {
    "$denywatch" simulate --output "$run/$1" --packets "$2" --seed "$3" "${@:4}" >"$run/$1.truth"
    cat "$run/$1" >/dev/null # into the page cache
}

# truth FILE...: the true lines, packets, bytes, and pairs of load balancer and source (empty for several files).
truth() {
    jq -rs '[(map(.lines) | add), (map(.packets) | add), (map(.bytes) | add),
        (if length == 1 then (.[0].nlbs | map(.sources) | add) else "" end)] | map(tostring) | join(" ")' "${@/%/.truth}"
}

# counted CONTESTANT LINES PACKETS BYTES PAIRS: compares these counts with the truth; empty ones were not counted.
counted() {
    local i expected got=("${@:2}")
    read -r -a expected < <(truth "${logs[@]}")
    for i in 0 1 2 3; do
        [ -z "${got[i]-}" ] || [ -z "${expected[i]-}" ] || [ "${got[i]}" = "${expected[i]}" ] ||
            give_up "$1 counted ${got[*]}, and the truth is ${expected[*]} (lines, packets, bytes, pairs)"
    done
}

# counted_lines CONTESTANT FILE: the same for grep, which sees one packet in a line that stands for several; awk adds
# the rest.
counted_lines() {
    [ -n "${repeats-}" ] || repeats=$(cat "${logs[@]}" | awk -v skip=' kernel: message repeated ' \
        'i = index($0, skip) { sum += substr($0, i + length(skip), 6) - 1 } END { print sum + 0 }')
    counted "$1" '' "$(awk -v repeats="$repeats" '{ sum += $1 } END { print sum + repeats }' "$2")" '' ''
}

run_denywatch() {
    timed 'denywatch replay' "$run/out" "$denywatch" replay --output json "${logs[@]}"
    # shellcheck disable=SC2046 # words
    counted 'denywatch replay' $(jq -r '"\(.lines) \(.packets) \(.bytes)"' "$run/out")
}

run_limit() {
    local lines packets bytes pairs
    if [ ! -x "$run/limit" ]; then
        absent limit.c 'gcc is not installed'
        return
    fi
    timed limit.c "$run/out" "$run/limit" "${logs[@]}"
    read -r lines _ packets bytes pairs <"$run/out"
    counted limit.c "$lines" "$packets" "$bytes" "$pairs"
}

run_grep() {
    timed 'grep -c' "$run/out" grep -hc "$pattern" "${logs[@]}"
    counted_lines 'grep -c' "$run/out"
}

run_rg() {
    if ! command -v rg >/dev/null; then
        absent 'rg -c' 'ripgrep is not installed'
        return
    fi
    timed 'rg -c' "$run/out" rg --no-config --no-filename -c "$pattern" "${logs[@]}"
    counted_lines 'rg -c' "$run/out"
}

run_awk() {
    local lines packets bytes pairs
    timed awk "$run/out" awk -f "$root/scripts/bench.d/count.awk" "${logs[@]}"
    read -r lines _ packets bytes pairs <"$run/out"
    counted awk "$lines" "$packets" "$bytes" "$pairs"
}

run_mtail() {
    if ! command -v mtail >/dev/null; then
        absent mtail 'mtail is not installed'
        return
    fi
    timed mtail "$run/out" mtail --one_shot --one_shot_format=json --progs "$root/scripts/bench.d/count.mtail" \
        --logs "${logs[0]}" --poll_interval=0 2>"$run/mtail" || give_up "mtail: $(tail -n 1 "$run/mtail")"
    counted mtail '' "$(jq '[.. | objects | select(.Name? == "packets") | .LabelValues[].Value.Value] | add' "$run/out")" '' ''
}

run_cat() { timed 'cat >/dev/null' /dev/null cat "${logs[@]}"; }

# compare TITLE CONTESTANT...: runs the programs on $logs, taking turns, and prints a table.
compare() {
    local round contestant
    repeats=''
    for ((round = 1; round <= rounds; round++)); do
        for contestant in "${@:2}"; do "run_$contestant"; done
    done
    [ -z "${once-}" ] || "run_$once"
    table "$1" who 'wall s' 'CPU s' 'peak MiB'
    printf '\n%s lines in %s MiB. Every program that counts packets agrees with the simulator.\n' \
        "$(cat "${logs[@]}" | wc -l)" "$(du -cm --apparent-size "${logs[@]}" | tail -n 1 | cut -f1)"
}

# measured_in_full BAR VALUE: see measured; not with --fast, whose logs are shorter than the goals require.
measured_in_full() { [ "$fast" = yes ] || measured "$@"; }

# against_limit BAR
against_limit() {
    local limit
    limit=$(median limit.c)
    case $limit in
        '' | 0) ;;
        *) measured_in_full "$1" "$(calculate "$(median 'denywatch replay') / $limit")" ;;
    esac
}

cd "$run" || exit
new_log one "$million" 1
logs=(one) once=mtail
compare "$million packets of 10,000 sources" denywatch limit grep rg awk cat
against_limit replay-1m
case $(median mtail) in
    '' | 0) ;;
    *) measured_in_full mtail "$(calculate "$(median mtail) / $(median 'denywatch replay')")" ;;
esac

once=''
run_zcat() { timed 'zcat >/dev/null' /dev/null zcat one.gz; }
run_zgrep() {
    timed 'zcat and grep -c' "$run/out" sh -c 'zcat one.gz | grep -c "$1"' sh "$pattern"
    counted_lines 'zcat and grep -c' "$run/out"
}
run_zawk() {
    timed 'zcat and awk' "$run/out" sh -c 'zcat one.gz | awk -f "$1"' sh "$root/scripts/bench.d/count.awk"
    # shellcheck disable=SC2046
    counted 'zcat and awk' $(awk '{ print $1, $3, $4, $5 }' "$run/out")
}
run_zreplay() {
    timed 'denywatch replay' "$run/out" "$denywatch" replay --output json one.gz
    # shellcheck disable=SC2046
    counted 'denywatch replay' $(jq -r '"\(.lines) \(.packets) \(.bytes)"' "$run/out")
}
gzip -k -1 one
compare 'the same, compressed by gzip' zreplay zgrep zawk zcat
rm one one.gz

logs=()
for seed in 1 2 3 4 5 6 7 8; do
    new_log "file-$seed" "$million" "$seed"
    logs+=("file-$seed")
done
compare "eight files of $million packets" denywatch limit grep rg cat
rm "${logs[@]}"

new_log ten $((10 * million)) 1
logs=(ten) once=awk
compare "$((10 * million)) packets of 10,000 sources" denywatch limit grep rg cat
against_limit replay-10m
rm ten

new_log spoofed $((10 * million)) 1 --scenario spoofed --sources $((10 * million))
logs=(spoofed) once=''
compare "$((10 * million)) packets, each of another source" denywatch limit grep rg cat
against_limit replay-spoofed
rm spoofed
