"""Makes sure that what a test asserts inside `apply` is asserted.

An output that is unknown never calls the function that it was given, and one that nobody waits for may
not: the assertion inside passes because it never ran. A test in which a function given to an output
never runs fails here.
"""

import inspect
from collections.abc import Callable, Generator
from typing import Any
from unittest.mock import patch

import pulumi
import pytest


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, Any, Any]:
    """Runs a test, and fails it where an `apply` in its own file handed over a function in vain."""
    waiting: dict[int, str] = {}
    apply: Callable[..., pulumi.Output[Any]] = getattr(pulumi.Output, "apply")  # noqa: B009 (its own type is partly unknown)

    def watched(
        output: pulumi.Output[Any], function: Callable[[Any], Any], run_with_unknowns: bool = False
    ) -> pulumi.Output[Any]:
        frame = inspect.currentframe()
        caller = frame.f_back if frame else None
        if caller is None or caller.f_code.co_filename != str(pyfuncitem.path):
            return apply(output, function, run_with_unknowns)
        number = len(waiting)
        waiting[number] = f"line {caller.f_lineno}"

        def ran(value: Any) -> Any:
            waiting[number] = ""
            return function(value)

        return apply(output, ran, run_with_unknowns)

    with patch.object(pulumi.Output, "apply", watched):
        result = yield
    in_vain = [place for place in waiting.values() if place]
    if in_vain:
        pytest.fail(f"never ran what was given to `apply` in {', '.join(in_vain)}", pytrace=False)
    return result
