# Runs a document's commands, and reports on each.

say() { printf '%-30s %-10s %s%s\n' "$document:$line" "$1" "$command" "${2+   ($2)}"; } # OUTCOME [WHY]

# run_document NAME: runs its commands in the clone.
run_document() {
    local document=$1 file=$clone/$1 rows row line reason code text command
    forget_document
    begin_document || { failed=$((failed + 1)) line=1 command='what it assumes'; say FAILED; }
    commands_of "$file" >"$work/commands" || { failed=$((failed + 1)); return 0; }
    mapfile -t rows <"$work/commands" # read at once, or a command could consume the rest as its input
    for row in "${rows[@]}"; do
        IFS=$'\t' read -r line reason code text command <<<"$row"
        if [ "$reason" = run ]; then
            run_command
        else
            left_out=$((left_out + 1))
            say 'not run' "because $reason"
        fi
    done
    strays "$file" >"$work/strays"
    mapfile -t rows <"$work/strays"
    for row in "${rows[@]}"; do
        IFS=$'\t' read -r line command <<<"$row"
        failed=$((failed + 1))
        say FAILED 'it is in no block of sh, so it is never run'
    done
}

# run_command: runs $command, which should exit with $code and print $text.
run_command() {
    local way detail needs_cluster seconds started=$SECONDS problem=''
    how "${command%% #*}"
    : >"$work/output"
    if [ "$needs_cluster" = yes ] && [ -n "$no_cluster" ]; then
        without_cluster=$((without_cluster + 1))
        say 'not run' "because $no_cluster"
        return 0
    fi
    case $way in
        once) run_once || problem="exit code $?, not $code" ;;
        outside) run_once nsenter "--net=/proc/self/fd/$outer_net" "--mount=/proc/self/fd/$outer_mount" || problem="exit code $?, not $code" ;;
        until) run_until "$detail" || problem="did not say \"$detail\", or did not end well" ;;
        terminal) run_on_terminal "$detail" || problem="did not show \"$detail\", or did not end well" ;;
        service) run_service "$detail" || problem="gives no answer at $detail" ;;
        step)
            if grep -qE "^ *(if )?step $detail " "$root/scripts/test"; then
                left_out=$((left_out + 1))
                say 'not run' "because step $detail of scripts/test runs it"
                return 0
            fi
            problem="scripts/test has no step $detail"
            ;;
        *) problem='scripts/docs/preparation.sh does not know how to run it' ;;
    esac
    if [ -z "$problem" ] && [ "$text" != 0 ]; then
        text_of "$file" "$text" >"$work/expected"
        looks_like "$work/expected" "$work/output" >"$work/difference" || problem='prints something else'
    fi
    if [ -z "$problem" ]; then
        ran=$((ran + 1))
        say "ok ($((SECONDS - started)) s)"
        return 0
    fi
    failed=$((failed + 1))
    say FAILED "$problem"
    [ "$problem" != 'prints something else' ] || sed 's/^/      /' "$work/difference"
    tail -n 12 "$work/output" | sed 's/^/      /'
}

# Each part of a pipe must succeed. denywatch also succeeds if the next part stops reading.
run_once() { # [COMMAND...]: runs it through these
    local status=0
    # cd comes last: entering a namespace changes the directory.
    timeout "$seconds" "$@" bash -o pipefail -c 'cd "$1" && eval "$2"' bash "$clone" "$command" >"$work/output" 2>&1 </dev/null ||
        status=$?
    [ "$status" = "$code" ] || return "$status"
}

# run_until PATTERN: runs the command until it prints this. Ctrl-C then goes to all of its processes, as from a
# terminal.
run_until() {
    local process
    (cd "$clone" && exec setsid env --default-signal=INT bash -c "$command") >"$work/output" 2>&1 </dev/null &
    process=$!
    wait_until "$seconds" holds_or_is_gone grep -qE -- "$1" "$work/output" || true
    kill -INT "-$process" 2>/dev/null || true
    wait "$process" && grep -qE -- "$1" "$work/output"
}

# run_on_terminal TEXT: runs the command on a terminal until it shows this, then types q.
run_on_terminal() {
    (cd "$clone" && timeout "$seconds" python3 -B "$root/scripts/top/look.py" "$command" "$1" q) >"$work/output" 2>&1
}

# run_service URL: runs the command in the background, while packets are denied as on a node.
run_service() {
    local process
    (cd "$clone" && exec bash -c "exec $command") >"$work/output" 2>&1 </dev/null &
    process=$!
    wait_until "$seconds" holds_or_is_gone curl -sf "$1" && kill -0 "$process" 2>/dev/null || return 1
    "$denywatch" simulate --output /var/log/syslog --rate 200 --scenario scan >"$work/simulate" 2>&1 &
    wait_until 20 counts_packets
}

# holds_or_is_gone COMMAND...: whether the command succeeds, or $process has ended, so that waiting is useless.
holds_or_is_gone() { "$@" || ! kill -0 "$process" 2>/dev/null; }
counts_packets() { curl -s localhost:9464/metrics | grep -q '^denywatch_log_lines_total{result="packet"} [1-9]'; }
