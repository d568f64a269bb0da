"""The deployed stack as an attacker meets it: its headers, its TLS, its ports, its buckets.

Nothing here needs more than reading, and nothing is tried that could harm.
"""

import re
import socket
import ssl
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, Final
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from components.contract import HEALTH_PATH
from operate import http
from operate.aws import LOCAL, code_of
from operate.errors import RemoteError
from operate.outputs import PROJECT
from operate.stack import Stack

_TIMEOUT_SECONDS: Final = 10
_KNOCK_SECONDS: Final = 2.0
_YEAR_SECONDS: Final = 31_536_000
_RENEWED_BEFORE: Final = timedelta(days=14)
"""AWS renews a certificate 60 days before its end and rings at 45: two weeks are an emergency."""
_OLD: Final = (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1)
_NEW: Final = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)
_KNOCKED: Final[Mapping[int, str]] = {
    21: "FTP",
    22: "SSH",
    80: "HTTP",
    3000: "the application",
    3389: "remote desktop",
    5432: "PostgreSQL",
    6379: "the cache",
    8125: "the agent",
    9200: "the search",
}
"""What should not be reached from the internet at any address but the edge's. The VPN answers on 443."""
_EVERYWHERE: Final = ("0.0.0.0/0", "::/0")


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One thing that was tried."""

    name: str
    fine: bool | None
    """None where it could not be tried."""
    says: str


def look(stack: Stack, trust: ssl.SSLContext | None = None) -> Iterator[Check]:
    """Everything, each check as it is made.

    Args:
        stack: the stack.
        trust: whom the site's certificate has to be from; the public authorities where None.
    """
    url = urlsplit(stack.outputs["url"])
    if url.scheme == "https":
        yield from headers(url.hostname or "", url.port or 443, trust)
        yield from tls(url.hostname or "", url.port or 443, stack.clock.now(), trust)
        yield plain(url.hostname or "")
    else:
        yield Check(
            name="TLS", fine=None, says=f"{stack.outputs['url']} has none: that is so on {LOCAL} alone"
        )
    yield from groups(stack)
    yield from addresses(stack)
    yield from buckets(stack)


def headers(host: str, port: int, trust: ssl.SSLContext | None = None) -> Iterator[Check]:
    """What every answer tells a browser.

    Raises:
        RemoteError: the site does not answer.
    """
    found = _headers(host, port, trust)
    age = re.search(r"max-age=(\d+)", found.get("strict-transport-security", ""))
    yield _header(found, "strict-transport-security", age is not None and int(age[1]) >= _YEAR_SECONDS)
    yield _header(
        found, "x-content-type-options", found.get("x-content-type-options", "").lower() == "nosniff"
    )
    policy = found.get("content-security-policy", "")
    yield _header(found, "content-security-policy", "object-src" in policy or "default-src" in policy)
    frames = found.get("x-frame-options", "").upper() in ("DENY", "SAMEORIGIN") or "frame-ancestors" in policy
    yield Check(name="frames", fine=frames, says="refused" if frames else "any site may frame the pages")
    yield _header(found, "referrer-policy", found.get("referrer-policy", "unsafe-url") != "unsafe-url")
    told = [name for name in ("x-powered-by", "x-aspnet-version") if name in found]
    told += ["server"] if re.search(r"\d", found.get("server", "")) else []
    yield Check(name="software", fine=not told, says=f"shown by {', '.join(told)}" if told else "not shown")


def _header(found: Mapping[str, str], name: str, fine: bool) -> Check:
    return Check(name=name, fine=fine, says=found.get(name, "missing"))


def _headers(host: str, port: int, trust: ssl.SSLContext | None) -> dict[str, str]:
    connection = HTTPSConnection(
        host, port, timeout=_TIMEOUT_SECONDS, context=trust or ssl.create_default_context()
    )
    try:
        connection.request("GET", HEALTH_PATH, headers={"User-Agent": "syncup"})
        return {name.lower(): value for name, value in connection.getresponse().getheaders()}
    except (HTTPException, OSError) as error:
        raise RemoteError(f"https://{host}{HEALTH_PATH} does not answer: {error}") from None
    finally:
        connection.close()


def tls(host: str, port: int, now: datetime, trust: ssl.SSLContext | None = None) -> Iterator[Check]:
    """Which versions of TLS are spoken, how long the certificate lives, and that nothing goes in clear.

    Args:
        host: the site's name.
        port: 443, but in tests.
        now: the time.
        trust: whom the certificate has to be from; the public authorities where None.
    """
    for version in _OLD:
        spoken = _speaks(host, port, version)
        says = {True: "spoken", False: "refused", None: "this machine's OpenSSL cannot try it"}[spoken]
        yield Check(name=_name(version), fine=None if spoken is None else not spoken, says=says)
    spoken_new = [version for version in _NEW if _speaks(host, port, version)]
    names = ", ".join(map(_name, spoken_new)) or "neither 1.2 nor 1.3"
    yield Check(name="TLS today", fine=bool(spoken_new), says=names)
    yield _certificate(host, port, now, trust)


def plain(host: str, port: int = 80) -> Check:
    """Whether who comes without TLS is sent to the same page with it."""
    connection = HTTPConnection(host, port, timeout=_TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/", headers={"User-Agent": "syncup"})
        answer = connection.getresponse()
        target = answer.getheader("Location", "")
    except (HTTPException, OSError):
        return Check(name="without TLS", fine=True, says="nobody answers")
    finally:
        connection.close()
    fine = answer.status in (301, 308) and target.startswith("https://")
    return Check(name="without TLS", fine=fine, says=f"{answer.status} {target}".strip())


def _speaks(host: str, port: int, version: ssl.TLSVersion) -> bool | None:
    """Whether a server agrees to a version; None where it cannot be offered."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # Who is there is another check's question; nothing is said in this session.
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        context.set_ciphers("ALL:@SECLEVEL=0")
        with warnings.catch_warnings():
            # That the old ones are deprecated is why they are tried.
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = context.maximum_version = version
    except (ValueError, ssl.SSLError):
        return None
    try:
        with (
            socket.create_connection((host, port), timeout=_TIMEOUT_SECONDS) as line,
            context.wrap_socket(line, server_hostname=host) as secure,
        ):
            return secure.version() is not None
    except ssl.SSLError as error:
        return None if "NO_PROTOCOLS_AVAILABLE" in str(error) else False
    except ConnectionError:
        return False
    except OSError as error:
        raise RemoteError(f"{host}:{port} could not be reached: {error}") from None


def _name(version: ssl.TLSVersion) -> str:
    number = version.name.removeprefix("TLSv").replace("_", ".")
    return f"TLS {number if '.' in number else f'{number}.0'}"


def _certificate(host: str, port: int, now: datetime, trust: ssl.SSLContext | None) -> Check:
    try:
        with (
            socket.create_connection((host, port), timeout=_TIMEOUT_SECONDS) as line,
            (trust or ssl.create_default_context()).wrap_socket(line, server_hostname=host) as secure,
        ):
            found: Any = secure.getpeercert()
    except ssl.SSLError as error:
        return Check(name="certificate", fine=False, says=str(error.reason or error))
    except OSError as error:
        raise RemoteError(f"{host}:{port} could not be reached: {error}") from None
    until = datetime.fromtimestamp(ssl.cert_time_to_seconds(found["notAfter"]), UTC)
    return Check(name="certificate", fine=until - now > _RENEWED_BEFORE, says=f"until {until:%Y-%m-%d}")


def groups(stack: Stack) -> Iterator[Check]:
    """Which security groups let the whole internet in. Ours let in nobody but each other and the edge."""
    pages = (
        stack.client("ec2")
        .get_paginator("describe_security_groups")
        .paginate(Filters=[{"Name": "vpc-id", "Values": [_network(stack)]}])
    )
    opened = [
        f"{group['GroupId']} ({group['GroupName']}) {_ports(rule)}"
        for page in pages
        for group in page["SecurityGroups"]
        for rule in group["IpPermissions"]
        if _from_everywhere(rule)
    ]
    yield Check(
        name="security groups",
        fine=not opened,
        says=f"open to everybody: {', '.join(opened)}" if opened else "none is open to everybody",
    )


def _from_everywhere(rule: Mapping[str, Any]) -> bool:
    ranges = [entry["CidrIp"] for entry in rule.get("IpRanges", ())]
    ranges += [entry["CidrIpv6"] for entry in rule.get("Ipv6Ranges", ())]
    return any(entry in _EVERYWHERE for entry in ranges)


def _ports(rule: Mapping[str, Any]) -> str:
    first, last = rule.get("FromPort"), rule.get("ToPort")
    if first is None or first == -1:
        return "every port"
    return f"port {first}" if first == last else f"ports {first} to {last}"


def addresses(stack: Stack, knock: Callable[[str, int], bool] | None = None) -> Iterator[Check]:
    """Which ports of the network's public addresses take a connection.

    Args:
        stack: the stack.
        knock: whether somebody takes a connection; a real attempt where None.
    """
    knock = knock or _answers
    pages = (
        stack.client("ec2")
        .get_paginator("describe_network_interfaces")
        .paginate(Filters=[{"Name": "vpc-id", "Values": [_network(stack)]}])
    )
    public = sorted(
        {
            interface["Association"]["PublicIp"]
            for page in pages
            for interface in page["NetworkInterfaces"]
            if "PublicIp" in interface.get("Association", {})
        }
    )
    opened = [
        f"{address}:{port} ({what})"
        for address in public
        for port, what in _KNOCKED.items()
        if knock(address, port)
    ]
    said = f"{len(public)} public addresses, {len(_KNOCKED)} ports each"
    yield Check(
        name="open ports", fine=not opened, says=f"{', '.join(opened)} answer" if opened else f"none; {said}"
    )


def _answers(address: str, port: int) -> bool:
    with socket.socket() as line:
        line.settimeout(_KNOCK_SECONDS)
        return line.connect_ex((address, port)) == 0


def _network(stack: Stack) -> str:
    """The identifier of the stack's network: the bastion's."""
    answer = stack.client("ec2").describe_instances(InstanceIds=[stack.outputs["bastion-instance"]])
    return answer["Reservations"][0]["Instances"][0]["VpcId"]


def buckets(stack: Stack) -> Iterator[Check]:
    """Whether a bucket of the stack lets everybody in: by its settings, by its policy, and when asked."""
    s3 = stack.client("s3")
    names = [
        bucket["Name"]
        for bucket in s3.list_buckets()["Buckets"]
        if bucket["Name"].startswith(f"{PROJECT}-{stack.name}-")
    ]
    if not names:
        yield Check(
            name="buckets", fine=None, says=f"there is none whose name begins {PROJECT}-{stack.name}-"
        )
        return
    bad = [f"{name}: {problem}" for name in names for problem in _problems(stack, name)]
    yield Check(
        name="buckets",
        fine=not bad,
        says="; ".join(bad) if bad else f"{len(names)} buckets, none lets everybody in",
    )


def _problems(stack: Stack, name: str) -> Iterator[str]:
    s3 = stack.client("s3")
    home = stack.client("s3", s3.head_bucket(Bucket=name).get("BucketRegion"))
    blocked = _unless(
        "NoSuchPublicAccessBlockConfiguration",
        lambda: s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"],
    )
    if blocked is None or not all(blocked.values()):
        yield "public access is not blocked"
    status = _unless("NoSuchBucketPolicy", lambda: s3.get_bucket_policy_status(Bucket=name)["PolicyStatus"])
    if status is not None and status.get("IsPublic"):
        yield "its policy is public"
    answer = http.ask("GET", f"{home.meta.endpoint_url}/{name}?list-type=2&max-keys=1")
    if answer.status == 200:  # noqa: PLR2004 (HTTP's)
        yield "it lists its objects to everybody"


def _unless(code: str, ask: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """An answer, or None where AWS says that there is no such setting."""
    try:
        return ask()
    except ClientError as error:
        if code_of(error) == code:
            return None
        raise


def verdict(checks: Sequence[Check]) -> bool:
    """Whether nothing that was tried went wrong."""
    return all(check.fine is not False for check in checks)
