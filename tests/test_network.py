"""No test depends on the network."""

import socket

import pytest
from pytest_socket import SocketConnectBlockedError


def test_whoever_reaches_for_the_network_fails() -> None:
    # 192.0.2.1 is nobody's: https://www.rfc-editor.org/rfc/rfc5737
    with pytest.raises((SocketConnectBlockedError, UserWarning), match="connect"):
        socket.create_connection(("192.0.2.1", 443), timeout=0.2)
