# Samples, tables of them, and how a process is measured. A part prints Markdown.

# sample ROW VALUE...: adds the values of one round. Rows appear in the table in the order of their first samples.
sample() {
    local IFS=$'\t'
    printf '%s\n' "$*" >>"$samples"
}

# absent ROW REASON: a row without figures.
absent() { sample "$1" "SKIPPED: $2"; }

# table TITLE HEAD COLUMN...: prints all samples since the last table. After the first column comes its ratio to the
# first row.
table() {
    printf '\n### %s\n\n' "$1"
    cp "$samples" "$samples.last"
    awk -F'\t' -f "$root/scripts/bench.d/table.awk" -v heads="$(printf '%s\t' "${@:2}")" "$samples"
    rm "$samples"
}

# median ROW [COLUMN]: the median of a row's samples in the last table.
median() {
    awk -F'\t' -v row="$1" -v column="${2:-1}" '$1 == row { print $(column + 1) }' "$samples.last" | sort -g |
        awk '{ value[NR] = $1 } END { if (NR) print (value[int((NR + 1) / 2)] + value[int((NR + 2) / 2)]) / 2 }'
}

# most ROW [COLUMN]: their maximum.
most() {
    awk -F'\t' -v row="$1" -v column="${2:-1}" '$1 == row { print $(column + 1) }' "$samples.last" | sort -g | tail -n 1
}

# measured BAR VALUE: records the value of a goal, for the comparison at the end.
measured() { [ -z "$2" ] || printf '%s %s\n' "$1" "$2" >>"$work/measured"; }

# calculate EXPRESSION: the value of an awk expression, with four significant digits.
calculate() { awk "BEGIN { printf \"%.4g\n\", $1 }"; }

# elapsed MICROS: seconds since this time.
elapsed() { calculate "(${EPOCHREALTIME/./} - $1) / 1e6"; }

# timed ROW OUTPUT COMMAND...: runs the command, and adds a sample of wall and CPU time in seconds and of peak memory in
# MiB.
timed() {
    local begin wall user system peak
    begin=${EPOCHREALTIME/./}
    command time -q -o "$run/time" -f '%U %S %M' "${@:3}" >"$2" || give_up "$1 failed: ${*:3}"
    wall=$(elapsed "$begin")
    read -r user system peak <"$run/time"
    sample "$1" "$wall" "$(calculate "$user + $system")" "$(calculate "$peak / 1024")"
}
