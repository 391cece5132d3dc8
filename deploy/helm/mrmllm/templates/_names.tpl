{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}
{{- /* Names and labels. */ -}}

{{- define "mrmllm.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "mrmllm.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains (include "mrmllm.name" .) .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "mrmllm.name" .) | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "mrmllm.selectorLabels" -}}
app.kubernetes.io/name: {{ include "mrmllm.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: server
{{- end -}}

{{- define "mrmllm.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{ include "mrmllm.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- /* The test's pod is no server: its label keeps it out of the Service and lets the NetworkPolicy know it. */ -}}
{{- define "mrmllm.testLabels" -}}
app.kubernetes.io/name: {{ include "mrmllm.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: test
{{- end -}}

{{- define "mrmllm.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "mrmllm.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- /* repository@digest where a digest is given, else repository:tag. */ -}}
{{- define "mrmllm.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- $variant := ternary "-cuda" "" (gt (int .Values.gpu.count) 0) -}}
{{- printf "%s:%s" .Values.image.repository (default (printf "%s%s" .Chart.AppVersion $variant) .Values.image.tag) -}}
{{- end -}}
{{- end -}}

{{- /* The job that Prometheus files the replicas under; rules and dashboards look for "mrmllm" in it. */ -}}
{{- define "mrmllm.job" -}}
{{- $name := include "mrmllm.fullname" . -}}
{{- contains "mrmllm" $name | ternary $name (printf "mrmllm-%s" $name) -}}
{{- end -}}
