#!/bin/bash
# Runs the migrations of a release that is not in service yet: migrate 2026.11.4
set -euo pipefail
shopt -s inherit_errexit
# shellcheck source=/dev/null
source /usr/local/lib/syncup/common

[[ ${1:-} =~ ^[0-9A-Za-z][0-9A-Za-z.-]{0,63}$ ]] || {
    echo "usage: migrate VERSION" >&2
    exit 2
}
folder=$(mktemp --directory)
trap 'rm --recursive --force "$folder"' EXIT
chmod 0755 "$folder"
fetch_release "$1" "$folder"
systemd-run --quiet --wait --pipe --collect --uid=syncup --working-directory="$folder" \
    --property=EnvironmentFile=/run/syncup/application.env \
    --property=IPAddressDeny="169.254.169.254/32 fd00:ec2::254/128" "$folder/bin/migrate"
