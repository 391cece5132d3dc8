# SPDX-License-Identifier: Apache-2.0
# Container images without a daemon: one store of our own under build/images, for buildah and podman. Sourced, not run.
# Expects to be in the repository root, after steps.sh.

images=${MRMLLM_IMAGES:-$PWD/build/images}

# Rootless podman and hosts with low limits of their own refuse the defaults; cgroupfs and a log file need no systemd.
export CONTAINERS_CONF=$images/containers.conf

prepare_images() {
  mkdir -p "$images"
  cat >"$CONTAINERS_CONF" <<'CONF'
[containers]
default_ulimits = ["nofile=8192:8192", "nproc=4096:4096"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
CONF
}

store_options=(--root "$images/root" --runroot "$images/run" --storage-driver overlay)
in_buildah() { buildah "${store_options[@]}" "$@"; }
in_podman() { podman "${store_options[@]}" "$@"; }

# need_tools TOOL...: says how to get those that are missing.
need_tools() {
  local tool
  for tool in "$@"; do
    command -v "$tool" >/dev/null || fail "$tool is not installed" \
      "as root: apt-get install --no-install-recommends buildah podman runc conmon catatonit netavark iptables mmdebstrap"
  done
}
