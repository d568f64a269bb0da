"""EKS: clusters and node groups."""

import re
from typing import Final

from policies.network import is_world
from policies.rule import OUT_OF_SCOPE, Level, Problems, Severity, rule
from policies.view import Resource, any_holds, every_holds

_CLUSTER: Final = "aws:eks/cluster:Cluster"
_NODES: Final = "aws:eks/nodeGroup:NodeGroup"

_OLDEST: Final = (1, 34)
"""The oldest version in standard support, as of November 2026:
https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html"""
_VERSION: Final = re.compile(r"([0-9]+)\.([0-9]+)")

_FSBP: Final = "https://docs.aws.amazon.com/securityhub/latest/userguide/eks-controls.html"
_GUIDE: Final = "https://docs.aws.amazon.com/eks/latest/userguide"


@rule(
    name="eks-cluster-endpoint-not-public",
    title="The API of clusters cannot be reached from the internet",
    severity=Severity.HIGH,
    controls=("EKS.1",),
    types=(_CLUSTER,),
    why="Whoever has a leaked token or a hole in the API server controls the cluster from anywhere.",
    fix="""
        aws.eks.Cluster(
            "cluster",
            vpc_config={
                "subnet_ids": [subnet_a.id, subnet_b.id],
                "endpoint_private_access": True,
                "endpoint_public_access": False,
            },
        )
    """,
    link=f"{_FSBP}#eks-1",
)
def cluster_endpoint_not_public(cluster: Resource) -> Problems:
    """It is public by default."""
    on = cluster.flag("vpcConfig.endpointPublicAccess", default=True)
    return "vpc_config.endpoint_public_access is not off" if on else None


@rule(
    name="eks-cluster-endpoint-not-for-world",
    title="Where the API of a cluster is public, named networks alone reach it",
    severity=Severity.HIGH,
    types=(_CLUSTER,),
    why="Whoever has a leaked token or a hole in the API server controls the cluster from anywhere.",
    fix="""
        aws.eks.Cluster(
            "cluster",
            vpc_config={
                "subnet_ids": [subnet_a.id, subnet_b.id],
                "endpoint_public_access": True,
                "public_access_cidrs": ["203.0.113.0/24"],
            },
        )
    """,
    link=f"{_GUIDE}/cluster-endpoint.html",
)
def cluster_endpoint_not_for_world(cluster: Resource) -> Problems:
    """Everybody is let in by default."""
    if not cluster.flag("vpcConfig.endpointPublicAccess", default=True):
        return OUT_OF_SCOPE
    if not cluster.is_present("vpcConfig.publicAccessCidrs"):
        return "vpc_config.public_access_cidrs is not given"
    if any_holds(is_world, cluster.texts("vpcConfig.publicAccessCidrs")):
        return "vpc_config.public_access_cidrs lets the world in"
    return None


@rule(
    name="eks-cluster-supported-version",
    title="Clusters run a version of Kubernetes in standard support",
    severity=Severity.HIGH,
    controls=("EKS.2",),
    types=(_CLUSTER, _NODES),
    why="An old version gets few security updates, or none, and is upgraded by AWS when nobody expects it.",
    fix="""
        aws.eks.Cluster("cluster", version="1.35")
    """,
    link=f"{_FSBP}#eks-2",
)
def cluster_supported_version(resource: Resource) -> Problems:
    """A new cluster gets the newest by default, its nodes that of the cluster."""
    found = _VERSION.match(resource.text("version"))
    if found and (int(found[1]), int(found[2])) < _OLDEST:
        return f"version is older than {'.'.join(map(str, _OLDEST))}"
    return None


@rule(
    name="eks-cluster-secrets-encrypted",
    title="Clusters encrypt Kubernetes' secrets with a KMS key",
    severity=Severity.MEDIUM,
    controls=("EKS.3",),
    types=(_CLUSTER,),
    why="Whoever gets at the cluster's store, or a copy of it, reads every secret in it.",
    fix="""
        aws.eks.Cluster(
            "cluster",
            encryption_config={"provider": {"key_arn": key.arn}, "resources": ["secrets"]},
        )
    """,
    link=f"{_FSBP}#eks-3",
)
def cluster_secrets_encrypted(cluster: Resource) -> Problems:
    """AWS's own key is no answer to the control, and what it uses by default."""
    if any_holds(lambda name: name == "secrets", cluster.texts("encryptionConfig.resources")):
        return None
    return "encryption_config does not name secrets"


@rule(
    name="eks-cluster-audit-logs",
    title="Clusters log who did what with their API",
    severity=Severity.MEDIUM,
    controls=("EKS.8",),
    types=(_CLUSTER,),
    why="Without the audit log, nobody can say afterwards who changed or read what in the cluster.",
    fix="""
        aws.eks.Cluster("cluster", enabled_cluster_log_types=["api", "audit", "authenticator"])
    """,
    link=f"{_FSBP}#eks-8",
)
def cluster_audit_logs(cluster: Resource) -> Problems:
    """Nothing is logged by default."""
    if any_holds(lambda name: name == "audit", cluster.texts("enabledClusterLogTypes")):
        return None
    return "enabled_cluster_log_types does not name audit"


@rule(
    name="eks-nodes-ssh-from-groups",
    title="Nodes with an SSH key let SSH in from named security groups",
    severity=Severity.HIGH,
    controls=("EC2.13",),
    types=(_NODES,),
    why="With a key and no groups, EKS opens port 22 of the nodes to the world.",
    fix="""
        aws.eks.NodeGroup(
            "nodes",
            remote_access={"ec2_ssh_key": key.key_name, "source_security_group_ids": [bastion.id]},
        )
    """,
    link=f"{_GUIDE}/create-managed-node-group.html",
)
def nodes_ssh_from_groups(nodes: Resource) -> Problems:
    """Without a key, there is no SSH."""
    open_to_world = every_holds(
        lambda: nodes.is_present("remoteAccess.ec2SshKey"),
        lambda: not nodes.is_present("remoteAccess.sourceSecurityGroupIds"),
    )
    return "remote_access names a key and no source_security_group_ids" if open_to_world else None


@rule(
    name="eks-cluster-deletion-protection",
    title="Clusters are protected from deletion",
    severity=Severity.LOW,
    level=Level.ADVISORY,
    types=(_CLUSTER,),
    why="One wrong call takes away everything that runs in the cluster.",
    fix="""
        aws.eks.Cluster("cluster", deletion_protection=True)
    """,
    link=f"{_GUIDE}/deletion-protection.html",
)
def cluster_deletion_protection(cluster: Resource) -> Problems:
    """It is off by default."""
    return None if cluster.flag("deletionProtection", default=False) else "deletion_protection is not on"
