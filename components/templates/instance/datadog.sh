#!/bin/bash
# Datadog's agent comes from Datadog. Its unit tries again until it works; the application does not wait.
set -euo pipefail
shopt -s inherit_errexit
# shellcheck source=/dev/null
source /usr/local/lib/syncup/common

cat >/etc/yum.repos.d/datadog.repo <<'REPOSITORY'
[datadog]
name=Datadog
baseurl=https://yum.datadoghq.com/stable/7/$basearch/
gpgcheck=1
repo_gpgcheck=1
gpgkey=https://keys.datadoghq.com/DATADOG_RPM_KEY_CURRENT.public
       https://keys.datadoghq.com/DATADOG_RPM_KEY_B01082D3.public
       https://keys.datadoghq.com/DATADOG_RPM_KEY_FD4BF915.public
REPOSITORY
dnf install --assumeyes datadog-agent
cat >/etc/datadog-agent/datadog.yaml <<CONFIGURATION
site: $DATADOG_SITE
env: $ENVIRONMENT
tags: ["service:syncup", "version:$RELEASE"]
CONFIGURATION
# The agent's units read their environment from this place, and with it the key that stays in memory.
ln --symbolic --force --no-dereference /run/syncup/datadog.env /etc/datadog-agent/environment
systemctl enable datadog-agent.service
systemctl restart datadog-agent.service
