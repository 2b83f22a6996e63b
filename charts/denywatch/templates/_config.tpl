{{/* off, dry-run or enforce: YAML 1.1 reads an unquoted off as false. */}}
{{- define "denywatch.mode" -}}
{{- ternary "off" .Values.blocklist.mode (kindIs "bool" .Values.blocklist.mode) }}
{{- end }}

{{/* Whether the agent talks to the Kubernetes API; empty if not. */}}
{{- define "denywatch.usesApi" -}}
{{- if or .Values.discovery.enabled (eq (include "denywatch.mode" .) "enforce") (include "denywatch.followsSets" .) (include "denywatch.addsUp" .) }}true{{ end }}
{{- end }}

{{/* Whether agents add up what all nodes denied, because a rule has scope cluster; empty if not. */}}
{{- define "denywatch.addsUp" -}}
{{- $any := "" }}
{{- range $rule := dig "blocklist" "rules" list .Values.config }}{{ if eq (toString $rule.scope) "cluster" }}{{ $any = "true" }}{{ end }}{{ end -}}
{{- if ne (include "denywatch.mode" .) "off" }}{{ $any }}{{ end }}
{{- end }}

{{/* Whether the agent follows network sets of the whole cluster; empty if not. */}}
{{- define "denywatch.followsSets" -}}
{{- if or .Values.blocklist.countBlocked (and .Values.blocklist.liveExemptions (ne (include "denywatch.mode" .) "off")) }}true{{ end }}
{{- end }}

{{/* The group that Calico's objects are read from and written to. */}}
{{- define "denywatch.calicoGroup" -}}
{{- $api := dig "blocklist" "api" "projectcalico.org/v3" .Values.config -}}
{{- index (splitList "/" $api) 0 }}
{{- end }}

{{/* Takes given, wanted, key and switch: fails if a key of config contradicts the switch of the chart. */}}
{{- define "denywatch.agree" -}}
{{- $given := index . 0 }}{{ $wanted := index . 1 -}}
{{- if and (not (kindIs "invalid" $given)) (ne (toString $given) $wanted) -}}
{{- fail (printf "config.%s: %v is not allowed; allowed: %s, or another value of %s" (index . 2) $given $wanted (index . 3)) -}}
{{- end -}}
{{- end }}

{{/* The agent's configuration as YAML: .Values.config and the values that follow from the chart's switches. */}}
{{- define "denywatch.config" -}}
{{- $config := deepCopy .Values.config -}}
{{- $loadBalancers := default dict $config.loadBalancers -}}
{{- $discover := ternary "static" "any" (not (empty $loadBalancers.static)) -}}
{{- if .Values.discovery.enabled }}{{ $discover = "kubernetes" }}{{ else if ne (toString $loadBalancers.discover) "kubernetes" }}{{ $discover = default $discover $loadBalancers.discover }}{{ end -}}
{{- include "denywatch.agree" (list $loadBalancers.discover $discover "loadBalancers.discover" "discovery.enabled") -}}
{{- include "denywatch.agree" (list $loadBalancers.publish (toString .Values.discovery.publish) "loadBalancers.publish" "discovery.publish") -}}
{{- if and .Values.discovery.publish (not .Values.discovery.enabled) }}{{ fail "discovery.publish: true is not allowed; allowed: with discovery.enabled, because the addresses are those of Services" }}{{ end -}}
{{- $loadBalancers = merge (dict "discover" $discover) $loadBalancers -}}
{{- if .Values.discovery.publish }}{{ $_ := set $loadBalancers "publish" true }}{{ end -}}
{{- $_ := set $config "loadBalancers" $loadBalancers -}}

{{- $blocklist := default dict $config.blocklist -}}
{{- $mode := include "denywatch.mode" . -}}
{{- $given := ternary "off" $blocklist.mode (kindIs "bool" $blocklist.mode) -}}
{{- include "denywatch.agree" (list $given $mode "blocklist.mode" "blocklist.mode") -}}
{{- include "denywatch.agree" (list $blocklist.policy .Values.blocklist.policy.name "blocklist.policy" "blocklist.policy.name") -}}
{{- $blocklist = merge (dict "mode" $mode "policy" .Values.blocklist.policy.name) $blocklist -}}
{{- range $switch := list "liveExemptions" "countBlocked" }}
{{- include "denywatch.agree" (list (index $blocklist $switch) (toString (get $.Values.blocklist $switch)) (print "blocklist." $switch) (print "blocklist." $switch)) -}}
{{- if get $.Values.blocklist $switch }}{{ $_ := set $blocklist $switch true }}{{ end -}}
{{- end }}
{{- with include "denywatch.neverBlock" . | fromJsonArray }}{{ $_ := set $blocklist "neverBlock" . }}{{ end -}}
{{- $_ := set $config "blocklist" $blocklist -}}

{{- $source := default dict $config.source -}}
{{- $kind := default (ternary "kmsg" "file" .Values.kmsg.enabled) $source.kind -}}
{{- if and (eq $kind "kmsg") (not .Values.kmsg.enabled) }}{{ fail "config.source.kind: kmsg is not allowed; allowed: with kmsg.enabled, which makes the container privileged" }}{{ end -}}
{{- if and (eq $kind "file") .Values.kmsg.enabled }}{{ fail "config.source.kind: file is not allowed; allowed: kmsg or auto, or without kmsg.enabled, because no privileged container is needed" }}{{ end -}}
{{- $_ := set $config "source" (merge (dict "kind" $kind) $source) -}}
{{- if .Values.webConfigSecret -}}
{{- $web := "/etc/denywatch-web/web.yml" -}}
{{- include "denywatch.agree" (list $config.http.webConfig $web "http.webConfig" "webConfigSecret") -}}
{{- $_ := set $config.http "webConfig" $web -}}
{{- end -}}
{{- toYaml $config }}
{{- end }}

{{/* The source.kind that applies. */}}
{{- define "denywatch.sourceKind" -}}
{{- (include "denywatch.config" . | fromYaml).source.kind }}
{{- end }}

{{/* The log's directory. It is mounted as a whole: a file mounted alone would stay the old one after a rotation. */}}
{{- define "denywatch.logDirectory" -}}
{{- $directory := dir .Values.config.source.path -}}
{{- if eq $directory "/" }}{{ fail (printf "config.source.path: %s is not allowed; allowed: a file in a directory that can be mounted, such as /var/log/syslog" .Values.config.source.path) }}{{ end -}}
{{- $directory }}
{{- end }}

{{- define "denywatch.stateDirectory" -}}
{{- $state := clean .Values.config.checkpoint.directory -}}
{{- $log := include "denywatch.logDirectory" . -}}
{{- if or (eq $state $log) (hasPrefix (print $log "/") $state) }}{{ fail (printf "config.checkpoint.directory: %s is not allowed; allowed: one outside %s, which is mounted read-only" $state $log) }}{{ end -}}
{{- if not (hasPrefix "denywatch" (base $state)) }}{{ fail (printf "config.checkpoint.directory: %s is not allowed; allowed: a directory whose name begins with denywatch, such as /var/lib/denywatch" $state) }}{{ end -}}
{{- if eq (dir $state) "/" }}{{ fail (printf "config.checkpoint.directory: %s is not allowed; allowed: a directory in another, such as /var/lib/denywatch" $state) }}{{ end -}}
{{- $state }}
{{- end }}

{{/* The port in http.listen. */}}
{{- define "denywatch.port" -}}
{{- regexFind "[0-9]+$" .Values.config.http.listen }}
{{- end }}

{{/* The port in http.probes. */}}
{{- define "denywatch.probePort" -}}
{{- $port := regexFind "[0-9]+$" .Values.config.http.probes -}}
{{- if eq $port (include "denywatch.port" .) }}{{ fail (printf "config.http.probes: %s is not allowed; allowed: another port than that of config.http.listen" .Values.config.http.probes) }}{{ end -}}
{{- $port }}
{{- end }}
