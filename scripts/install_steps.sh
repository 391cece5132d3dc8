# SPDX-License-Identifier: Apache-2.0
# How setup and deploy-tools install: Debian packages by section, pinned Python packages, Go programs. What is there
# already is left alone. Sourced after steps.sh, not run.

python=/usr/bin/python3

# packages_of SECTION: the names listed under [SECTION].
packages_of() { awk -v want="[$1]" '/^\[/ { on = ($0 == want); next } on && !/^#/ && NF { print $1 }' scripts/debian-packages.txt; }

is_installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi; }

apt_install() {
  as_root apt-get update -q &&
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"
}

# install_debian_packages PACKAGE...: through sudo where not root.
install_debian_packages() {
  if ! command -v dpkg-query >/dev/null; then
    fail "this is not a Debian machine" "install the packages of scripts/debian-packages.txt your own way on Debian 12, or use its container image"
  fi
  local package missing=""
  for package in "$@"; do is_installed "$package" || missing+=" $package"; done
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || fail "Debian packages are missing and this user may not install them" "as root: apt-get install --no-install-recommends$missing"
    # The password, if one is asked for, must be asked before the step's output goes to its log.
    sudo -n true 2>/dev/null || sudo -v || fail "sudo was refused" "as root: apt-get install --no-install-recommends$missing"
  fi
  say "    Debian packages:$missing"
  # shellcheck disable=SC2086  # one word a package
  step "Installing Debian packages" "check the network and apt's sources, then run this again" apt_install $missing
}

make_venv() {
  rm -rf "$1" && "$python" -m venv "$1" && mkdir -p "$1/.stamps"
}

# need_venv FOLDER: makes the Python environment, unless it stands.
need_venv() {
  local venv=$1 version
  version=$("$python" -c 'import sys, platform; print("%d.%d-%s" % (*sys.version_info[:2], platform.machine()))')
  [ "$version" = 3.11-x86_64 ] || fail "the pinned wheels are for Python 3.11 on x86_64, this machine has $version" \
    "use Debian 12 on x86_64, or build by hand against your own libtorch: cmake --preset release -DMRMLLM_TORCH_ROOT=..."
  # A checkout that moved has an environment full of stale absolute paths.
  if [ ! -d "$venv/.stamps" ] || ! grep -qsF "$PWD/$venv" "$venv/bin/activate"; then
    step "Making the Python environment $venv" "remove $venv and run this again" make_venv "$venv"
  fi
}

# pip_install VENV FILE [OPTION...]: installs one requirements file, unless exactly this file is installed already.
pip_install() {
  local venv=$1 file=$2 stamp
  shift 2
  stamp=$venv/.stamps/$(basename "$file" .txt)
  if [ -f "$stamp" ] && cmp -s "$file" "$stamp"; then return 0; fi
  step "Installing Python packages of $(basename "$file")" \
    "check the network (pip reaches its package index), then run this again" \
    "$venv/bin/python" -m pip install --disable-pip-version-check --require-hashes --no-deps "$@" -r "$file"
  cp "$file" "$stamp"
}

# go_build NAME VERSION COMMAND...: runs the command, which puts NAME into .tools/bin, unless this version is there.
go_build() {
  local name=$1 version=$2 stamp=.tools/$1.version
  shift 2
  [ -x ".tools/bin/$name" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$version" ] && return 0
  mkdir -p .tools/bin
  step "Building $name $version" "check the network (Go's module proxy), then run this again" "$@"
  printf '%s\n' "$version" >"$stamp"
}

# go_install PACKAGE VERSION: a program that builds straight from its module.
go_install() {
  env GOBIN="$PWD/.tools/bin" CGO_ENABLED=0 GOTOOLCHAIN=local go install -ldflags '-s -w' "$1@$2"
}
