"""What an attacker would find is found: on real TLS, and in AWS' answers."""

import socket
import ssl
import threading
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from local.certificates import Certificates
from operate import security_exposure
from operate.errors import RemoteError
from operate.http import Answer as HttpAnswer
from operate.security_exposure import Check, addresses, buckets, groups, headers, plain, tls
from operate.stack import Stack
from tests.functions.conftest import tls as certificates
from tests.functions.server import serving
from tests.operate.double import NOW, Answer, Aws, Parameters, error
from tests.operate.healthy import OUTPUTS

__all__ = ["certificates"]

GOOD_HEADERS = {
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains; preload",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Content-Security-Policy": "base-uri 'self'; frame-ancestors 'none'; object-src 'none'",
}


@contextmanager
def site(found: Certificates, sent: Mapping[str, str], *versions: ssl.TLSVersion) -> Generator[int]:
    """A site with TLS that sends these headers; returns its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response_only(200)
            for name, value in sent.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the library's name)
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            pass  # who is refused hangs up

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    folder = found.authority.parent
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    if versions:
        context.minimum_version, context.maximum_version = min(versions), max(versions)
    listener = Server(("127.0.0.1", 0), Handler)
    listener.socket = context.wrap_socket(listener.socket, server_side=True)
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield listener.server_port
    finally:
        listener.shutdown()
        thread.join()
        listener.server_close()


def _trust(found: Certificates) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(found.authority))


def _by_name(checks: Iterator[Check]) -> dict[str, Check]:
    return {check.name: check for check in checks}


def test_careful_headers_are_fine(certificates: Certificates) -> None:
    with site(certificates, GOOD_HEADERS) as port:
        seen = list(headers("127.0.0.1", port, _trust(certificates)))
    assert all(check.fine for check in seen), seen


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"Strict-Transport-Security": ""}, "strict-transport-security"),
        ({"Strict-Transport-Security": "max-age=300"}, "strict-transport-security"),
        ({"X-Content-Type-Options": "sniff"}, "x-content-type-options"),
        ({"Content-Security-Policy": "img-src *"}, "content-security-policy"),
        ({"X-Frame-Options": "ALLOWALL", "Content-Security-Policy": "object-src 'none'"}, "frames"),
        ({"Referrer-Policy": "unsafe-url"}, "referrer-policy"),
        ({"X-Powered-By": "Express"}, "software"),
        ({"Server": "nginx/1.18.0"}, "software"),
    ],
)
def test_each_careless_header_is_found(
    certificates: Certificates, changed: dict[str, str], name: str
) -> None:
    with site(certificates, {**GOOD_HEADERS, **changed}) as port:
        seen = list(headers("127.0.0.1", port, _trust(certificates)))
    assert [check.name for check in seen if not check.fine] == [name]


def test_today_s_versions_are_spoken_and_the_certificate_holds(certificates: Certificates) -> None:
    new = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)
    with site(certificates, {}, *new) as port:
        seen = _by_name(tls("127.0.0.1", port, NOW, _trust(certificates)))
    assert seen["TLS today"] == Check(name="TLS today", fine=True, says="TLS 1.2, TLS 1.3")
    assert seen["TLS 1.0"].fine is not False
    assert seen["TLS 1.1"].fine is not False


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_an_old_version_is_found_where_it_can_be_tried(certificates: Certificates) -> None:
    old = (ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2)
    with site(certificates, {}, *old) as port:
        seen = _by_name(tls("127.0.0.1", port, NOW, _trust(certificates)))
    if seen["TLS 1.1"].fine is None:
        pytest.skip("this OpenSSL has no TLS 1.1")
    assert seen["TLS 1.1"] == Check(name="TLS 1.1", fine=False, says="spoken")
    assert seen["TLS today"].says == "TLS 1.2"


def test_a_certificate_that_ends_soon_or_is_nobodys_is_found(certificates: Certificates) -> None:
    with site(certificates, {}) as port:
        soon = _by_name(tls("127.0.0.1", port, datetime.now(UTC), _trust(certificates)))["certificate"]
        early = datetime.now(UTC) - timedelta(days=30)
        fine = _by_name(tls("127.0.0.1", port, early, _trust(certificates)))["certificate"]
        unknown = _by_name(tls("127.0.0.1", port, early))["certificate"]
    assert (soon.fine, fine.fine, unknown.fine) == (False, True, False)
    assert "VERIFY_FAILED" in unknown.says


def test_a_site_that_does_not_answer_is_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(RemoteError, match="does not answer"):
            list(headers("127.0.0.1", port))
        with pytest.raises(RemoteError, match="could not be reached"):
            list(tls("127.0.0.1", port, NOW))
        assert plain("127.0.0.1", port).fine


def test_what_comes_without_tls_must_be_sent_away() -> None:
    with serving(lambda _: (200, b"hello")) as server:
        assert plain("127.0.0.1", int(server.url.rpartition(":")[2])) == Check(
            name="without TLS", fine=False, says="200"
        )


def group(*cidrs: str, port: int | None = 5432) -> dict[str, Any]:
    """A security group with one rule."""
    ports = {} if port is None else {"FromPort": port, "ToPort": port}
    rule = {
        "IpProtocol": "tcp" if ports else "-1",
        **ports,
        "IpRanges": [{"CidrIp": cidr} for cidr in cidrs if ":" not in cidr],
        "Ipv6Ranges": [{"CidrIpv6": cidr} for cidr in cidrs if ":" in cidr],
    }
    return {"GroupId": "sg-1", "GroupName": "database", "IpPermissions": [rule]}


def network(*found: dict[str, Any], public: tuple[str, ...] = ()) -> dict[str, Answer]:
    """A network with these groups and public addresses, and one private one."""
    interfaces = [{"Association": {"PublicIp": address}} for address in public]
    return {
        "ec2.DescribeInstances": {"Reservations": [{"Instances": [{"VpcId": "vpc-1"}]}]},
        "ec2.DescribeSecurityGroups": {"SecurityGroups": list(found)},
        "ec2.DescribeNetworkInterfaces": {"NetworkInterfaces": [*interfaces, {}]},
    }


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (group("0.0.0.0/0"), "open to everybody: sg-1 (database) port 5432"),
        (group("::/0"), "open to everybody: sg-1 (database) port 5432"),
        (group("0.0.0.0/0", port=None), "open to everybody: sg-1 (database) every port"),
        (group("10.0.0.0/8"), "none is open to everybody"),
        (group(), "none is open to everybody"),
    ],
)
def test_a_group_that_lets_everybody_in_is_found(
    stack: Stack, aws: Aws, found: dict[str, Any], says: str
) -> None:
    aws.answers.update(network(found))
    (check,) = groups(stack)
    assert (check.fine, check.says) == (says.startswith("none"), says)
    assert aws.named("ec2.DescribeSecurityGroups")[0]["Filters"] == [{"Name": "vpc-id", "Values": ["vpc-1"]}]


def test_ports_are_knocked_at_on_every_public_address(stack: Stack, aws: Aws) -> None:
    aws.answers.update(network(public=("198.51.100.2", "198.51.100.1")))
    knocked: list[tuple[str, int]] = []

    def knock(address: str, port: int) -> bool:
        knocked.append((address, port))
        return (address, port) == ("198.51.100.2", 22)

    (check,) = addresses(stack, knock)
    assert (check.fine, check.says) == (False, "198.51.100.2:22 (SSH) answer")
    assert {address for address, _ in knocked} == {"198.51.100.1", "198.51.100.2"}
    (check,) = addresses(stack, lambda *_: False)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    assert (check.fine, check.says) == (True, "none; 2 public addresses, 9 ports each")


def test_who_listens_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        assert security_exposure._answers("127.0.0.1", port)  # pyright: ignore[reportPrivateUsage]
    assert not security_exposure._answers("127.0.0.1", port)  # pyright: ignore[reportPrivateUsage]


_CLOSED = dict.fromkeys(
    ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
)


def stored(**changes: Answer) -> dict[str, Answer]:
    """Two buckets of the stack and one of another, all closed."""
    names = [OUTPUTS["dump-bucket"], OUTPUTS["static-bucket"], "syncup-production-dumps"]
    return {
        "s3.ListBuckets": {"Buckets": [{"Name": name} for name in names]},
        "s3.HeadBucket": {"BucketRegion": "us-west-2"},
        "s3.GetPublicAccessBlock": {"PublicAccessBlockConfiguration": _CLOSED},
        "s3.GetBucketPolicyStatus": {"PolicyStatus": {"IsPublic": False}},
        **{f"s3.{name}": answer for name, answer in changes.items()},
    }


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was asked of S3 without credentials, which it refuses."""
    urls: list[str] = []

    def ask(_: str, url: str) -> HttpAnswer:
        urls.append(url)
        return HttpAnswer(status=403, milliseconds=1, says="")

    monkeypatch.setattr("operate.http.ask", ask)
    return urls


def test_closed_buckets_are_fine(stack: Stack, aws: Aws, asked: list[str]) -> None:
    aws.answers.update(stored())
    (check,) = buckets(stack)
    assert (check.fine, check.says) == (True, "2 buckets, none lets everybody in")
    assert len(asked) == 2
    assert asked[0].startswith(f"https://s3.us-west-2.amazonaws.com/{OUTPUTS['dump-bucket']}?")


def _not_blocked(_: Parameters) -> Any:
    return {"PublicAccessBlockConfiguration": {**_CLOSED, "BlockPublicPolicy": False}}


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ({"GetPublicAccessBlock": _not_blocked}, "public access is not blocked"),
        (
            {"GetPublicAccessBlock": error("NoSuchPublicAccessBlockConfiguration")},
            "public access is not blocked",
        ),
        ({"GetBucketPolicyStatus": {"PolicyStatus": {"IsPublic": True}}}, "its policy is public"),
    ],
)
def test_an_open_bucket_is_found(stack: Stack, aws: Aws, answers: dict[str, Answer], says: str) -> None:
    aws.answers.update(stored(**answers))
    (check,) = buckets(stack)
    assert check.fine is False
    assert says in check.says


def test_a_bucket_without_a_policy_is_nobodys(stack: Stack, aws: Aws, asked: list[str]) -> None:
    aws.answers.update(stored(GetBucketPolicyStatus=error("NoSuchBucketPolicy")))
    (check,) = buckets(stack)
    assert check.fine


def test_a_bucket_that_answers_strangers_is_found(
    stack: Stack, aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask(*_: str) -> HttpAnswer:
        return HttpAnswer(status=200, milliseconds=1, says="<ListBucketResult>")

    monkeypatch.setattr("operate.http.ask", ask)
    aws.answers.update(stored())
    (check,) = buckets(stack)
    assert "it lists its objects to everybody" in check.says


def test_without_buckets_nothing_is_claimed(stack: Stack, aws: Aws) -> None:
    aws.answers["s3.ListBuckets"] = {"Buckets": []}
    (check,) = buckets(stack)
    assert check.fine is None
