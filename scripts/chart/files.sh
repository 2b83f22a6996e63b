# Cases about the chart's files, which need no cluster.

new_case 1 fast 'linted' 'strictly, as it comes and with each file in ci/: no error, no warning, with both Helms'
linted() {
    local values arguments
    for helm in "${helms[@]}"; do
        while read -r values; do
            values_arguments "$values"
            helm lint --strict "$chart" "${arguments[@]}" >"$run/said" 2>&1 ||
                problems+=("$helm ${values##*/}: $(grep -m 1 -E 'ERROR|WARNING' "$run/said")")
        done < <(printf '\n' && values_files)
    done
}

new_case 2 fast 'rendered the same by both' 'the same bytes from Helm 3 and Helm 4, for each file in ci/'
rendered_the_same_by_both() {
    local values arguments count=0
    while read -r values; do
        values_arguments "$values"
        for helm in "${helms[@]}"; do render "$run/$helm" "${arguments[@]}" --kube-version 1.33.0; done
        cmp -s "$run/helm3" "$run/helm4" || problems+=("${values##*/} differs: $(diff "$run/helm3" "$run/helm4" | sed -n 2p)")
        count=$((count + 1))
    done < <(printf '\n' && values_files)
    expect 'files in ci/' "$count" -ge 6
    note="$count values files"
}

# contents ARCHIVE: one line per entry, with type, size, checksum and name.
contents() {
    local name
    tar -tzf "$1" | sort | while read -r name; do
        printf '%s %s\n' "$(tar -xzOf "$1" "$name" | sha256sum | cut -d' ' -f1)" "$name"
    done
}

new_case 3 fast 'packaged' 'twice the same, complete, renders as the directory does; what is linked to is in it'
packaged() {
    local archive link try
    for helm in "${helms[@]}"; do
        for try in 1 2; do
            helm package "$chart" -d "$run/$helm-$try" >"$run/said" 2>&1 || give_up "$helm package: $(said "$run/said")"
        done
        archive=$(find "$run/$helm-1" -name '*.tgz')
        contents "$archive" >"$run/$helm.contents"
        contents "$run/$helm-2/${archive##*/}" | cmp -s - "$run/$helm.contents" || problems+=("$helm packages differ")
        ! tar -tvzf "$archive" | grep -q '^[^-]' || problems+=("$helm packages more than plain files")
        find "$chart" -type l | while read -r link; do
            tar -xzOf "$archive" "denywatch/${link#"$chart"/}" | cmp -s - "$link" || printf '%s\n' "${link##*/}"
        done >"$run/missing"
        [ ! -s "$run/missing" ] || problems+=("$helm leaves out $(paste -sd' ' "$run/missing")")
        render "$run/of-directory" --set-json dashboards.enabled=true
        chart=$archive render "$run/of-archive" --set-json dashboards.enabled=true
        cmp -s "$run/of-directory" "$run/of-archive" || problems+=("$helm renders the package in another way")
    done
    cmp -s "$run/helm3.contents" "$run/helm4.contents" || problems+=('Helm 3 and Helm 4 package different files')
    # Helm 3 writes the time of packaging into it.
    cmp -s "$run"/helm4-[12]/*.tgz || problems+=('helm4 packages are not the same bytes')
    tar -tzf "$archive" | grep -q '/dashboards/.*\.json$' || problems+=('no dashboard is packaged')
    note="$(wc -l <"$run/helm4.contents") files"
}

new_case 6 fast 'part of another chart' 'as a dependency: linted, rendered with the values and the globals of that one'
part_of_another_chart() {
    local version
    version=$(sed -n 's/^version: *//p' "$chart/Chart.yaml")
    for helm in "${helms[@]}"; do
        mkdir -p "$run/$helm/templates"
        cat >"$run/$helm/Chart.yaml" <<EOT
apiVersion: v2
name: platform
version: 1.0.0
dependencies: [{name: denywatch, version: $version, repository: "file://$chart"}]
EOT
        cat >"$run/$helm/values.yaml" <<EOT
global: {imageRegistry: mirror.example.com, imagePullSecrets: [mirror], team: networks}
denywatch: {priorityClassName: of-the-platform}
EOT
        helm dependency build "$run/$helm" >"$run/said" 2>&1 || give_up "$helm dependency build: $(said "$run/said")"
        helm lint --strict "$run/$helm" >"$run/said" 2>&1 || problems+=("$helm lint: $(grep -m 1 -E 'ERROR|WARNING' "$run/said")")
        chart=$run/$helm render "$run/manifest"
        objects "$run/manifest" | jq 'select(.kind == "DaemonSet").spec.template.spec' >"$run/pod"
        expect "the registry with $helm" "$(jq -r '.containers[0].image' "$run/pod" | cut -d/ -f1)" = mirror.example.com
        expect "the pull secret with $helm" "$(jq -r '.imagePullSecrets[0].name' "$run/pod")" = mirror
        expect "the priority with $helm" "$(jq -r .priorityClassName "$run/pod")" = of-the-platform
    done
}
