{{/* What the agent's pods and the test's have in common. */}}

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

{{/* The kernel's own log takes the device and CAP_SYSLOG, which a user other than root does not get. */}}
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

{{/* A heap that the memory limit has no room for ends in the kernel killing the agent, long after the installation. */}}
{{- define "denywatch.checkHeap" -}}
{{- $heap := regexFindAll "-Xmx[0-9]+[mMgG]\\b" .Values.javaOptions -1 | last -}}
{{- $limit := dig "limits" "memory" "" .Values.resources | toString -}}
{{- if and $heap (regexMatch "^[0-9]+[MG]i$" $limit) -}}
{{- $least := include "denywatch.mebibytes" (trimPrefix "-Xmx" $heap) | add 128 -}}
{{- if lt (include "denywatch.mebibytes" $limit | int64) $least -}}
{{- fail (printf "resources.limits.memory: %s is not allowed with %s in javaOptions; allowed: at least %dMi, for Java needs 128 MiB beside its heap" $limit $heap $least) -}}
{{- end -}}
{{- end -}}
{{- end }}

{{- define "denywatch.env" -}}
{{- include "denywatch.checkHeap" . -}}
- name: NODE_NAME
  valueFrom:
    fieldRef:
      fieldPath: spec.nodeName
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
- name: tmp
  emptyDir:
    sizeLimit: 16Mi
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/*
The kubelet makes a missing directory as root's. Whoever the agent is to be gets it, and what an agent before it left there,
which may have been another user.
*/}}
{{- define "denywatch.stateOwner" -}}
{{- $user := .Values.podSecurityContext.runAsUser -}}
{{- if and .Values.state.chown.enabled (not .Values.kmsg.enabled) $user }}
- name: state-owner
  image: {{ include "denywatch.image" . | quote }}
  imagePullPolicy: {{ .Values.image.pullPolicy }}
  args:
    - chown
    - {{ printf "%d:%d" (int64 $user) (int64 (default $user .Values.podSecurityContext.runAsGroup)) | quote }}
    - {{ include "denywatch.stateDirectory" . }}
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
