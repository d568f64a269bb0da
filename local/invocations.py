"""Lambda: an invocation really runs the function's handler, in a process of its own."""

import json
import subprocess
import sys
import tempfile
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import ClientError

from local import function, jobs
from local.endpoint import Answer
from local.here import Here
from local.provider import SOURCE
from local.wire import Call, RefusalError

_ASYNCHRONOUS: Final = "Event"


class FunctionError(Exception):
    """The handler has raised. The message is its error's."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Function:
    """A function as the program has declared it."""

    name: str
    source: str
    """The folder below `functions/`."""
    timeout_seconds: int
    variables: Mapping[str, str]


class Invocations:
    """Runs functions. Of each, one at a time, as the program reserves it."""

    def __init__(self, here: Here) -> None:
        self._here = here
        self._turns: dict[str, threading.Lock] = {}

    def answers(self) -> dict[str, Answer]:
        """What is answered here."""
        return {"lambda.Invoke": self._invoke}

    def _invoke(self, call: Call) -> Mapping[str, Any]:
        found = self._function(call.parameters["FunctionName"])
        event = json.loads(call.parameters.get("Payload") or b"{}")
        if call.parameters.get("InvocationType") == _ASYNCHRONOUS:
            threading.Thread(target=self._answer, args=(found, event), daemon=True).start()
            return {"StatusCode": 202}
        status, answer = self._answer(found, event)
        return {"StatusCode": 200, "Payload": answer, **({"FunctionError": "Unhandled"} if status else {})}

    def run(self, name: str, event: Mapping[str, Any]) -> None:
        """Runs a function to its end.

        Raises:
            FunctionError: its handler has raised.
        """
        status, answer = self._answer(self._function(name), event)
        if status:
            raise FunctionError(json.loads(answer)["errorMessage"])

    def _function(self, name: str) -> _Function:
        try:
            found = self._here.client("lambda").get_function(FunctionName=name)
        except ClientError:
            raise RefusalError("ResourceNotFoundException", f"there is no function {name}") from None
        configuration = found["Configuration"]
        return _Function(
            name=configuration["FunctionName"],
            source=found["Tags"][SOURCE],
            timeout_seconds=configuration["Timeout"],
            variables=configuration.get("Environment", {}).get("Variables", {}),
        )

    def _answer(self, found: _Function, event: Mapping[str, Any]) -> tuple[int, bytes]:
        """The process's status, and what the handler returned or raised, as JSON."""
        with (
            self._turns.setdefault(found.name, threading.Lock()),
            tempfile.TemporaryDirectory(dir=self._here.folder) as folder,
        ):
            answer, code = Path(folder) / "answer", Path(folder) / "code"
            jobs.unpack(found.source, code)
            status, lines = self._process(found, event, code, answer)
            say = jobs.log(self._here, f"/aws/lambda/{found.name}", uuid.uuid4().hex)
            for line in lines:
                say(line)
            if answer.is_file():
                return status, answer.read_bytes()
        what = (
            f"{found.name} did not end within {found.timeout_seconds} s" if status < 0 else "it ended early"
        )
        return 1, json.dumps({"errorMessage": what, "errorType": "Runtime.ExitError"}).encode()

    def _process(
        self, found: _Function, event: Mapping[str, Any], code: Path, answer: Path
    ) -> tuple[int, list[str]]:
        try:
            done = subprocess.run(  # noqa: S603 (ours)
                # -P keeps this room off the function's path.
                [sys.executable, "-P", function.__file__, str(answer), str(found.timeout_seconds)],
                cwd=code,
                env={**self._here.environment(found.variables), "PYTHONPATH": str(code)},
                input=json.dumps(event),
                capture_output=True,
                text=True,
                check=False,
                timeout=found.timeout_seconds,
            )
        except subprocess.TimeoutExpired:
            return -1, []
        return done.returncode, [line for line in done.stderr.splitlines() if line.strip()]
