# shellcheck shell=bash
# What the instance's scripts share.
# shellcheck source=/dev/null
source /etc/syncup/instance.conf
export AWS_REGION AWS_RETRY_MODE=standard AWS_MAX_ATTEMPTS=10

# A path of the instance's metadata (IMDSv2).
metadata() {
    local token
    token=$(curl --silent --fail --max-time 5 --request PUT \
        --header "X-aws-ec2-metadata-token-ttl-seconds: 60" http://169.254.169.254/latest/api/token)
    curl --silent --fail --max-time 5 --header "X-aws-ec2-metadata-token: $token" \
        "http://169.254.169.254/latest/meta-data/$1"
}

# Answers a lifecycle hook: CONTINUE or ABANDON.
complete_lifecycle_action() {
    aws autoscaling complete-lifecycle-action --auto-scaling-group-name "$GROUP" \
        --lifecycle-hook-name "$1" --lifecycle-action-result "$2" --instance-id "$(metadata instance-id)"
}

# Unpacks a release into a folder, if it is what its checksum says. The digest alone is taken from the file
# beside it, which so cannot name another file.
fetch_release() {
    local work digest
    work=$(mktemp --directory)
    aws s3 cp --only-show-errors "s3://$RELEASE_BUCKET/releases/$1/app.tar.gz" "$work/app.tar.gz"
    aws s3 cp --only-show-errors "s3://$RELEASE_BUCKET/releases/$1/app.tar.gz.sha256" "$work/sha256"
    digest=$(cut --delimiter=" " --fields=1 "$work/sha256")
    echo "$digest  $work/app.tar.gz" | sha256sum --check --strict --quiet
    tar --extract --gzip --no-same-owner --file "$work/app.tar.gz" --directory "$2"
    rm --recursive --force "$work"
}
