# Shared by all scripts: paths, options, a JDK 25, the runtime image, HTTP, waiting, ports and processes.

root=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
image=$root/agent/target/denywatch
denywatch=$image/bin/denywatch

# Exit code of e2e-kernel, e2e-kmsg and e2e-policies if packets were lost before they could be compared with the agent.
incomplete_log=75

fail() {
    printf '%s: %s\n' "${0##*/}" "$1" >&2
    exit "${2:-1}"
}

usage_error() { fail "$1; see $0 --help" 2; }

# options SPEC... -- ARGUMENT...: sets a variable for each option, named like it, with underscores. A SPEC is NAME for a switch
# (yes), NAME=LEAST..MOST for a number, NAME=A|B for one of these words, NAME= for any text, and ... to allow other arguments,
# which go to $arguments. --help prints the comment at the top of the script.
arguments=()
options() {
    local specs=() spec each
    while [ "$1" != -- ]; do specs+=("$1"); shift; done
    shift
    while [ $# -gt 0 ]; do
        [ "$1" != --help ] || { show_help "$0"; exit 0; }
        for spec in "${specs[@]}" ''; do
            if [ "--${spec%%=*}" = "$1" ]; then break; fi
            if [ "$spec" = ... ] && [ "${1#-}" = "$1" ]; then arguments+=("$1"); break; fi
        done
        each=${1#--}
        each=${each//-/_}
        case $spec in
            '') usage_error "unknown option '$1'" ;;
            ...) ;;
            *=*)
                [ $# -ge 2 ] || usage_error "$1 needs a value"
                check_value "$1" "$2" "${spec#*=}"
                printf -v "$each" %s "$2"
                shift
                ;;
            *) printf -v "$each" yes ;;
        esac
        shift
    done
}

check_value() { # OPTION VALUE SPEC
    case $3 in
        *..*)
            case $2 in '' | *[!0-9]* | ?????????*) false ;; *) [ "$2" -ge "${3%..*}" ] && [ "$2" -le "${3#*..}" ] ;; esac ||
                usage_error "$1 takes a number from ${3%..*} to ${3#*..}, not '$2'"
            ;;
        *'|'*) [[ "|$3|" = *"|$2|"* ]] || usage_error "$1 takes ${3//|/, }, not '$2'" ;;
    esac
}

# skip REASON: ends the script because it cannot run here. scripts/test looks for this line.
skip_code=0
skip() {
    printf 'SKIPPED: %s\n' "$1"
    exit "$skip_code"
}

# need TOOL...: skips unless they are installed.
need() {
    local tool
    for tool in "$@"; do command -v "$tool" >/dev/null || skip "$tool is not installed"; done
}

# need_root WHY: skips unless the script runs as root.
need_root() { [ "$(id -u)" = 0 ] || skip "not root, which is needed for $1"; }

# begin_work: makes the directory $work, which is removed at the end unless $keep is yes. Before that, clean_up is called if
# the script defines it, and all background jobs are ended.
work='' keep=no
begin_work() {
    trap end_work EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    work=$(mktemp -d)
}

end_work() {
    trap - EXIT INT TERM
    set +e
    ! declare -F clean_up >/dev/null || clean_up
    stop_jobs
    [ -z "${cluster_kind-}" ] || end_cluster
    if [ "$keep" = yes ]; then printf 'kept: %s\n' "$work"; else remove_tree "$work"; fi
}

# show_help FILE: prints the comment at its top.
show_help() { sed -n '2,/^[^#]/{/^# shellcheck/d;s/^#\( \|$\)//p}' "$1"; }

# java_release HOME: the feature release of the JDK there (25), or 0.
java_release() {
    local version=0
    if [ -x "$1/bin/javac" ] && [ -r "$1/release" ]; then
        version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release")
    fi
    printf '%s\n' "${version:-0}"
}

# find_jdk: exports JAVA_HOME: that of the environment if it is JDK 25 or later, else the first such JDK found.
find_jdk() {
    local home java
    java=$(command -v java || true)
    if [ -n "$java" ]; then java=$(readlink -f "$java"); fi
    for home in "${JAVA_HOME-}" /usr/lib/jvm/* /usr/java/* /opt/java/* "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/* \
        /Library/Java/JavaVirtualMachines/*/Contents/Home "${java%/bin/java}"; do
        if [ -n "$home" ] && [ "$(java_release "$home")" -ge 25 ]; then
            export JAVA_HOME=$home
            # The libraries of Maven 3 cause warnings of JDK 25.
            export MAVEN_OPTS="--sun-misc-unsafe-memory-access=allow ${MAVEN_OPTS-}"
            return
        fi
    done
    fail "no JDK 25 found in JAVA_HOME, /usr/lib/jvm, ~/.sdkman, ~/.jdks or PATH: install a JDK 25 and set JAVA_HOME to its directory"
}

# build: makes the runtime image unless it is newer than its sources.
build() {
    if [ -f "$image/app/revision" ] && [ -z "$(find "$root/pom.xml" "$root/agent/pom.xml" \
        "$root/agent/src/main" "$root/agent/src/image" -newer "$image/app/revision" -print -quit)" ]; then
        return
    fi
    find_jdk
    command -v mvn >/dev/null || fail "mvn is not on PATH: install Maven 3.8 or later"
    printf 'building %s, which takes about a minute\n' "$image"
    (cd "$root" && mvn -B -q package -DskipTests)
}

# http_get PORT PATH [CODE]: prints the body of a response of 127.0.0.1; fails unless its status is 200, or CODE.
http_get() {
    (
        exec 3<>"/dev/tcp/127.0.0.1/$1"
        printf 'GET %s HTTP/1.0\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' "$2" >&3
        awk -v code="${3-200}" 'NR == 1 { ok = $2 == code } body { print } $0 == "\r" { body = 1 } END { exit !ok }' <&3
    ) 2>/dev/null
}

# not_ready PORT TEXT: whether /readyz is a 503 with this text.
not_ready() { http_get "$1" /readyz 503 | grep -qF -- "$2"; }

# agent PORT STATE [SETTING...] &: replaces its shell by an agent, which the command in $wrapper, if any, runs.
agent() {
    local setting settings=()
    for setting in "http.listen=127.0.0.1:$1" "checkpoint.directory=$2" "${@:3}"; do settings+=(--set "$setting"); done
    exec "${wrapper[@]}" "$denywatch" agent "${settings[@]}"
}
wrapper=()

# metric_in PAGE NAME [TEXT...]: the sum of a metric in a page of /metrics, over series whose labels contain all texts.
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

# packet_lines FIRST_SOURCE SOURCES EACH DESTINATION PORT: prints EACH lines of each of SOURCES sources, taking turns.
packet_lines() {
    local now
    TZ=UTC printf -v now '%(%Y-%m-%dT%H:%M:%S)T' -1
    awk -v first="$1" -v sources="$2" -v each="$3" -v destination="$4" -v port="$5" -v now="$now" '
        BEGIN {
            split(first, part, ".")
            base = ((part[1] * 256 + part[2]) * 256 + part[3]) * 256 + part[4]
            for (i = 0; i < each; i++) {
                for (j = 0; j < sources; j++) {
                    a = base + j
                    source = int(a / 16777216) "." int(a / 65536) % 256 "." int(a / 256) % 256 "." a % 256
                    print now ".000000+00:00 worker kernel: [158271.044316] calico-packet: IN=eth1 OUT= " \
                        "MAC=06:b2:1e:5d:30:43:00:00:5e:00:01:0a:08:00 SRC=" source " DST=" destination \
                        " LEN=52 TOS=0x00 PREC=0x00 TTL=117 ID=" i " DF PROTO=TCP SPT=" 1024 + j % 60000 " DPT=" port \
                        " WINDOW=64240 RES=0x00 SYN URGP=0 "
                }
            }
        }'
}

# lacks_tools VARIABLE TOOL...: succeeds, and says so, if a tool is missing in the directory that the variable names.
lacks_tools() {
    local tool
    for tool in "${@:2}"; do
        [ -x "${!1-}/$tool" ] || { printf 'no %s in %s; see CONTRIBUTING.md\n' "$tool" "$1"; return; }
    done
    return 1
}
cluster_tools=(etcd kube-apiserver kube-controller-manager)
assets=${KUBEBUILDER_ASSETS-} tools=${HELM_TOOLS-} crds=$root/agent/src/test/resources/crds

# into_directory STAMP ARGUMENT...: for a script whose only argument is a directory of tools that it makes. Sets $made
# to its path and $building to a temporary directory next to it. Ends the script if the stamp shows that the directory
# is complete.
into_directory() {
    made_stamp=$1
    options ... -- "${@:2}"
    if [ ${#arguments[@]} != 1 ] || [ -z "${arguments[0]}" ]; then usage_error 'one directory is needed'; fi
    made=$(realpath -m -- "${arguments[0]}") building=$made.building
    ! is_made || exit 0
    [ -e "$made/stamp" ] || [ -z "$(ls -A -- "$made" 2>/dev/null)" ] ||
        usage_error "$made has files of others: choose a directory that is new, empty or of an earlier run"
}

is_made() { [ "$(cat "$made/stamp" 2>/dev/null)" = "$made_stamp" ]; }

# begin_directory: waits for another run, if any, and ends the script if that run made the directory.
begin_directory() {
    mkdir -p -- "${made%/*}"
    exec {made_lock}>"$made.lock"
    flock "$made_lock"
    ! is_made || exit 0
    rm -rf "$building" # left by a run that was killed
    mkdir "$building"
}

# end_directory FOLDER: moves the folder to $made.
end_directory() {
    printf '%s\n' "$made_stamp" >"$1/stamp"
    [ ! -e "$made" ] || mv -T "$made" "$building/earlier"
    mv -T "$1" "$made"
    printf '%4s s  %s\n' "$SECONDS" "$made"
}

# A wait may take $patience times as long as on an idle machine, but at most $longest_wait seconds: deadlines only end
# what hangs, and do not test speed. Once one wait has timed out, the script's other waits get only twice the idle time,
# because a slow machine would have had enough time by then.
patience=10 longest_wait=240

# wait_until SECONDS COMMAND...: tries the command five times a second, at least ten times; fails when time is up.
wait_until() {
    local times=$patience end tries=10
    [ ! -e "${work:-/nowhere}/wait-ran-out" ] || times=2
    end=$((SECONDS + ($1 * times < longest_wait ? $1 * times : longest_wait)))
    shift
    until "$@" >/dev/null 2>&1; do
        tries=$((tries - 1))
        if [ "$tries" -le 0 ] && [ "$SECONDS" -ge "$end" ]; then
            [ -z "$work" ] || : >"$work/wait-ran-out"
            return 1
        fi
        sleep 0.2
    done
}

# free_port: a port of 127.0.0.1 on which nothing listens. Scripts that run at the same time get different ports.
free_port() {
    local port last=${TMPDIR:-/tmp}/denywatch-port.$UID
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        port=$(
            exec 8<>"$last"
            flock 8
            read -r port <&8 || port=$((RANDOM % 10000))
            port=$(((${port//[!0-9]/} + 1) % 10000))
            printf '%s\n' "$port" >"$last"
            printf '%s\n' "$((20000 + port))"
        )
        if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            printf '%s\n' "$port"
            return
        fi
    done
    fail "no free port between 20000 and 30000"
}

# remove_tree DIRECTORY: unmounts what is mounted below it and deletes it; retries while an ending process still uses
# it.
remove_tree() {
    local directory point try
    directory=$(readlink -f "$1") || return 0
    for ((try = 0; try < 5 * patience; try++)); do
        # The innermost mounts first.
        while read -r point; do
            umount "$point" 2>/dev/null || umount -l "$point" 2>/dev/null || true
        done < <(awk -v below="$directory/" 'index($5, below) == 1 { print $5 }' /proc/self/mountinfo | tac)
        rm -rf "$directory" 2>/dev/null && return 0
        sleep 0.2
    done
    rm -rf "$directory" # prints why it fails
}

# stop PID...: ends child processes and waits for them; some may have ended before.
stop() {
    local pid
    for pid in "$@"; do kill "$pid" 2>/dev/null || true; done
    for pid in "$@"; do wait "$pid" 2>/dev/null || true; done
}

# stop_jobs: ends all background jobs of this shell; those that do not end in time are killed.
stop_jobs() {
    local running
    running=$(jobs -pr)
    # shellcheck disable=SC2086 # a list of process ids
    [ -z "$running" ] || { kill $running; kill -CONT $running; } 2>/dev/null || true
    if ! wait_until 10 no_jobs; then
        # shellcheck disable=SC2046 # likewise
        kill -KILL $(jobs -pr) 2>/dev/null || true
    fi
    wait
}

no_jobs() { [ -z "$(jobs -pr)" ]; }

# scrape_agents PORT NODE [PORT NODE...]: the scrape_configs of Prometheus, with the labels that Prometheus Operator gives to the
# pods of a PodMonitor.
scrape_agents() {
    printf 'scrape_configs:\n- job_name: denywatch\n  honor_labels: true\n  static_configs:\n'
    while [ $# -gt 0 ]; do
        printf '  - {targets: ["127.0.0.1:%s"], labels: {cluster: demo, node: %s, pod: denywatch-%s, ' "$1" "$2" "$2"
        printf 'namespace: denywatch, container: denywatch, endpoint: metrics}}\n'
        shift 2
    done
}
