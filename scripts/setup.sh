#!/usr/bin/env bash
# Installs what building, the demo and the tests need, and nothing that is there already:
#   - the Debian packages of setup-apt.txt; of `one|other` the first, unless one of them is there
#   - .venv with the Python packages of requirements.txt, at the versions written there
#   - the C of proto/
# A second run finds everything in place and ends in well under a second.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'setup: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

install_packages() {
  local wanted=() missing=() package name found
  mapfile -t wanted < <(grep -v '^#' scripts/setup-apt.txt)
  command -v dpkg-query >/dev/null || die "this is no Debian system; install by hand: ${wanted[*]}"
  local installed
  # shellcheck disable=SC2086
  installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' ${wanted[*]//|/ } 2>/dev/null || true)
  for package in "${wanted[@]}"; do
    found=
    for name in ${package//|/ }; do
      if grep -qxF "$name installed" <<<"$installed"; then found=yes; fi
    done
    [ -n "$found" ] || missing+=("${package%%|*}")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "installing ${missing[*]}"
  local root=()
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || die "not root and no sudo; as root: apt-get install ${missing[*]}"
    root=(sudo)
  fi
  "${root[@]}" apt-get update -q
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -q -y --no-install-recommends "${missing[@]}"
}

# The stamp is named by the hash of what was asked for, so that a changed pin is installed.
make_venv() {
  local stamp
  stamp=.venv/.installed-$(sha256sum scripts/requirements.txt | cut -c1-16)
  [ ! -e "$stamp" ] || return 0
  say "Python packages into .venv"
  [ -x .venv/bin/python ] || python3 -m venv .venv
  .venv/bin/python -m pip install -q --disable-pip-version-check -r scripts/requirements.txt
  rm -f .venv/.installed-*
  touch "$stamp"
}

need_swift() {
  command -v swift >/dev/null || die "no swift on PATH; Fairlead needs Swift 6.3 (swift.org/install)"
}

install_packages
make_venv
need_swift
scripts/generate-envoy-api.sh
