{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}
{{- /* The server's configuration: what the chart decides, then every setting of `config` as it was given. */ -}}

{{- /* "1m30s", as the server reads it, in whole seconds, rounded up. */ -}}
{{- define "mrmllm.seconds" -}}
{{- $text := toString .text -}}
{{- if not (regexMatch `^(0|(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|ms|s|m|h))+)$` $text) -}}
{{- fail (printf "config.%s: expected a duration such as 90s or 1m30s, got '%s'" .name $text) -}}
{{- end -}}
{{- $units := dict "ns" 0.000000001 "us" 0.000001 "ms" 0.001 "s" 1.0 "m" 60.0 "h" 3600.0 -}}
{{- $total := 0.0 -}}
{{- range regexFindAll `[0-9.]+(ns|us|ms|s|m|h)` $text -1 -}}
{{- $total = addf $total (mulf (regexFind `^[0-9.]+` . | float64) (get $units (regexFind `[a-z]+$` .))) -}}
{{- end -}}
{{- ceil $total | int64 -}}
{{- end -}}

{{- /* Threads for the model's steps: the container's share of the machine, not the machine, and of eight or more an eighth is
left for everything else, as the server itself would. 0 where the share is unknown. */ -}}
{{- define "mrmllm.threads" -}}
{{- $cpu := dig "limits" "cpu" (dig "requests" "cpu" "" .Values.resources) .Values.resources | toString -}}
{{- $milli := 0 -}}
{{- if hasSuffix "m" $cpu -}}
{{- $milli = trimSuffix "m" $cpu | int64 -}}
{{- else if $cpu -}}
{{- $milli = mulf (float64 $cpu) 1000.0 | int64 -}}
{{- end -}}
{{- $cores := div $milli 1000 -}}
{{- if ge $cores 8 -}}{{- sub $cores (div $cores 8) -}}
{{- else if gt $milli 0 -}}{{- max 1 $cores -}}
{{- else -}}0{{- end -}}
{{- end -}}

{{- define "mrmllm.devices" -}}
{{- $devices := list -}}
{{- range until (int .Values.gpu.count) -}}{{- $devices = append $devices (printf "cuda:%d" .) -}}{{- end -}}
{{- join "," $devices -}}
{{- end -}}

{{- define "mrmllm.bundleDirectory" -}}
{{- if eq .Values.model.source "image" -}}{{ .Values.model.image.directory }}
{{- else if eq .Values.model.source "pvc" -}}{{ clean (printf "/models/%s" .Values.model.pvc.directory) }}
{{- else -}}{{ clean (printf "/models/%s" .Values.model.fetch.directory) }}
{{- end -}}
{{- end -}}

{{- /* What the chart decides; any of it may be set otherwise in `config`. */ -}}
{{- define "mrmllm.ownConfig" -}}
server:
  address: "0.0.0.0:50051"
  max_connection_age: "5m"
metrics:
  address: "0.0.0.0:9464"
bundle:
  directory: {{ include "mrmllm.bundleDirectory" . | quote }}
device:
  # Pods of one node do not know of each other's cores; a limit in the cgroup is no reason to pin.
  pin_threads: "off"
  {{- if gt (int .Values.gpu.count) 0 }}
  name: {{ include "mrmllm.devices" . | quote }}
  {{- else }}
  threads: {{ include "mrmllm.threads" . }}
  {{- end }}
drain:
  delay: "5s"
  timeout: "30s"
log:
  format: "json"
{{- if .Values.tls.enabled }}
tls:
  certificate_file: "/etc/mrmllm/tls/tls.crt"
  key_file: "/etc/mrmllm/tls/tls.key"
  {{- if .Values.tls.requireClientCertificate }}
  client_ca_file: "/etc/mrmllm/tls/ca.crt"
  require_client_certificate: true
  {{- end }}
{{- end }}
{{- if .Values.auth.existingSecret }}
auth:
  callers_file: "/etc/mrmllm/auth/callers.yaml"
{{- end }}
{{- end -}}

{{- /* Both together, as JSON for fromJson. */ -}}
{{- define "mrmllm.config" -}}
{{- $config := include "mrmllm.ownConfig" . | fromYaml -}}
{{- range $section, $settings := .Values.config -}}
{{- if not (hasKey $config $section) -}}{{- $_ := set $config $section dict -}}{{- end -}}
{{- range $name, $value := $settings -}}{{- $_ := set (get $config $section) $name $value -}}{{- end -}}
{{- end -}}
{{- toJson $config -}}
{{- end -}}

{{- /* The file. Whole numbers stay whole: Helm holds 268435456 as 2.68435456e+08, which the server refuses. */ -}}
{{- define "mrmllm.configFile" -}}
{{- range $section, $settings := include "mrmllm.config" . | fromJson }}
{{ $section }}:
{{- range $name, $value := $settings }}
  {{ $name }}: {{ if and (kindIs "float64" $value) (eq (floor $value) $value) }}{{ printf "%.0f" $value }}{{ else }}{{ toJson $value }}{{ end }}
{{- end }}
{{- end }}
{{- end -}}

{{- /* The port of an address; refuses one that nobody outside the pod would reach. */ -}}
{{- define "mrmllm.port" -}}
{{- $port := regexFind `[0-9]+$` .address -}}
{{- if or (not $port) (eq (int $port) 0) (regexMatch `^(127\.|localhost|\[::1\])` .address) -}}
{{- fail (printf "config.%s: expected 0.0.0.0:PORT or [::]:PORT, got '%s': nobody outside the pod would reach it" .name .address) -}}
{{- end -}}
{{- $port -}}
{{- end -}}

{{- define "mrmllm.grpcPort" -}}
{{- $config := include "mrmllm.config" . | fromJson -}}
{{- include "mrmllm.port" (dict "name" "server.address" "address" $config.server.address) -}}
{{- end -}}

{{- /* Empty where the server exports no metrics. */ -}}
{{- define "mrmllm.metricsPort" -}}
{{- $config := include "mrmllm.config" . | fromJson -}}
{{- if $config.metrics.address -}}
{{- include "mrmllm.port" (dict "name" "metrics.address" "address" $config.metrics.address) -}}
{{- end -}}
{{- end -}}

{{- /* What a drain may take, and a margin. */ -}}
{{- define "mrmllm.gracePeriod" -}}
{{- $config := include "mrmllm.config" . | fromJson -}}
{{- $delay := include "mrmllm.seconds" (dict "name" "drain.delay" "text" $config.drain.delay) | int64 -}}
{{- $timeout := include "mrmllm.seconds" (dict "name" "drain.timeout" "text" $config.drain.timeout) | int64 -}}
{{- $needed := add $delay $timeout .Values.terminationMarginSeconds -}}
{{- $asked := .Values.terminationGracePeriodSeconds -}}
{{- if kindIs "invalid" $asked -}}{{- $needed -}}
{{- else if lt (int64 $asked) $needed -}}
{{- fail (printf "terminationGracePeriodSeconds: %d is less than the %d that a drain may take (drain.delay %ds + drain.timeout %ds + terminationMarginSeconds %d); leave it out and it is computed" (int64 $asked) $needed $delay $timeout (int64 .Values.terminationMarginSeconds)) -}}
{{- else -}}{{- int64 $asked -}}{{- end -}}
{{- end -}}
