"""CloudFormation as far as bootstrapping needs it: one stack, and how it comes to be."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.operate.double import Answer, Parameters, error

NAME = "syncup-bootstrap-staging"
_ARN = f"arn:aws:cloudformation:us-west-2:444455556666:stack/{NAME}/1"
_CHANGE_SET = f"arn:aws:cloudformation:us-west-2:444455556666:changeSet/{NAME}/1"
_UNCHANGED = "The submitted information didn't contain changes. Submit different information."


@dataclass
class Formation:
    """The stack, and what happens next."""

    status: str = ""
    """Empty where there is no stack."""
    parameters: dict[str, str] = field(default_factory=dict[str, str])
    template: str = ""
    protected: bool = False
    ends: str = ""
    """What a change ends with, where it does not end well."""
    refuses: str = ""
    """Why no change set can be made."""
    account: str = "444455556666"
    roles: set[str] = field(default_factory=set[str])
    """Service-linked roles that the account has."""
    audiences: list[str] | None = None
    """Of the account's identity provider for GitHub, where it has one."""
    _steps: list[str] = field(default_factory=list[str])
    _proposed: dict[str, str] = field(default_factory=dict[str, str])
    _text: str = ""

    def answers(self) -> Mapping[str, Answer]:
        """What the calls are answered."""
        return {
            "sts.GetCallerIdentity": lambda _: {"Account": self.account, "Arn": "arn:aws:iam::1:user/anna"},
            "cloudformation.DescribeStacks": self._describe,
            "cloudformation.CreateChangeSet": self._propose,
            "cloudformation.DescribeChangeSet": self._proposal,
            "cloudformation.DeleteChangeSet": {},
            "cloudformation.ExecuteChangeSet": self._execute,
            "cloudformation.DescribeStackEvents": self._events,
            "cloudformation.UpdateTerminationProtection": self._protect,
            "iam.GetRole": self._role,
            "iam.GetOpenIDConnectProvider": self._provider,
        }

    def _describe(self, _: Parameters) -> Any:
        if self._steps:
            self.status = self._steps.pop(0)
        if not self.status:
            return error("ValidationError", f"Stack with id {NAME} does not exist")
        return {
            "Stacks": [
                {
                    "StackId": _ARN,
                    "StackName": NAME,
                    "CreationTime": datetime(2026, 11, 24, tzinfo=UTC),
                    "StackStatus": self.status,
                    "EnableTerminationProtection": self.protected,
                    "Parameters": [
                        {"ParameterKey": key, "ParameterValue": value}
                        for key, value in self.parameters.items()
                    ],
                }
            ]
        }

    def _propose(self, asked: Parameters) -> Any:
        new = self.status in ("", "REVIEW_IN_PROGRESS")
        assert asked["ChangeSetType"] == ("CREATE" if new else "UPDATE")
        self.status = self.status or "REVIEW_IN_PROGRESS"
        self._text = asked["TemplateBody"]
        self._proposed = {
            one["ParameterKey"]: self.parameters[one["ParameterKey"]]
            if one.get("UsePreviousValue")
            else one["ParameterValue"]
            for one in asked["Parameters"]
        }
        return {"Id": _CHANGE_SET, "StackId": _ARN}

    def _proposal(self, asked: Parameters) -> Any:
        if self.refuses:
            return {"Status": "FAILED", "StatusReason": self.refuses}
        if (self._proposed, self._text) == (self.parameters, self.template):
            return {"Status": "FAILED", "StatusReason": _UNCHANGED}
        change = {"Action": "Add", "LogicalResourceId": "StateKey", "ResourceType": "AWS::KMS::Key"}
        replaced = {**change, "Action": "Modify", "LogicalResourceId": "Reading", "Replacement": "True"}
        found = {"Status": "CREATE_COMPLETE", "ChangeSetId": _CHANGE_SET}
        if "NextToken" in asked:
            return {**found, "Changes": [{"ResourceChange": replaced}]}
        return {**found, "Changes": [{"ResourceChange": change}], "NextToken": "more"}

    def _execute(self, _: Parameters) -> Any:
        kind = "CREATE" if self.status == "REVIEW_IN_PROGRESS" else "UPDATE"
        if self.ends:
            self._steps = [f"{kind}_IN_PROGRESS", "ROLLBACK_IN_PROGRESS", self.ends]
        else:
            self._steps = [f"{kind}_IN_PROGRESS", f"{kind}_COMPLETE"]
            self.parameters, self.template = self._proposed, self._text
        return {}

    def _events(self, asked: Parameters) -> Any:
        """Newest first, in two pages."""
        first = {
            "StackId": _ARN,
            "EventId": "1",
            "StackName": NAME,
            "Timestamp": datetime(2026, 11, 24, tzinfo=UTC),
        }
        failed = [("StateBucket", "The bucket\nexists already"), ("Reading", "Resource creation cancelled")]
        events: list[dict[str, Any]] = [
            {
                **first,
                "LogicalResourceId": name,
                "ResourceStatus": "CREATE_FAILED",
                "ResourceStatusReason": why,
            }
            for name, why in reversed(failed)
        ]
        if "NextToken" not in asked:
            return {"StackEvents": events[:1], "NextToken": "more"}
        began = {"LogicalResourceId": NAME, "ResourceStatus": "CREATE_IN_PROGRESS"}
        older = {
            "LogicalResourceId": "Old",
            "ResourceStatus": "UPDATE_FAILED",
            "ResourceStatusReason": "long ago",
        }
        ended = [{**first, **began, "ResourceStatusReason": "User Initiated"}, {**first, **older}]
        return {"StackEvents": [*events[1:], *ended]}

    def _protect(self, asked: Parameters) -> Any:
        self.protected = asked["EnableTerminationProtection"]
        return {}

    def _role(self, asked: Parameters) -> Any:
        name = asked["RoleName"]
        if name not in self.roles:
            return error("NoSuchEntity", f"The role {name} cannot be found.")
        arn = f"arn:aws:iam::{self.account}:role/aws-service-role/{name}"
        made = datetime(2026, 11, 24, tzinfo=UTC)
        return {"Role": {"Path": "/", "RoleName": name, "RoleId": "A" * 16, "Arn": arn, "CreateDate": made}}

    def _provider(self, _: Parameters) -> Any:
        return error("NoSuchEntity") if self.audiences is None else {"ClientIDList": self.audiences}
