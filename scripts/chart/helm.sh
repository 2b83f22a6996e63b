# Helm, either of both, and the cases that are run with each.
# shellcheck shell=bash disable=SC2034,SC2154,SC2317

helms=(helm3 helm4)

# each_helm NUMBER NAME EXPECTED: a case on a real API with each Helm; the last digit of its number says with which. $helm
# is then that one, and $namespace is new.
each_helm() {
    with_helm 3 fast "$@"
    with_helm 4 fast "$@"
}

# any_helm NUMBER NAME EXPECTED: the same where all depends on what is rendered, and that is the same with both.
any_helm() {
    with_helm 3 slow "$@"
    with_helm 4 fast "$@"
}

with_helm() { # 3|4 fast|slow NUMBER NAME EXPECTED
    new_case "$3$1" "$2" "$4, Helm $1" "$5"
    eval "$(function_of "$4, Helm $1")() { helm=helm$1 namespace=denywatch-$3$1; on_a_cluster $(function_of "$4"); }"
}

# cluster_of NUMBER: the cases with one digit need none; that of the 100s has Calico's objects as older releases do.
cluster_of() {
    if [ "$1" -lt 10 ] || [ -n "$no_api" ]; then echo none; elif [ "$1" -lt 100 ]; then echo v3; else echo v1; fi
}

helm() { "$tools/$helm" "$@"; } # ARGUMENT...
kubectl() { "$tools/kubectl" --cache-dir "$work/kubectl" "$@"; } # ARGUMENT...

# values_files: those of the chart that each show one feature.
values_files() { find "$chart/ci" -name '*-values.yaml' | sort; }

# values_arguments FILE: into $arguments; an empty one is the chart as it comes.
values_arguments() {
    arguments=()
    [ -z "$1" ] || arguments=(-f "$1")
}

# said FILE: the first line of what a command said, for a problem.
said() { grep -m 1 . "$1" || printf 'nothing\n'; }

# render OUTPUT ARGUMENT...: as release "denywatch"; one more problem where that fails.
render() {
    helm template denywatch "$chart" -n "${namespace-denywatch}" "${@:2}" >"$1" 2>"$run/said" ||
        problems+=("$helm template ${*:2}: $(said "$run/said")")
}

# objects FILE: all in a rendered manifest, as JSON, one a line.
objects() { kubectl patch --local -f "$1" --type merge -p '{}' -o json | jq -c .; }
