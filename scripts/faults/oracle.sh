# What should have been counted, and whether it was.
#
# Each number whose complete line is on disk must be counted. With $outcome "exact", these are all numbers that were
# sent. Otherwise lines were destroyed while the agent ran, and it may have counted some of them before. More may then
# be counted than is on disk, if each class's sum is possible for that many destroyed lines. Which ones it read is not
# known.

# The lines of the log that are on disk, each file once: while logrotate compresses X, both X and X.gz exist. An
# unfinished last line is left out: copytruncate may copy half a line, whose rest is in another file.
log_contents() {
    local name file
    for name in "${log_names[@]}"; do
        for file in "$name" "$name".* "$name"-* "$name"_*; do
            if [ -f "$file" ] && { [ "$file" = "${file%.gz}" ] || [ ! -f "${file%.gz}" ]; }; then
                zcat -f "$file" | tr -d '\000' | perl -ne 'print if /\n\z/'
            fi
        done
    done
}

# Numbers of the complete packet lines on disk, in any order; the count of all lines goes to disk-lines.
numbers_on_disk() {
    log_contents | LC_ALL=C awk -v lines="$run/disk-lines" '
        / kernel: .*calico-packet: IN=.* (URGP=0|LEN=44) \r?$/ {
            at = index($0, " DST=203.0.113.")
            if (at && match($0, / LEN=[0-9]+/)) {
                number = substr($0, RSTART + 5, RLENGTH - 5) + 0
                split(substr($0, at + 15, 4), class, " ")
                if (class[1] == number % 16 + 1) print number
            }
        }
        END { print NR >lines }'
}

# One line "on disk;counted;problem", the problem being empty if the page can be explained.
compare() {
    LC_ALL=C awk -v sent="$(sent)" -v outcome="$outcome" '
        function label(name) { return match($0, "[{,]" name "=\"[^\"]*") ? substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 3) : "" }
        function class_of(nlb,   part) { return split(nlb, part, ".") == 4 && nlb ~ /^203\.0\.113\./ ? part[4] - 1 : -1 }
        FILENAME ~ /page$/ {
            if (/^denywatch_denied_packets_total\{/) packets[class_of(label("nlb"))] += $NF
            else if (/^denywatch_denied_bytes_total\{/) bytes[class_of(label("nlb"))] += $NF
            next
        }
        { on_disk[$1] = 1 }
        END {
            for (i = 0; i < sent; i++) {
                class = i % 16
                if (i in on_disk) { distinct++; expected[class]++; sum[class] += i }
                else missing[class, ++lacking[class]] = i
            }
            for (class = 0; class < 16; class++) {
                counted += packets[class]
                more = packets[class] - expected[class]
                rest = bytes[class] - sum[class]
                least = most = 0 # bounds of the sum of this many missing numbers
                for (i = 1; i <= more && i <= lacking[class]; i++) {
                    least += missing[class, i]
                    most += missing[class, lacking[class] + 1 - i]
                }
                if (more < 0 || more > (outcome == "exact" ? 0 : lacking[class]) || rest < least || rest > most) {
                    wrong++
                    packets_off += more
                    bytes_off += rest
                }
            }
            if (wrong) problem = sprintf("%d classes wrong by %.0f packets and %.0f in sum", wrong, packets_off, bytes_off)
            else if (outcome == "exact" && counted != sent) problem = sprintf("%d lines lost", sent - counted)
            printf "%d;%d;%s\n", distinct, counted, problem
        }' "$run/page" "$run/numbers"
}

# expect_metric METRIC LABEL_TEXT OPERATOR EXPECTED: checks a value in the last page.
expect_metric() { expect "${1#denywatch_}${2:+{$2\}}" "$(metric "$1" "$2")" "$3" "$4"; }

# settle: waits until everything is written, read and published, and then long enough for double counts to show.
settle() {
    [ "$settled" = no ] || return 0
    stop_sending
    stop_rotating
    [ ! -S "$run/socket" ] || flush_log
    still=0 last=''
    soon 60 'the counters do not come to rest' at_rest
    settled=yes
}

# at_rest: whether nothing changed in the last 30 calls, or in the last 12 if everything sent is counted.
at_rest() {
    local now
    page || return 1
    now="$(metric denywatch_denied_packets_total) $(metric denywatch_log_lines_total) $(metric denywatch_log_unread_bytes)"
    [ "$now" = "$last" ] && [ "${now##* }" = 0 ] && still=$((still + 1)) || still=0
    last=$now
    [ "$still" -ge 30 ] || { [ "$still" -ge 12 ] && [ "${now%% *}" = "$(sent)" ]; }
}

# Counters that decrease between two pages of the case: Prometheus would treat each as a reset and add its whole value.
counters_that_went_back() {
    LC_ALL=C awk '
        /^# page/ { pages++; next }
        /^denywatch_[a-z_]*_total[{ ]/ && !/^denywatch_checkpoint_failures_total/ {
            value = $NF
            series = substr($0, 1, length($0) - length(value) - 1)
            if (series in last && value + 0 < last[series] && !(series in told)) {
                told[series] = 1
                if (++back <= 2) text = text sprintf(" %s from %.0f to %.0f in page %d,", series, last[series], value, pages)
            }
            last[series] = value + 0
        }
        END { if (back) printf "%d counters went back:%s\n", back, text }' "$run/pages"
}

# Ends each case that has an agent.
judge() {
    local problem
    [ -z "$agent" ] || settle
    [ -s "$run/page" ] || return 0
    numbers_on_disk >"$run/numbers"
    IFS=';' read -r on_disk counted problem <<<"$(compare)"
    [ -z "$problem" ] || problems+=("$problem")
    expect_metric denywatch_log_gaps_total '' -eq "$gaps"
    expect_metric denywatch_malformed_lines_total '' -eq 0
    [ "$outcome" != exact ] || expect 'lines of any kind' "$(metric denywatch_log_lines_total)" -eq "$(cat "$run/disk-lines")"
    expect 'pages scraped' "$(grep -c '^# page' "$run/pages" || true)" -gt 0
    problem=$(counters_that_went_back)
    [ -z "$problem" ] || problems+=("$problem")
    kill -0 "$agent" 2>/dev/null || problems+=("the agent is gone")
}
