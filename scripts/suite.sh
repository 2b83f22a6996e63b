# The harness of the suites in this directory whose names begin with e2e: options, cases, and the table of their outcomes.
# CONTRIBUTING.md describes how to write a case.

. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
export LC_ALL=C

numbers=() names=() speeds=() expectations=()
fast=no list=no problems=() note='' jobs=1 variant='' seed=$RANDOM
isolated=yes # each case runs in a shell of its own, which ends what it started; no: all run in this one, in order
columns=()   # NAME:WIDTH of each figure; case_figures prints one a line

# new_case NUMBER fast|slow NAME EXPECTED: a case, run by the function that function_of its name gives.
new_case() { numbers+=("$1") speeds+=("$2") names+=("$3") expectations+=("$4"); }

# function_of NAME: the name with underscores in place of all but letters and digits.
function_of() {
    local name=${1//[^a-zA-Z0-9]/_}
    printf '%s\n' "${name//__/_}"
}

# suite SPEC... -- ARGUMENT...: reads the options of this suite (see lib.sh) and of all: --fast, --keep, --list and cases.
suite() {
    options fast keep list ... "$@"
    if [ "$list" = yes ]; then
        list_cases
        exit
    fi
    selected=$(chosen) || exit
}

list_cases() {
    local i
    for i in "${!numbers[@]}"; do
        printf '%3s  %-4s  %-42s %s\n' "${numbers[i]}" "${speeds[i]/slow/}" "${names[i]}" "${expectations[i]}"
    done | sort -ns
}

# chosen: indices of the cases to run, in order of their numbers.
chosen() {
    local i each places=''
    for each in "${arguments[@]}"; do
        [[ " ${numbers[*]} " = *" $each "* ]] || printf '%s\n' "${names[@]}" | grep -qxF -- "$each" ||
            usage_error "no case '$each'; see $0 --list"
    done
    for i in "${!numbers[@]}"; do
        if [ ${#arguments[@]} = 0 ]; then
            [ "$fast" = no ] || [ "${speeds[i]}" = fast ] || continue
        else
            printf '%s\n' "${arguments[@]}" | grep -qxF -e "${numbers[i]}" -e "${names[i]}" || continue
        fi
        places+="${numbers[i]} $i"$'\n'
    done
    sort -ns <<<"$places" | cut -s -d' ' -f2
}

print_row() { # NUMBER NAME FIGURE... SECONDS OUTCOME
    local each format='%3s  %-42s'
    for each in "${columns[@]}"; do format+=" %${each#*:}s"; done
    # shellcheck disable=SC2059
    printf "$format %4s  %s\n" "$@"
}

print_head() { print_row '' case "${columns[@]%%:*}" s outcome; }

# hook FUNCTION [ARGUMENT...]: calls it if the suite defines it.
hook() { ! declare -F "$1" >/dev/null || "$@"; }

# run_cases: runs the selected cases, $jobs at a time, each after before_case NUMBER in this shell.
run_cases() {
    local i
    mkdir -p "$work/outcomes"
    for i in $selected; do
        if [ "$isolated" = no ]; then
            run_case_here "$i"
            continue
        fi
        while [ "$(jobs -pr | wc -l)" -ge "$jobs" ]; do wait -n || true; done
        hook before_case "${numbers[i]}"
        run_case "$i" &
    done
    [ "$isolated" = no ] || wait
}

run_case() { # PLACE
    local number=${numbers[$1]} name=${names[$1]} started=$SECONDS row=() running='' file
    trap - EXIT INT
    trap '[ -z "$running" ] || stop "$running"; exit 143' TERM
    run=$work/run-$number-$(function_of "$name")$variant
    mkdir "$run"
    case_in_subshell "$number" "$(function_of "$name")" 2>"$run/errors" &
    running=$!
    wait "$running" || true
    running=''
    [ ! -s "$run/row" ] || mapfile -t row <"$run/row"
    while [ ${#row[@]} -lt ${#columns[@]} ]; do row+=(''); done
    [ ${#row[@]} -gt ${#columns[@]} ] || row+=('FAILED: the case ended without an outcome')
    print_row "$number" "$name" "${row[@]:0:${#columns[@]}}" "$((SECONDS - started))" "${row[-1]}"
    printf '%s\n' "${row[-1]}" >"$work/outcomes/${run##*/}"
    if [[ "${row[-1]}" = FAILED* ]]; then
        # Without the messages of bash about killed children.
        grep -v ': line .* Killed ' "$run/errors" | tail -n 6 | sed 's/^/      /' || true
        for file in "$run"/agent.out "$run"/*/agent.out; do
            [ ! -s "$file" ] || tail -n 4 "$file" | cut -c 1-300 | sed "s#^#      ${file#"$run"/}: #"
        done
    fi
    [ "$keep" = yes ] || rm -rf "$run"
}

# case_in_subshell NUMBER FUNCTION: runs a case between set_up and judge. before_end and after_end run before and after
# its processes are killed.
case_in_subshell() {
    set -E
    problems=() note='' outcome=passed
    RANDOM=$((seed + $1))
    trap 'problems+=("line $LINENO of ${BASH_SOURCE[0]##*/}: $BASH_COMMAND")' ERR
    trap 'end_case' EXIT
    trap 'problems+=("stopped"); exit 143' TERM
    hook set_up "$@"
    "$2"
    hook judge
}

end_case() {
    trap - EXIT ERR TERM
    set +eE
    local running
    hook before_end
    mapfile -t running < <(jobs -pr) # only these: other numbers may belong to other processes by now
    [ ${#running[@]} = 0 ] || kill -KILL "${running[@]}"
    wait
    hook after_end
    { hook case_figures; outcome_of_case; } >"$run/row"
}

outcome_of_case() {
    local reason
    reason=$(printf '; %s' "${problems[@]}")
    [ ${#problems[@]} = 0 ] || { outcome="FAILED: ${reason:2}" note=''; }
    printf '%s\n' "$outcome${note:+ ($note)}"
}

# run_case_here PLACE: a command that fails ends the suite.
run_case_here() {
    local started=$SECONDS row
    problems=() note='' outcome=passed run=$work
    "$(function_of "${names[$1]}")"
    row=$(outcome_of_case)
    print_row "${numbers[$1]}" "${names[$1]}" "$((SECONDS - started))" "$row"
    printf '%s\n' "$row" >"$work/outcomes/$1"
}

# end_suite: prints the number of cases by outcome; fails if one failed, and says SKIPPED if all were skipped.
end_suite() {
    local counts
    counts=$(cat "$work"/outcomes/* | sed 's/[:(].*//; s/ *$//' | sort | uniq -c | awk '{ n = $1; $1 = ""; printf "%s%d%s", (NR > 1 ? ", " : ""), n, $0 }')
    printf '%s; %s s\n' "$counts" "$SECONDS"
    ! grep -q '^FAILED' "$work"/outcomes/* || exit 1
    grep -qv '^SKIPPED' "$work"/outcomes/* || skip 'none of these cases could run here'
}

skip_case() { # REASON
    outcome="SKIPPED: $1"
    exit 0
}

# give_up PROBLEM: ends the case.
give_up() {
    problems+=("$1")
    [ "$isolated" = yes ] || printf 'FAILED: %s\n' "${problems[@]}" # nothing else prints them
    exit 1
}

# pick FULL FAST: prints FAST with --fast, else FULL.
pick() { if [ "$fast" = yes ]; then printf '%s\n' "$2"; else printf '%s\n' "$1"; fi; }

# repeat COUNT COMMANDS: evaluates the text; $round counts from 0.
repeat() {
    local round
    for ((round = 0; round < $1; round++)); do eval "$2"; done
}

# pause SECONDS: unlike sleep, it ends at once when the case is stopped.
pause() {
    sleep "$1" &
    wait $!
}

# random_pause LEAST MOST: pauses for a random number of milliseconds.
random_pause() {
    local millis=$(($1 + (RANDOM * 32768 + RANDOM) % ($2 - $1 + 1)))
    pause "$((millis / 1000)).$(printf %03d $((millis % 1000)))"
}

# check WHAT COMMAND...: adds a problem unless it succeeds.
check() { "${@:2}" || problems+=("not so: $1"); }

# expect WHAT ACTUAL OPERATOR EXPECTED: adds a problem unless it holds.
expect() { test "$2" "$3" "$4" || problems+=("$1 is $2, not $3 $4"); }

# soon SECONDS PROBLEM COMMAND...: adds the problem unless the command succeeds in time.
soon() { wait_until "$1" "${@:3}" || problems+=("$2"); }
