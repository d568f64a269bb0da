"""Whom the functions trust, and where they go. A server's name is checked in any case."""

import os
import ssl
from pathlib import Path

import botocore.httpsession


def endpoint(text: str) -> tuple[str, int]:
    """Host and port of `host:port`."""
    host, _, port = text.rpartition(":")
    return host, int(port)


def instance_trust() -> ssl.SSLContext:
    """Trusts RDS' own certificate authorities alone, which sign the certificates of instances."""
    bundle = os.environ.get("DATABASE_CA") or str(Path(__file__).with_name("rds-ca.pem"))
    return ssl.create_default_context(cafile=bundle)


def public_trust() -> ssl.SSLContext:
    """Trusts the public authorities, which sign the certificates of RDS Proxy and ElastiCache.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy.howitworks.html
    """
    bundle = os.environ.get("PUBLIC_CA") or botocore.httpsession.DEFAULT_CA_BUNDLE
    return ssl.create_default_context(cafile=bundle)
