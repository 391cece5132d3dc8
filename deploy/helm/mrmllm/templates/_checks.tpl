{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}
{{- /* Values that contradict each other, each with what to do. Included once, by the Deployment. */ -}}
{{- define "mrmllm.checks" -}}
{{- $v := .Values -}}
{{- if and $v.tls.enabled (not $v.tls.existingSecret) (not $v.tls.certManager.enabled) -}}
{{- fail "tls.enabled: name tls.existingSecret, or set tls.certManager.enabled" -}}
{{- end -}}
{{- if and $v.tls.existingSecret $v.tls.certManager.enabled -}}
{{- fail "tls: either existingSecret or certManager.enabled, not both" -}}
{{- end -}}
{{- if and (not $v.tls.enabled) (or $v.tls.existingSecret $v.tls.certManager.enabled $v.tls.requireClientCertificate) -}}
{{- fail "tls: something is set, but tls.enabled is false" -}}
{{- end -}}
{{- if and $v.tls.certManager.enabled (not $v.tls.certManager.issuerRef.name) -}}
{{- fail "tls.certManager.issuerRef.name: name the issuer" -}}
{{- end -}}
{{- if and (eq $v.model.source "pvc") (not $v.model.pvc.existingClaim) -}}
{{- fail "model.source pvc: name model.pvc.existingClaim" -}}
{{- end -}}
{{- if and (eq $v.model.source "fetch") (not (and $v.model.fetch.url $v.model.fetch.sha256)) -}}
{{- fail "model.source fetch: give model.fetch.url and model.fetch.sha256, the archive's hash" -}}
{{- end -}}
{{- if and $v.autoscaling.enabled $v.keda.enabled -}}
{{- fail "autoscaling and keda: both would set the number of replicas; enable one" -}}
{{- end -}}
{{- if and $v.serviceMonitor.enabled $v.podMonitor.enabled -}}
{{- fail "serviceMonitor and podMonitor: every sample would be there twice; enable one" -}}
{{- end -}}
{{- if and (or $v.serviceMonitor.enabled $v.podMonitor.enabled) (not (include "mrmllm.metricsPort" .)) -}}
{{- fail "serviceMonitor, podMonitor: config.metrics.address is empty, there is nothing to scrape" -}}
{{- end -}}
{{- if and (eq $v.probes.type "grpc") $v.tls.enabled -}}
{{- fail "probes.type grpc: the kubelet's gRPC probe does not speak TLS; take auto, exec or tcp" -}}
{{- end -}}
{{- if and $v.pdb.enabled (not (kindIs "invalid" $v.pdb.minAvailable)) (not (kindIs "invalid" $v.pdb.maxUnavailable)) -}}
{{- fail "pdb: either minAvailable or maxUnavailable, not both" -}}
{{- end -}}
{{- if and $v.keda.enabled (not $v.keda.prometheusAddress) -}}
{{- fail "keda.prometheusAddress: where KEDA asks for the queue wait, e.g. http://prometheus.monitoring:9090" -}}
{{- end -}}
{{- if and $v.grpcRoute.enabled (not $v.grpcRoute.parentRefs) -}}
{{- fail "grpcRoute.parentRefs: name the gateway" -}}
{{- end -}}
{{- if and $v.ingress.enabled (not $v.ingress.hosts) -}}
{{- fail "ingress.hosts: name at least one" -}}
{{- end -}}
{{- end -}}
