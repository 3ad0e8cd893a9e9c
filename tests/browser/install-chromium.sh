#!/bin/sh
# Debian's Chromium, for the browser tests, where there is none and apt can bring it.
set -e
command -v chromium >/dev/null && exit 0
if ! command -v apt-get >/dev/null; then
    echo "the browser tests need Chromium on the PATH as 'chromium'" >&2
    exit 1
fi
run=""
[ "$(id -u)" = 0 ] || run=sudo
$run apt-get update -qq
$run env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core fonts-noto-color-emoji
