#!/usr/bin/env bash
# `build` writes web/static/dist and web/templates/icons from their sources; `check` rebuilds and compares.
set -euo pipefail
web=src/rongqiao/web
mode="${1:-check}"
command -v npm >/dev/null || { echo "npm is needed to build the assets: https://nodejs.org" >&2; exit 1; }
[ -d $web/assets/node_modules ] && [ $web/assets/node_modules/.package-lock.json -nt $web/assets/package-lock.json ] \
  || (cd $web/assets && npm ci --ignore-scripts --no-audit --no-fund --silent)
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
bin=$web/assets/node_modules/.bin
mkdir "$out/dist" "$out/icons"
$bin/tailwindcss -i $web/assets/app.css -o "$out/dist/app.css" --minify >/dev/null 2>"$out/log" || { cat "$out/log" >&2; exit 1; }
$bin/esbuild $web/assets/app.js --bundle --minify --format=esm --splitting --outdir="$out/dist" --target=es2022 --legal-comments=none --log-level=warning '--chunk-names=c-[hash]'
$bin/esbuild $web/assets/theme-init.js --minify --outfile="$out/dist/theme-init.js" --log-level=warning
grep -rhoE '(\{% icon |icon=)"[a-z0-9-]+"' $web/templates $web --include=*.html --include=*.py | sed -E 's/.*"([a-z0-9-]+)"/\1/' | sort -u | while read -r name; do
  # The licence comment and the class go; the rest is lucide's drawing (ISC).
  tr '\n' ' ' <$web/assets/node_modules/lucide-static/icons/"$name".svg | sed -E 's/<!--.*-->//; s/class="[^"]*"//; s/width="24"/width="20"/; s/height="24"/height="20" aria-hidden="true" focusable="false"/; s/ +/ /g; s/^ //; s/ $//' >"$out/icons/$name.svg"
done
if [ "$mode" = build ]; then
  rm -rf $web/static/dist $web/templates/icons
  mkdir -p $web/static
  cp -r "$out/dist" $web/static/dist
  cp -r "$out/icons" $web/templates/icons
else
  diff -r "$out/dist" $web/static/dist >/dev/null && diff -r "$out/icons" $web/templates/icons >/dev/null || {
    echo "the built assets are not what their sources build; run: make assets" >&2; diff -rq "$out/dist" $web/static/dist >&2 || true; diff -rq "$out/icons" $web/templates/icons >&2 || true; exit 1; }
fi
