"""How AWS' resources say who may talk to whom over the network.

Source: https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
"""

from typing import Final

GROUP: Final = "aws:ec2/securityGroup:SecurityGroup"
"""What network interfaces are put into. Rules name it, never the interfaces."""

ADMITS: Final = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
"""One permission to open connections towards the group of `ADMITS_TO`, from that of `ADMITS_FROM`."""

ADMITS_TO: Final = "securityGroupId"
ADMITS_FROM: Final = "referencedSecurityGroupId"
"""Absent where the other end is an address or a prefix list."""
ADMITS_PORT: Final = "toPort"

HAVE_INTERFACES: Final = frozenset(
    {
        "aws:codebuild/project:Project",
        "aws:ec2/instance:Instance",
        "aws:ec2/launchTemplate:LaunchTemplate",
        "aws:ec2clientvpn/endpoint:Endpoint",
        "aws:elasticache/replicationGroup:ReplicationGroup",
        "aws:lambda/function:Function",
        "aws:lb/loadBalancer:LoadBalancer",
        "aws:opensearch/domain:Domain",
        "aws:rds/instance:Instance",
        "aws:rds/proxy:Proxy",
    }
)
"""What is put into a group with interfaces of its own. A VPC endpoint is not among them: it leads to AWS'
services, not to something that a program makes."""
