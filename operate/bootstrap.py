"""What must exist before the first `up`: one CloudFormation stack for each stack, applied by a change set.

`bootstrap/template.yaml` says what that is. Nothing here changes anything that the change set does not show.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, cast

import yaml
from botocore.exceptions import ClientError

from operate.aws import code_of, is_missing
from operate.errors import GuardError, OperationError, UsageError
from operate.outputs import PROJECT
from operate.stack import Stack

TEMPLATE: Final = Path(__file__).parent.parent / "bootstrap" / "template.yaml"
MOST_BYTES: Final = 51_200
"""Of a template that is handed over in the call.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"""
_CHANGE: Final = "syncup-bootstrap"
_POLL_SECONDS: Final = 5
_GITHUB: Final = "token.actions.githubusercontent.com"
_AUDIENCE: Final = "sts.amazonaws.com"
_SERVICES_OWN: Final = {
    "MakeSearchRole": "AWSServiceRoleForAmazonOpenSearchService",
    "MakeScalingRole": "AWSServiceRoleForAutoScaling",
}
"""The parameters that say whether to make a role, and the role. Another stack, or AWS, may have made it."""
_STANDS: Final = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE")
_WORKS: Final = "_IN_PROGRESS"
_EMPTY: Final = "REVIEW_IN_PROGRESS"
"""Of a stack whose first change set nobody has executed yet."""
_LEFT_OVER: Final = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED")
_STUCK: Final = "UPDATE_ROLLBACK_FAILED"
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html"""
_UNCHANGED: Final = ("didn't contain changes", "No updates are to be performed")


@dataclass(frozen=True, kw_only=True, slots=True)
class Names:
    """What the template makes, by name: known before it is applied, so that workflows can say it."""

    stack: str
    account_id: str
    region: str

    @property
    def bootstrap(self) -> str:
        """The name of the CloudFormation stack, and the beginning of every name in it."""
        return f"{PROJECT}-bootstrap-{self.stack}"

    @property
    def bucket(self) -> str:
        """The bucket of Pulumi's state."""
        return f"{self.bootstrap}-{self.account_id}-{self.region}"

    @property
    def backend(self) -> str:
        """What Pulumi calls that bucket.

        https://www.pulumi.com/docs/iac/concepts/state-and-backends/
        """
        return f"s3://{self.bucket}?region={self.region}&awssdk=v2"

    @property
    def secrets_provider(self) -> str:
        """What Pulumi calls the key.

        https://www.pulumi.com/docs/iac/concepts/secrets/
        """
        return f"awskms://alias/{self.bootstrap}?region={self.region}"

    def role(self, name: str) -> str:
        """The ARN of one of the roles: `preview`, `deploy`, `drift`, `recovery`."""
        return f"arn:aws:iam::{self.account_id}:role/{self.bootstrap}-{name}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What the template is told. None stays what it is, and has to be said the first time."""

    recovery_region: str
    hosted_zone: str
    repository: str | None
    """`owner/name`, or `owner@1/name@2` where tokens carry identifiers."""
    release: str | None
    """The release of the first instances."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that is made, changed or removed."""

    action: str
    """`Add`, `Modify`, `Remove`, as CloudFormation says it."""
    name: str
    type: str
    replaces: bool = False


def apply(stack: Stack, names: Names, wanted: Wanted, say: Callable[[str], None]) -> bool:
    """Makes what the template says, and waits until it is there.

    The CloudFormation stack is protected from deletion.

    Args:
        stack: whose clients are used.
        names: of the stack.
        wanted: what the template is told.
        say: is told what goes on.

    Returns:
        Whether anything had to be changed.

    Raises:
        OperationError: it did not come to be, with AWS' first reason and, where there is one, the command
            that clears the way.
        GuardError: it is being changed by somebody else.
        UsageError: something is missing that has to be said the first time.
    """
    cloud = stack.client("cloudformation")
    bootstrap = _Bootstrap(stack, names)
    change = bootstrap.propose(wanted)
    if change is not None:
        say(f"{names.bootstrap}: {len(change.steps)} changes")
        cloud.execute_change_set(ChangeSetName=change.identifier)
        bootstrap.follow(change.stack, say)
    if not bootstrap.read(change.stack if change else None).get("EnableTerminationProtection"):
        _protect(cloud, names.bootstrap)
    return change is not None


def preview(stack: Stack, names: Names, wanted: Wanted) -> list[Step]:
    """What `apply` would change; nothing where all is as it should be.

    Where the CloudFormation stack exists, by a change set, which is removed again. Where it does not, by the
    template: a change set would leave an empty stack behind.

    Raises:
        OperationError, GuardError, UsageError: as `apply`.
    """
    bootstrap = _Bootstrap(stack, names)
    if bootstrap.is_new:
        given = {one["ParameterKey"]: one.get("ParameterValue", "") for one in bootstrap.parameters(wanted)}
        return [Step("Add", name, kind) for name, kind in declared(given)]
    change = bootstrap.propose(wanted)
    if change is None:
        return []
    stack.client("cloudformation").delete_change_set(ChangeSetName=change.identifier)
    return list(change.steps)


def declared(given: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The template's resources by name and type, as far as its conditions hold for these parameters."""
    template = read_template()
    holding = {name for name, condition in template["Conditions"].items() if _holds(condition, given)}
    for name, resource in template["Resources"].items():
        if resource.get("Condition", "") in {"", *holding}:
            yield name, resource["Type"]


def _holds(condition: Mapping[str, Any], given: Mapping[str, str]) -> bool:
    """Whether `{"Fn::Equals": [{"Ref": …}, …]}` holds: the template has no other form."""
    reference, value = condition["Fn::Equals"]
    return given[reference["Ref"]] == value


def read_template() -> dict[str, Any]:
    """The template, its functions written out: `{"Ref": …}` for `!Ref …`, `{"Fn::Sub": …}` for `!Sub …`."""
    with TEMPLATE.open(encoding="utf-8") as file:
        return yaml.load(file, Loader=_Loader)  # noqa: S506 (made from the safe one)


class _Loader(yaml.SafeLoader):
    """Reads CloudFormation's short forms.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
    """


def _function(loader: _Loader, name: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    else:
        value = loader.construct_sequence(cast("yaml.SequenceNode", node), deep=True)
    if name == "GetAtt":
        value = value.split(".")
    return {name if name == "Ref" else f"Fn::{name}": value}


_Loader.add_multi_constructor("!", _function)  # pyright: ignore[reportUnknownMemberType] (its stubs do not say)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Change:
    """A change set that waits to be executed."""

    identifier: str
    stack: str
    """The identifier of the CloudFormation stack: a stack that is gone is found by it alone."""
    steps: Sequence[Step]


class _Bootstrap:
    """The CloudFormation stack, as it is and as it is to be."""

    def __init__(self, stack: Stack, names: Names) -> None:
        """Looks at what there is.

        Raises:
            OperationError: it is in a state that only a person can end.
            GuardError: it is being changed, or the credentials are of another account.
        """
        self._stack = stack
        self._names = names
        self._cloud = stack.client("cloudformation")
        self._refuse_strangers()
        self._refuse_what_is_stuck()

    def _refuse_strangers(self) -> None:
        found = self._stack.client("sts").get_caller_identity()["Account"]
        if found != self._names.account_id:
            raise GuardError(
                f"the credentials are of account {found}, "
                f"and {self._names.stack} lives in {self._names.account_id} (aws:allowedAccountIds)"
            )

    def _refuse_what_is_stuck(self) -> None:
        name, region = self._names.bootstrap, self._names.region
        where = f"--stack-name {name} --region {region}"
        if self._status in _LEFT_OVER:
            raise OperationError(
                f"{name} is {self._status}: a first try failed and left it empty; remove it with "
                f"`aws cloudformation delete-stack {where}`, and try again"
            )
        if self._status == _STUCK:
            raise OperationError(
                f"{name} is {self._status}: its last change could not be taken back; mend what "
                f"`aws cloudformation describe-stack-events {where}` names, then "
                f"`aws cloudformation continue-update-rollback {where}`"
            )
        if self._status.endswith(_WORKS) and self._status != _EMPTY:
            raise GuardError(f"{name} is {self._status}: it is being changed, try again when that has ended")

    @cached_property
    def _found(self) -> Mapping[str, Any]:
        return self.read()

    def read(self, identifier: str | None = None) -> Mapping[str, Any]:
        """What CloudFormation says of the stack now; nothing where there is none."""
        try:
            (found,) = self._cloud.describe_stacks(StackName=identifier or self._names.bootstrap)["Stacks"]
        except ClientError as error:
            if code_of(error) == "ValidationError" and "does not exist" in str(error):
                return {}
            raise
        return found

    @property
    def _status(self) -> str:
        return str(self._found.get("StackStatus", ""))

    @property
    def is_new(self) -> bool:
        """Whether nothing has been made yet."""
        return self._status in ("", _EMPTY)

    def parameters(self, wanted: Wanted) -> list[dict[str, Any]]:
        """The template's parameters: what is said, what was said before, and what the account has already."""
        before = () if self.is_new else (one["ParameterKey"] for one in self._found.get("Parameters", ()))
        kept = {name: {"ParameterKey": name, "UsePreviousValue": True} for name in before}
        said = {
            "Stack": self._names.stack,
            "RecoveryRegion": wanted.recovery_region,
            "HostedZone": wanted.hosted_zone,
        }
        if "Release" in kept and wanted.release is not None:
            raise UsageError(
                f"the release of {self._names.stack} is set already: "
                f"`syncup deploy {self._names.stack} {wanted.release}` changes it"
            )
        for name, value, option in (
            ("Repository", wanted.repository, "--repository OWNER/NAME"),
            ("Release", wanted.release, "--release VERSION"),
        ):
            if value is not None:
                said[name] = value
            elif name not in kept:
                raise UsageError(f"{self._names.bootstrap} does not exist yet: say {option}")
        said |= {name: value for name, value in self._account().items() if name not in kept}
        values = {name: {"ParameterKey": name, "ParameterValue": value} for name, value in said.items()}
        return list({**kept, **values}.values())

    def _account(self) -> dict[str, str]:
        """What the account has one of, whoever made it."""
        iam = self._stack.client("iam")
        found = {
            parameter: "no" if _exists(iam, "get_role", RoleName=role) else "yes"
            for parameter, role in _SERVICES_OWN.items()
        }
        arn = f"arn:aws:iam::{self._names.account_id}:oidc-provider/{_GITHUB}"
        provider = _exists(iam, "get_open_id_connect_provider", OpenIDConnectProviderArn=arn)
        if provider is None:
            return {**found, "ProviderArn": ""}
        if _AUDIENCE not in provider.get("ClientIDList", ()):
            raise OperationError(
                f"the account's provider for GitHub does not know {_AUDIENCE}: `aws iam add-client-id-to-open"
                f"-id-connect-provider --open-id-connect-provider-arn {arn} --client-id {_AUDIENCE}`"
            )
        return {**found, "ProviderArn": arn}

    def propose(self, wanted: Wanted) -> _Change | None:
        """Makes a change set and waits for it; None where nothing would change.

        Raises:
            OperationError: CloudFormation cannot make one, with its reason.
        """
        parameters = self.parameters(wanted)
        try:
            made = self._cloud.create_change_set(
                StackName=self._names.bootstrap,
                ChangeSetName=f"{_CHANGE}-{self._stack.clock.now():%Y%m%d%H%M%S}",
                ChangeSetType="CREATE" if self.is_new else "UPDATE",
                TemplateBody=TEMPLATE.read_text(encoding="utf-8"),
                Parameters=parameters,
                Capabilities=["CAPABILITY_NAMED_IAM"],
                # Not `Environment`: by that tag the role that deploys knows the keys that it may change.
                Tags=[{"Key": "Project", "Value": PROJECT}, {"Key": "ManagedBy", "Value": "bootstrap"}],
            )
        except ClientError as error:
            # Some servers of this API say at once what AWS says of the change set.
            if _says_unchanged(str(error)):
                return None
            raise
        identifier = made["Id"]
        while True:
            found = self._cloud.describe_change_set(ChangeSetName=identifier)
            status, why = found["Status"], " ".join(found.get("StatusReason", "").split())
            if status == "FAILED":
                self._cloud.delete_change_set(ChangeSetName=identifier)
                if _says_unchanged(why):
                    return None
                raise OperationError(f"{self._names.bootstrap} cannot be changed so: {why or status}")
            if not status.endswith(("_PENDING", _WORKS)):
                steps = [_step(change) for page in self._pages(found) for change in page]
                return _Change(identifier=identifier, stack=made["StackId"], steps=steps)
            self._stack.clock.sleep(_POLL_SECONDS)

    def _pages(self, found: Mapping[str, Any]) -> Iterator[Sequence[Mapping[str, Any]]]:
        yield found.get("Changes", ())
        while "NextToken" in found:
            found = self._cloud.describe_change_set(
                ChangeSetName=found["ChangeSetId"], NextToken=found["NextToken"]
            )
            yield found.get("Changes", ())

    def follow(self, identifier: str, say: Callable[[str], None]) -> None:
        """Waits until CloudFormation has ended.

        Raises:
            OperationError: it was taken back, with the first thing that failed and why.
        """
        told = ""
        while True:
            status = str(self.read(identifier)["StackStatus"])
            if status != told:
                say(f"{self._names.bootstrap}: {status}")
                told = status
            if status in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
                return
            if not status.endswith(_WORKS):
                raise OperationError(
                    f"{self._names.bootstrap} ended with {status}: {self._first_failure(identifier)}"
                )
            self._stack.clock.sleep(_POLL_SECONDS)

    def _first_failure(self, identifier: str) -> str:
        """What failed first in the last change. Events come newest first."""
        first = "AWS does not say why"
        for page in self._cloud.get_paginator("describe_stack_events").paginate(StackName=identifier):
            for event in page["StackEvents"]:
                if event["LogicalResourceId"] == self._names.bootstrap:
                    if event.get("ResourceStatusReason") == "User Initiated":
                        return first
                elif event["ResourceStatus"].endswith("_FAILED"):
                    why = " ".join(event.get("ResourceStatusReason", event["ResourceStatus"]).split())
                    first = f"{event['LogicalResourceId']}: {why}"
        return first


def _says_unchanged(text: str) -> bool:
    return any(words in text for words in _UNCHANGED)


def _step(change: Mapping[str, Any]) -> Step:
    resource = change["ResourceChange"]
    return Step(
        resource["Action"],
        resource["LogicalResourceId"],
        resource["ResourceType"],
        replaces=resource.get("Replacement") == "True",
    )


def _exists(client: Any, call: str, **parameters: str) -> Any:
    """What a call answers, or None where AWS knows of no such thing."""
    try:
        return getattr(client, call)(**parameters)
    except ClientError as error:
        if is_missing(error):
            return None
        raise


def _protect(cloud: Any, name: str) -> None:
    cloud.update_termination_protection(StackName=name, EnableTerminationProtection=True)
