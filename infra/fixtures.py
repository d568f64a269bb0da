"""What the program's lookups are answered with where no cloud is asked: previews and tests.

By function token, property names as on the wire. Each answer has the shape that AWS gives; the values
are those of no account.
"""

from collections.abc import Mapping
from typing import Any, Final

LOOKUPS: Final[Mapping[str, Mapping[str, Any]]] = {
    # The release that `syncup deploy` has set (infra/layers/application.py).
    "aws:ssm/getParameter:getParameter": {
        "arn": "arn:aws:ssm:us-west-2:111122223333:parameter/syncup/production/release",
        "id": "/syncup/production/release",
        "insecureValue": "2026.11.3",
        "name": "/syncup/production/release",
        "region": "us-west-2",
        "type": "String",
        "value": "2026.11.3",
        "version": 1,
    },
    # The addresses from which CloudFront reaches its origins (infra/layers/firewall.py).
    "aws:ec2/getManagedPrefixList:getManagedPrefixList": {
        "addressFamily": "IPv4",
        "arn": "arn:aws:ec2:us-west-2:aws:prefix-list/pl-82a045eb",
        "entries": [{"cidr": "120.52.22.96/27", "description": ""}],
        "id": "pl-82a045eb",
        "maxEntries": 55,
        "name": "com.amazonaws.global.cloudfront.origin-facing",
        "ownerId": "AWS",
        "region": "us-west-2",
        "tags": {},
        "version": 1,
    },
}
