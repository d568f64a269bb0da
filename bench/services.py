"""A program of any size, evaluated and checked: `python -m bench.services 100` declares a hundred of them."""

import sys
from pathlib import Path

import pulumi
from pulumi_aws import ec2, iam, sns, sqs

from preview.check import check
from preview.evaluate import evaluate
from preview.graph import Graph

RESOURCES_EACH = 6


def evaluated(copies: int) -> Graph:
    """The graph of a program that declares so many services.

    Raises:
        SystemExit: the check has something against the program.
    """

    def program() -> None:
        for number in range(copies):
            _Service(f"service-{number}")

    graph = evaluate(program, project="bench", stack="bench")
    findings = check(graph, Path.cwd())
    if findings:
        sys.exit(f"the bench's own program is wrong: {findings[0]}")
    return graph


class _Service(pulumi.ComponentResource):
    """A few resources that refer to each other, as services have them."""

    def __init__(self, name: str) -> None:
        super().__init__("bench:index:Service", name)
        below = pulumi.ResourceOptions(parent=self)
        topic = sns.Topic(f"{name}-topic", tags={"Name": name}, opts=below)
        queue = sqs.Queue(f"{name}-queue", visibility_timeout_seconds=60, tags={"Name": name}, opts=below)
        sns.TopicSubscription(
            f"{name}-subscription", topic=topic.arn, protocol="sqs", endpoint=queue.arn, opts=below
        )
        role = iam.Role(f"{name}-role", assume_role_policy="{}", tags={"Name": name}, opts=below)
        policy = pulumi.Output.json_dumps(
            {"Statement": [{"Action": "sqs:SendMessage", "Resource": queue.arn}]}
        )
        iam.RolePolicy(f"{name}-policy", role=role.name, policy=policy, opts=below)
        ingress = ec2.SecurityGroupIngressArgs(protocol="tcp", from_port=443, to_port=443)
        group = ec2.SecurityGroup(f"{name}-group", ingress=[ingress], tags={"Name": name}, opts=below)
        self.register_outputs({"group": group.id})


if __name__ == "__main__":
    evaluated(int(sys.argv[1]))
