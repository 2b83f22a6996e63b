# A list of cases to be run by number or name, and what all of them use. Shared by e2e-cluster and e2e-faults, which set
# $wanted (numbers or names; none for all), $fast (yes or no) and, within a case, the list $problems.
# shellcheck shell=bash disable=SC2154

numbers=() names=() speeds=() expectations=()

# new_case NUMBER fast|slow NAME EXPECTED: a case; the function that runs it is function_of its name.
new_case() {
    numbers+=("$1") speeds+=("$2") names+=("$3") expectations+=("$4")
}

# function_of NAME: underscores for all that is neither letter nor digit.
function_of() {
    local name=${1//[^a-zA-Z0-9]/_}
    printf '%s\n' "${name//__/_}"
}

list_cases() {
    local i
    for i in "${!numbers[@]}"; do
        printf '%3s  %-4s  %-42s %s\n' "${numbers[i]}" "${speeds[i]/slow/}" "${names[i]}" "${expectations[i]}"
    done | sort -n
}

# chosen: the places in the lists of what is to be run, in order of the numbers.
chosen() {
    local places
    places=$(chosen_in_any_order) || exit
    printf '%s\n' "$places" | sort -n | cut -d' ' -f2
}

chosen_in_any_order() {
    local i each found
    for each in "${wanted[@]}"; do
        found=no
        for i in "${!numbers[@]}"; do
            if [ "$each" = "${numbers[i]}" ] || [ "$each" = "${names[i]}" ]; then
                printf '%s %s\n' "${numbers[i]}" "$i"
                found=yes
            fi
        done
        [ "$found" = yes ] || usage_error "no case '$each'; see $0 --list"
    done
    if [ ${#wanted[@]} = 0 ]; then
        for i in "${!numbers[@]}"; do
            [ "$fast" = no ] || [ "${speeds[i]}" = fast ] || continue
            printf '%s %s\n' "${numbers[i]}" "$i"
        done
    fi
}

# pick FULL FAST: how much or how long.
pick() {
    if [ "$fast" = yes ]; then printf '%s\n' "$2"; else printf '%s\n' "$1"; fi
}

# pause SECONDS: unlike sleep, it ends at once when the case is stopped.
pause() {
    sleep "$1" &
    wait $!
}

# random_pause LEAST MOST: milliseconds.
random_pause() {
    local millis=$(($1 + (RANDOM * 32768 + RANDOM) % ($2 - $1 + 1)))
    pause "$((millis / 1000)).$(printf %03d $((millis % 1000)))"
}

# expect WHAT ACTUAL OPERATOR EXPECTED: one more problem unless it holds.
expect() {
    if ! test "$2" "$3" "$4"; then
        problems+=("$1 is $2, not $3 $4")
    fi
}

# metric_in PAGE NAME [TEXT...]: the sum over its series in a page of /metrics, of those whose labels contain all the texts.
metric_in() {
    local page=$1 name=$2
    shift 2
    awk '
        BEGIN { name = ARGV[2]; for (i = 3; i < ARGC; i++) text[i] = ARGV[i]; ARGC = 2 }
        index($0, name) == 1 && substr($0, length(name) + 1, 1) ~ /[{ ]/ {
            for (i in text) if (text[i] != "" && !index($0, text[i])) next
            sum += $NF
        }
        END { printf "%.0f\n", sum }' "$page" "$name" "$@"
}
