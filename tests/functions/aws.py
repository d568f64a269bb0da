"""AWS as the functions meet it in the tests: moto's secrets, and calls that can be the last ones."""

import json
from collections.abc import Callable, Mapping
from typing import Any

PREFIX = "syncup/test"


class Killed(BaseException):
    """The function has ended here and now, as when Lambda stops it: no error, which something might catch."""


class Fuse:
    """Counts calls and ends the function before or after one of them has had its effect."""

    def __init__(self, blow_at: int | None = None) -> None:
        """`blow_at` counts moments from 0: two a call, before it and after it; None never blows."""
        self.blow_at = blow_at
        self.moments = 0

    def call(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        self._pass()
        result = function(*args, **kwargs)
        self._pass()
        return result

    def _pass(self) -> None:
        moment, self.moments = self.moments, self.moments + 1
        if moment == self.blow_at:
            raise Killed


class Fused:
    """Any object whose methods go through a fuse: a client, a connection."""

    def __init__(self, target: Any, fuse: Fuse) -> None:
        self._target = target
        self._fuse = fuse

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._target, name)
        if not callable(found):
            return found

        def fused(*args: Any, **kwargs: Any) -> Any:
            return self._fuse.call(found, *args, **kwargs)

        return fused


def put(client: Any, group: str, value: Mapping[str, str] | None) -> str:
    """Declares a secret of the environment, with a value or as the program leaves it: without."""
    name = f"{PREFIX}/{group}"
    if value is None:
        client.create_secret(Name=name)
    else:
        client.create_secret(Name=name, SecretString=json.dumps(value))
    return name


def value(client: Any, group: str, label: str = "AWSCURRENT") -> dict[str, str]:
    """The value that a label is on."""
    return json.loads(
        client.get_secret_value(SecretId=f"{PREFIX}/{group}", VersionStage=label)["SecretString"]
    )
