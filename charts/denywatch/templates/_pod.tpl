{{/* Parts that the agent's pods and the test pod share. */}}

{{- define "denywatch.pullSecrets" -}}
{{- with concat .Values.imagePullSecrets (default list (.Values.global).imagePullSecrets) }}
imagePullSecrets:
  {{- range . }}
  - name: {{ if kindIs "string" . }}{{ . }}{{ else }}{{ .name }}{{ end }}
  {{- end }}
{{- end }}
{{- end }}

{{- define "denywatch.placement" -}}
serviceAccountName: {{ include "denywatch.serviceAccountName" . }}
automountServiceAccountToken: {{ not (empty (include "denywatch.usesApi" .)) }}
enableServiceLinks: false
securityContext:
  {{- toYaml .Values.podSecurityContext | nindent 2 }}
{{- with include "denywatch.pullSecrets" . }}
{{- . }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Reading the kernel's own log requires the device and CAP_SYSLOG, which only root gets. */}}
{{- define "denywatch.securityContext" -}}
{{- if .Values.kmsg.enabled -}}
privileged: true
readOnlyRootFilesystem: true
runAsNonRoot: false
runAsUser: 0
{{- else -}}
{{- toYaml .Values.securityContext }}
{{- end }}
{{- end }}

{{/* MiB of a number with m, M, Mi, g, G or Gi. */}}
{{- define "denywatch.mebibytes" -}}
{{- mul (regexFind "^[0-9]+" . | atoi) (ternary 1024 1 (regexMatch "[gG]i?$" .)) }}
{{- end }}

{{/* If the heap does not fit the memory limit, the kernel kills the agent, possibly long after the installation. */}}
{{- define "denywatch.checkHeap" -}}
{{- $heap := regexFindAll "-Xmx[0-9]+[mMgG]\\b" .Values.javaOptions -1 | last -}}
{{- $limit := dig "limits" "memory" "" .Values.resources | toString -}}
{{- if and $heap (regexMatch "^[0-9]+[MG]i$" $limit) -}}
{{- $least := include "denywatch.mebibytes" (trimPrefix "-Xmx" $heap) | add 128 -}}
{{- if lt (include "denywatch.mebibytes" $limit | int64) $least -}}
{{- fail (printf "resources.limits.memory: %s is not allowed with %s in javaOptions; allowed: at least %dMi, because Java needs 128 MiB besides its heap" $limit $heap $least) -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/*
The agent does not start if its heap is too small for its tables. This makes the same check with the same numbers. The heap is a
share of the memory limit, and the garbage collector keeps a thirtieth of the heap empty.
*/}}
{{- define "denywatch.checkTables" -}}
{{- $heap := regexFindAll "-Xmx[0-9]+[mMgG]\\b" .Values.javaOptions -1 | last -}}
{{- $share := regexFindAll "-XX:MaxRAMPercentage=[0-9]+" .Values.javaOptions -1 | last | default "=40" | splitList "=" | last | int64 -}}
{{- $limit := dig "limits" "memory" "" .Values.resources | toString -}}
{{- $has := 0 -}}
{{- if $heap -}}
{{- $has = include "denywatch.mebibytes" (trimPrefix "-Xmx" $heap) | int64 -}}
{{- else if regexMatch "^[0-9]+[MG]i$" $limit -}}
{{- $has = div (mul (include "denywatch.mebibytes" $limit) $share) 100 -}}
{{- end -}}
{{- $nlbs := dig "loadBalancers" "max" 256 .Values.config | int64 | add1 -}}
{{- $tracked := dig "sources" "trackedPerLoadBalancer" 1024 .Values.config | int64 -}}
{{- $exported := dig "sources" "exportedPerLoadBalancer" 20 .Values.config | int64 -}}
{{- $tables := mul $nlbs (add (mul $tracked 69) 24384) -}}
{{- $beside := add 12 (ternary 0 6 (eq (include "denywatch.mode" .) "off")) (ternary 8 0 (not (empty (include "denywatch.usesApi" .)))) -}}
{{- if .Values.blocklist.countBlocked }}{{ $beside = add $beside 12 }}{{ $exported = add $exported 3 }}{{ end -}}
{{- $needed := add (mul $beside 1048576) (mul $nlbs (add 12 $exported) 512) (div (mul $tables 120) 100) -}}
{{- if and $has (gt (int64 $needed) (div (mul $has 1048576 29) 30)) -}}
{{- $least := add 2 (div (mul (div $needed 1048576) 30) 29) -}}
{{- fail (printf "config.sources.trackedPerLoadBalancer: %d with config.loadBalancers.max %d is not allowed in a heap of %d MiB; allowed: smaller tables, or %s" $tracked (sub $nlbs 1) (int64 $has) (ternary (printf "-Xmx%dm in javaOptions" $least) (printf "resources.limits.memory of at least %dMi" (add1 (div (mul $least 100) $share))) (not (empty $heap)))) -}}
{{- end -}}
{{- end }}

{{- define "denywatch.env" -}}
{{- include "denywatch.checkHeap" . -}}
{{- include "denywatch.checkTables" . -}}
- name: NODE_NAME
  valueFrom:
    fieldRef:
      fieldPath: spec.nodeName
# For commands that are run in the pod, such as doctor.
- name: DENYWATCH_CONFIG
  value: /etc/denywatch/denywatch.yaml
{{- with .Values.javaOptions }}
- name: JDK_JAVA_OPTIONS
  value: {{ . | quote }}
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "denywatch.volumeMounts" -}}
- name: config
  mountPath: /etc/denywatch
  readOnly: true
{{- if ne (include "denywatch.sourceKind" .) "kmsg" }}
- name: log
  mountPath: {{ include "denywatch.logDirectory" . }}
  readOnly: true
  mountPropagation: HostToContainer
{{- end }}
{{- if .Values.kmsg.enabled }}
- name: kmsg
  mountPath: /dev/kmsg
  readOnly: true
{{- end }}
- name: state
  mountPath: {{ include "denywatch.stateDirectory" . }}
{{- if .Values.webConfigSecret }}
- name: web
  mountPath: /etc/denywatch-web
  readOnly: true
{{- end }}
- name: tmp
  mountPath: /tmp
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "denywatch.volumes" -}}
- name: config
  configMap:
    name: {{ include "denywatch.fullname" . }}
{{- if ne (include "denywatch.sourceKind" .) "kmsg" }}
- name: log
  hostPath:
    path: {{ include "denywatch.logDirectory" . }}
    type: Directory
{{- end }}
{{- if .Values.kmsg.enabled }}
- name: kmsg
  hostPath:
    path: /dev/kmsg
    type: CharDevice
{{- end }}
- name: state
  hostPath:
    path: {{ include "denywatch.stateDirectory" . }}
    type: DirectoryOrCreate
{{- with .Values.webConfigSecret }}
- name: web
  secret:
    secretName: {{ . }}
{{- end }}
- name: tmp
  emptyDir:
    sizeLimit: 16Mi
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/*
The kubelet creates a missing directory as root. This container makes the agent's user the owner of the directory and of the
agent's files in it, which may have belonged to another user.
*/}}
{{- define "denywatch.stateOwner" -}}
{{- $user := .Values.podSecurityContext.runAsUser -}}
{{- if and .Values.state.chown.enabled (not .Values.kmsg.enabled) $user }}
- name: state-owner
  image: {{ include "denywatch.image" . | quote }}
  imagePullPolicy: {{ .Values.image.pullPolicy }}
  args:
    - own
    - {{ include "denywatch.stateDirectory" . }}
    - {{ printf "%d:%d" (int64 $user) (int64 (default $user .Values.podSecurityContext.runAsGroup)) | quote }}
  securityContext:
    runAsNonRoot: false
    runAsUser: 0
    allowPrivilegeEscalation: false
    readOnlyRootFilesystem: true
    capabilities:
      drop: [ALL]
      add: [CHOWN]
  resources:
    {{- toYaml .Values.resources | nindent 4 }}
  volumeMounts:
    - name: state
      mountPath: {{ include "denywatch.stateDirectory" . }}
{{- end }}
{{- end }}
