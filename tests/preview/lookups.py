"""What the lookups of a program in a test are answered with."""

from collections.abc import Mapping
from typing import Any, Final

LOOKUPS: Final[Mapping[str, Mapping[str, Any]]] = {
    "aws:index/getCallerIdentity:getCallerIdentity": {
        "accountId": "111122223333",
        "arn": "arn:aws:iam::111122223333:user/somebody",
        "id": "111122223333",
        "userId": "AIDAEXAMPLE",
    }
}
