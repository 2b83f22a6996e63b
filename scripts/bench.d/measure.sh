# Samples, tables of them, and how a process is measured. A part prints Markdown; what it says meanwhile goes to standard
# error.

progress() { printf 'bench: %s\n' "$1" | tee "$bench_work/said" >&2; }

# skip_part REASON: nothing of it can be measured here.
skip_part() {
    printf '\nSKIPPED: %s\n' "$1"
    progress "SKIPPED: $1"
    exit 0
}

# give_up REASON: what would follow makes no sense.
give_up() {
    progress "$1"
    trap - ERR
    exit 1
}

# sample ROW VALUE...: of one round. A row is in the table where it first came.
sample() {
    local IFS=$'\t'
    printf '%s\n' "$*" >>"$samples"
}

# absent ROW REASON: a row without figures.
absent() {
    printf '%s\tSKIPPED: %s\n' "$1" "$2" >>"$samples"
    progress "SKIPPED: $1: $2"
}

# table TITLE HEAD COLUMN...: of all samples since the last one. Behind the first column stands its ratio to the first row.
table() {
    printf '\n### %s\n\n' "$1"
    cp "$samples" "$samples.last"
    awk -F'\t' -f "$root/scripts/bench.d/table.awk" -v heads="$(printf '%s\t' "${@:2}")" "$samples"
    rm "$samples"
    progress "$1"
}

# median ROW [COLUMN]: from the samples of the last table.
median() {
    awk -F'\t' -v row="$1" -v column="${2:-1}" '$1 == row { print $(column + 1) }' "$samples.last" | sort -g |
        awk '{ value[NR] = $1 } END { if (NR) print (value[int((NR + 1) / 2)] + value[int((NR + 2) / 2)]) / 2 }'
}

# most ROW [COLUMN]: likewise.
most() {
    awk -F'\t' -v row="$1" -v column="${2:-1}" '$1 == row { print $(column + 1) }' "$samples.last" | sort -g | tail -n 1
}

# measured BAR VALUE: compared with the bar at the end.
measured() { [ -z "$2" ] || printf '%s %s\n' "$1" "$2" >>"$bench_work/measured"; }

# calculate EXPRESSION: of awk, four significant digits.
calculate() { awk "BEGIN { printf \"%.4g\n\", $1 }"; }

# elapsed MICROS: seconds since then.
elapsed() { calculate "(${EPOCHREALTIME/./} - $1) / 1e6"; }

# timed ROW OUTPUT COMMAND...: a sample of wall and CPU time in seconds and of the most memory in MiB.
timed() {
    local begin wall user system peak
    begin=${EPOCHREALTIME/./}
    command time -q -o "$work/time" -f '%U %S %M' "${@:3}" >"$2" || give_up "$1 failed: ${*:3}"
    wall=$(elapsed "$begin")
    read -r user system peak <"$work/time"
    sample "$1" "$wall" "$(calculate "$user + $system")" "$(calculate "$peak / 1024")"
}
