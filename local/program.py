"""The program of the stack `local`, as a procedure updates it: the launch template, which holds the release.

There is no engine and no state: the program is evaluated anew, and what it declares is held against moto.
"""

from collections.abc import Callable, Sequence

import infra.program
from infra.fixtures import LOOKUPS
from infra.reading import stack_configuration
from local.credentials import NAME
from local.place import LIKE
from operate import releases
from operate.errors import OperationError
from operate.launch_template import Versions
from operate.outputs import PROJECT
from operate.stack import Stack
from preview.evaluate import evaluate
from preview.graph import Graph, Resource
from preview.plan import Change, Operation, Plan, Source

_RELEASE = "aws:ssm/getParameter:getParameter"
"""By which the program looks up the release."""


class Local:
    """See `operate.program.Program`."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack

    def preview(self, *, targets: Sequence[str] = ()) -> Plan:
        """What an update would do to the launch template."""
        return self._plan(self._declared(targets))

    def update(self, say: Callable[[str], None], *, targets: Sequence[str] = ()) -> Plan:
        """Gives the launch template a new version, where the program declares another one than there is."""
        declared = self._declared(targets)
        plan = self._plan(declared)
        if plan.changes[declared.urn].operation is Operation.UPDATE:
            self._stack.client("ec2").create_launch_template_version(
                LaunchTemplateId=self._stack.outputs["launch-template-id"],
                VersionDescription=declared["description"],
                LaunchTemplateData={"ImageId": declared["imageId"]},
            )
            say(f"{declared.name} is {declared['description']}")
        return plan

    def _declared(self, targets: Sequence[str]) -> Resource:
        """The launch template as the program declares it for the release that the parameter says.

        Raises:
            OperationError: something else shall be updated, which takes an engine.
        """
        if list(targets) != [self._stack.outputs["launch-template-urn"]]:
            raise OperationError(f"{NAME} has no engine: its launch template is all that can be updated")
        wanted = {**LOOKUPS[_RELEASE], "value": releases.wanted(self._stack)}
        graph = evaluate(
            infra.program.main,
            project=PROJECT,
            stack=NAME,
            config=stack_configuration(LIKE),
            known=True,
            invokes={**LOOKUPS, _RELEASE: {**wanted, "insecureValue": wanted["value"]}},
        )
        return graph.by_urn[targets[0]]

    def _plan(self, declared: Resource) -> Plan:
        there = Versions(self._stack).newest()
        same = declared["description"] == f"Release {there.release}"
        change = Change(operation=Operation.SAME if same else Operation.UPDATE)
        return Plan(
            project=PROJECT,
            stack=NAME,
            source=Source.PROGRAM,
            graph=Graph((declared,)),
            changes={declared.urn: change},
        )
