#!/bin/bash
# Ends the application in good order when the group takes the instance away.
set -euo pipefail
shopt -s inherit_errexit
# shellcheck source=/dev/null
source /usr/local/lib/syncup/common

until [[ $(metadata autoscaling/target-lifecycle-state) == Terminated ]]; do
    sleep 5
done
# The load balancer has been told; what it has already sent is finished first.
sleep "$DRAIN_SECONDS"
systemctl stop syncup.service
systemctl stop amazon-cloudwatch-agent.service # sends what it still holds
# The hook opens only after the load balancer has let go.
until complete_lifecycle_action "$TERMINATION_HOOK" CONTINUE; do
    sleep 10
done
