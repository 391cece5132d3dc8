{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}
{{- /* Parts of the server's pod. */ -}}

{{- define "mrmllm.tlsSecret" -}}
{{- default (printf "%s-tls" (include "mrmllm.fullname" .)) .Values.tls.existingSecret -}}
{{- end -}}

{{- /* Options with which the image's client reaches a server of this release. */ -}}
{{- define "mrmllm.clientTls" -}}
{{- if .Values.tls.enabled }}
- --tls-ca
- /etc/mrmllm/tls/ca.crt
- --tls-server-name
- {{ default (printf "%s.%s.svc" (include "mrmllm.fullname" .) .Release.Namespace) .Values.tls.serverName | quote }}
{{- if .Values.tls.requireClientCertificate }}
- --tls-cert
- /etc/mrmllm/tls/tls.crt
- --tls-key
- /etc/mrmllm/tls/tls.key
{{- end }}
{{- end }}
{{- end -}}

{{- /* What a probe does: .service is "" for liveness, else the name whose readiness it asks for. */ -}}
{{- define "mrmllm.probeAction" -}}
{{- $root := .root -}}
{{- $port := include "mrmllm.grpcPort" $root -}}
{{- $type := $root.Values.probes.type -}}
{{- if eq $type "auto" -}}{{- $type = ternary "exec" "grpc" $root.Values.tls.enabled -}}{{- end -}}
{{- if eq $type "grpc" -}}
grpc:
  port: {{ $port }}
  {{- with .service }}
  service: {{ . }}
  {{- end }}
{{- else if eq $type "exec" -}}
exec:
  command:
    - /usr/bin/mrmllm
    - --server
    - 127.0.0.1:{{ $port }}
    - --timeout
    - {{ .timeout }}s
    - --retries
    - "1"
    {{- with include "mrmllm.clientTls" $root | trim }}
    {{- . | nindent 4 }}
    {{- end }}
    - health
    - --service
    - {{ .service | quote }}
{{- else -}}
tcpSocket:
  port: {{ $port }}
{{- end -}}
{{- end -}}

{{- define "mrmllm.probes" -}}
{{- $p := .Values.probes -}}
{{- $ready := "mrmllm.v1.MrMllmService" -}}
startupProbe:
  {{- include "mrmllm.probeAction" (dict "root" . "service" $ready "timeout" $p.startup.timeoutSeconds) | nindent 2 }}
  {{- toYaml $p.startup | nindent 2 }}
readinessProbe:
  {{- include "mrmllm.probeAction" (dict "root" . "service" $ready "timeout" $p.readiness.timeoutSeconds) | nindent 2 }}
  {{- toYaml $p.readiness | nindent 2 }}
livenessProbe:
  {{- include "mrmllm.probeAction" (dict "root" . "service" "" "timeout" $p.liveness.timeoutSeconds) | nindent 2 }}
  {{- toYaml $p.liveness | nindent 2 }}
{{- end -}}

{{- define "mrmllm.resources" -}}
{{- $resources := deepCopy .Values.resources -}}
{{- if gt (int .Values.gpu.count) 0 -}}
{{- range list "requests" "limits" -}}
{{- if not (hasKey $resources .) -}}{{- $_ := set $resources . dict -}}{{- end -}}
{{- $_ := set (get $resources .) $.Values.gpu.resource (int $.Values.gpu.count) -}}
{{- end -}}
{{- end -}}
{{- toYaml $resources -}}
{{- end -}}

{{- /* Whole folders and no subPath: a renewed certificate or a changed callers file must arrive without a restart. */ -}}
{{- define "mrmllm.volumes" -}}
- name: config
  configMap:
    name: {{ include "mrmllm.fullname" . }}
    defaultMode: 0444
- name: tmp
  emptyDir:
    sizeLimit: {{ .Values.tmpSizeLimit }}
{{- if .Values.tls.enabled }}
- name: tls
  secret:
    secretName: {{ include "mrmllm.tlsSecret" . }}
    defaultMode: 0440
{{- end }}
{{- if .Values.auth.existingSecret }}
- name: auth
  secret:
    secretName: {{ .Values.auth.existingSecret }}
    defaultMode: 0440
    items:
      - key: {{ .Values.auth.key }}
        path: callers.yaml
{{- end }}
{{- if eq .Values.model.source "pvc" }}
- name: models
  persistentVolumeClaim:
    claimName: {{ .Values.model.pvc.existingClaim }}
    readOnly: true
{{- else if eq .Values.model.source "fetch" }}
- name: models
  emptyDir:
    sizeLimit: {{ .Values.model.fetch.sizeLimit }}
{{- if .Values.model.fetch.headerSecret.name }}
- name: fetch-header
  secret:
    secretName: {{ .Values.model.fetch.headerSecret.name }}
    defaultMode: 0440
    items:
      - key: {{ .Values.model.fetch.headerSecret.key }}
        path: header
{{- end }}
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "mrmllm.volumeMounts" -}}
- name: config
  mountPath: /etc/mrmllm/config
  readOnly: true
- name: tmp
  mountPath: /tmp
{{- if .Values.tls.enabled }}
- name: tls
  mountPath: /etc/mrmllm/tls
  readOnly: true
{{- end }}
{{- if .Values.auth.existingSecret }}
- name: auth
  mountPath: /etc/mrmllm/auth
  readOnly: true
{{- end }}
{{- if ne .Values.model.source "image" }}
- name: models
  mountPath: /models
  readOnly: true
{{- end }}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- /* Soft, so that a cluster with one node works too; of each ReplicaSet on its own, so that a rollout spreads as well. */ -}}
{{- define "mrmllm.topologySpread" -}}
{{- range .Values.topologySpread.keys -}}
- maxSkew: 1
  topologyKey: {{ . }}
  whenUnsatisfiable: {{ $.Values.topologySpread.whenUnsatisfiable }}
  labelSelector:
    matchLabels:
      {{- include "mrmllm.selectorLabels" $ | nindent 6 }}
  matchLabelKeys: [pod-template-hash]
{{ end -}}
{{- end -}}
