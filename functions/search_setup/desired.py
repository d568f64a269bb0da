"""What has to be inside OpenSearch, as data: who writes, how logs are indexed, when they go."""

from typing import Any

WRITER = "log_writer"
"""The role of OpenSearch that the forwarder gets."""
RETENTION = "logs-retention"
_INDICES = ["logs-*"]


def writer() -> dict[str, Any]:
    """May create the daily indices and add to them; it cannot read or delete.

    https://docs.opensearch.org/latest/security/access-control/default-action-groups/
    """
    return {
        "cluster_permissions": ["indices:data/write/bulk"],
        "index_permissions": [
            {
                "index_patterns": _INDICES,
                "allowed_actions": ["create_index", "indices:admin/auto_create", "index"],
            }
        ],
    }


def template() -> dict[str, Any]:
    """The form of every daily index: five fields, and nothing that a log line could add to them.

    https://docs.opensearch.org/latest/im-plugin/index-templates/
    """
    keyword = {"type": "keyword", "ignore_above": 512}
    return {
        "index_patterns": _INDICES,
        "template": {
            "settings": {
                "index.number_of_shards": "1",
                "index.number_of_replicas": "1",
                "index.search.slowlog.threshold.query.warn": "5s",
                "index.indexing.slowlog.threshold.index.warn": "5s",
            },
            "mappings": {
                "dynamic": False,
                "properties": {
                    "@timestamp": {"type": "date"},
                    "group": keyword,
                    "stream": keyword,
                    "level": keyword,
                    "message": {"type": "text"},
                },
            },
        },
    }


def retention(days: int) -> dict[str, Any]:
    """Deletes an index that is older than so many days.

    OpenSearch adds defaults of its own to a stored policy; the description is how the same policy is
    recognised.
    https://docs.opensearch.org/latest/im-plugin/ism/policies/
    """
    return {
        "policy": {
            "description": f"Deletes logs after {days} days",
            "default_state": "kept",
            "states": [
                {
                    "name": "kept",
                    "actions": [],
                    "transitions": [{"state_name": "deleted", "conditions": {"min_index_age": f"{days}d"}}],
                },
                {"name": "deleted", "actions": [{"delete": {}}], "transitions": []},
            ],
            "ism_template": [{"index_patterns": _INDICES, "priority": 100}],
        }
    }
