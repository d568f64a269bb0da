"""The firewall layer: security groups and the table of flows."""

from pulumi_aws import ec2

from components.context import Context
from components.firewall import Firewall, FirewallArgs
from components.network import Network

_CLOUDFRONT = "com.amazonaws.global.cloudfront.origin-facing"


def firewall(context: Context, network: Network) -> Firewall:
    """The groups of the network's VPC.

    CloudFront's addresses are a prefix list that AWS keeps, with another identifier in each region:
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/LocationsOfEdgeServers.html
    """
    cloudfront = ec2.get_managed_prefix_list_output(name=_CLOUDFRONT)
    args = FirewallArgs(
        vpc_id=network.vpc_id,
        s3_prefix_list_id=network.s3_prefix_list_id,
        cloudfront_prefix_list_id=cloudfront.id,
    )
    return Firewall("firewall", context, args)
