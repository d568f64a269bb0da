#!/bin/bash
# Brings an instance into service: agent, release, services, health. May run again.
set -euo pipefail
shopt -s inherit_errexit
# shellcheck source=/dev/null
source /usr/local/lib/syncup/common

# The group learns the outcome at once, instead of waiting for the hook's timeout.
finish() {
    local status=$? result=CONTINUE
    if ((status != 0)); then
        echo "start failed with status $status" >&2
        result=ABANDON
        sleep 10 # the agent sends what was written here
    fi
    complete_lifecycle_action "$LAUNCH_HOOK" "$result"
    exit "$status"
}

install_packages() {
    dnf install --assumeyes amazon-cloudwatch-agent jq logrotate
    install --directory --mode 0750 --group cwagent /var/log/syncup
}

start_cloudwatch_agent() {
    /opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl -a fetch-config -m ec2 -s \
        -c file:/etc/syncup/cloudwatch-agent.json
}

install_release() {
    rm --recursive --force /opt/syncup/app
    install --directory /opt/syncup/app
    fetch_release "$RELEASE" /opt/syncup/app
}

start_services() {
    id syncup &>/dev/null || useradd --system --no-create-home --shell /sbin/nologin syncup
    systemctl daemon-reload
    systemctl enable syncup-environment.service syncup.service syncup-drain.service syncup-datadog.service
    systemctl restart syncup-environment.service
    systemctl restart syncup.service
    systemctl restart --no-block syncup-drain.service syncup-datadog.service
}

wait_until_healthy() {
    local end=$((SECONDS + START_SECONDS))
    until curl --silent --fail --max-time 5 --output /dev/null "http://127.0.0.1:$PORT$HEALTH_PATH"; do
        ((SECONDS < end)) || return 1
        sleep 5
    done
}

trap finish EXIT
install_packages
exec > >(tee --append /var/log/syncup/start.log) 2>&1
start_cloudwatch_agent
install_release
start_services
wait_until_healthy
