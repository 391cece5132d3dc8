{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}
{{- /* The init container that fetches a bundle: its image has a shell, the server's has none. */ -}}

{{- /* Starts from nothing each time; what does not hash to what was asked for never gets to the server. */ -}}
{{- define "mrmllm.fetchScript" -}}
set -eu
target="/models/$BUNDLE_DIRECTORY"
archive=/models/.archive
rm -rf "$target" "$archive"
mkdir -p "$target"
echo "fetching $BUNDLE_URL"
if [ -f /etc/fetch/header ]; then set -- --header @/etc/fetch/header; fi
curl --fail --silent --show-error --location --retry 5 --retry-connrefused "$@" --output "$archive" "$BUNDLE_URL"
echo "$BUNDLE_SHA256  $archive" | sha256sum -c -
tar -xf "$archive" -C "$target"
rm "$archive"
cd "$target"
sha256sum -c checksums.txt
echo "the bundle is whole: $target"
{{- end -}}

{{- define "mrmllm.fetchContainer" -}}
{{- $fetch := .Values.model.fetch -}}
- name: fetch-model
  image: {{ printf "%s:%s" $fetch.image.repository $fetch.image.tag | quote }}
  imagePullPolicy: {{ $fetch.image.pullPolicy }}
  command: ["/bin/sh", "-c"]
  args:
    - |
      {{- include "mrmllm.fetchScript" . | nindent 6 }}
  env:
    - name: BUNDLE_URL
      value: {{ $fetch.url | quote }}
    - name: BUNDLE_SHA256
      value: {{ $fetch.sha256 | quote }}
    - name: BUNDLE_DIRECTORY
      value: {{ $fetch.directory | quote }}
  resources:
    {{- toYaml $fetch.resources | nindent 4 }}
  securityContext:
    {{- toYaml .Values.securityContext | nindent 4 }}
  volumeMounts:
    - name: models
      mountPath: /models
    {{- if $fetch.headerSecret.name }}
    - name: fetch-header
      mountPath: /etc/fetch
      readOnly: true
    {{- end }}
{{- end -}}
