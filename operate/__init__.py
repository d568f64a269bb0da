"""The procedures of the guide, over narrow gateways to AWS. Nothing here prints or asks."""
