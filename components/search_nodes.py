"""How many nodes OpenSearch can spread over zones. No Pulumi here, so that settings can be checked."""

_PAIR = 2


def spreads(data_nodes: int, zones: int) -> bool:
    """Whether AWS accepts so many data nodes: one a zone at least, and an even number over two zones.

    https://docs.aws.amazon.com/opensearch-service/latest/developerguide/managedomains-multiaz.html
    """
    return data_nodes >= zones and (zones != _PAIR or data_nodes % _PAIR == 0)
