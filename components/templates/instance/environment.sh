#!/bin/bash
# Writes the application's environment to memory: nothing of it is ever on a disk.
set -euo pipefail
shopt -s inherit_errexit
umask 077
# shellcheck source=/dev/null
source /usr/local/lib/syncup/common

parameters() {
    aws ssm get-parameters-by-path --path "$PARAMETERS" --output json |
        jq '[.Parameters[] | {key: (.Name | split("/") | last), value: .Value}] | from_entries'
}

secret() {
    aws secretsmanager get-secret-value --secret-id "$1" --query SecretString --output text
}

# What a secret holds beside environment variables, for those who rotate it, stays out.
variables() {
    jq 'with_entries(select(.key | test("^[A-Z][A-Z0-9_]*$")))'
}

own() {
    jq --null-input --arg port "$PORT" --arg environment "$ENVIRONMENT" --arg release "$RELEASE" \
        --arg logs "$LOG_GROUP" '{
            PORT: $port, ENVIRONMENT: $environment, RELEASE: $release,
            AWS_EMF_ENVIRONMENT: "Agent", AWS_EMF_AGENT_ENDPOINT: "tcp://127.0.0.1:25888",
            AWS_EMF_LOG_GROUP_NAME: $logs
        }'
}

# KEY="value", as systemd reads it.
write() {
    jq --raw-output 'to_entries[] | "\(.key)=\(.value | tostring | tojson)"' >"/run/syncup/$1.new"
    mv "/run/syncup/$1.new" "/run/syncup/$1"
}

collect() {
    own
    parameters
    secret "$CACHE_SECRET" | jq '{CACHE_USERNAME: .username, CACHE_PASSWORD: .password}'
    for name in $SECRETS; do
        secret "$name" | variables
    done
}

install --directory --mode 0700 /run/syncup
everything=$(collect | jq --slurp add)
write application.env <<<"$everything"
jq '{DD_API_KEY: .DATADOG_API_KEY}' <<<"$everything" | write datadog.env
