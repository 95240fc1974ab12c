#!/usr/bin/env bash
# Install what no wheel carries, where we may (Debian, root); elsewhere name the command.
# `run`: PDF rendering and a Chinese font. `test`: Chromium as well.
set -euo pipefail
want=()
have_lib() { ldconfig -p 2>/dev/null | grep -q "$1"; }
have_lib libpango-1.0.so && have_lib libpangoft2-1.0.so && have_lib libharfbuzz-subset.so || want+=(libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0)
command -v fc-list >/dev/null || want+=(fontconfig)
[ -n "$(fc-list :lang=zh 2>/dev/null | head -1)" ] || want+=(fonts-noto-cjk)
if [ "${1:-run}" = test ]; then
  command -v chromium >/dev/null || want+=(chromium)
  command -v unshare >/dev/null || want+=(util-linux)
fi
[ ${#want[@]} -eq 0 ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "Installing ${want[*]} ..."
  export DEBIAN_FRONTEND=noninteractive
  (apt-get update -qq && apt-get install -y -qq --no-install-recommends "${want[@]}") >/dev/null
else
  echo "The system lacks ${want[*]}. On Debian or Ubuntu: sudo apt-get install ${want[*]}" >&2
  [ "${1:-run}" = run ] || exit 1
fi
