"""A double of AWS' Session Manager plugin, run as the program that it is: forwards one port, for a while."""

import json
import os
import socket
import sys
import threading
from pathlib import Path


def _copy(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return


def main() -> None:
    """Leaves beside itself what it was called with."""
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        sys.stdout.write(os.environ.get("PLUGIN_VERSION", "1.2.707.0\n"))
        return
    seen = {"arguments": arguments, "response": os.environ.get(arguments[0])}
    Path(os.environ["PLUGIN_LOG"]).write_text(json.dumps(seen), encoding="utf-8")
    if os.environ.get("PLUGIN_FAILS"):
        sys.exit(255)
    parameters = json.loads(arguments[4])["Parameters"]
    target = (parameters["host"][0], int(parameters["portNumber"][0]))
    with socket.create_server(("127.0.0.1", int(parameters["localPortNumber"][0]))) as listener:
        while True:
            near, _ = listener.accept()
            far = socket.create_connection(target)
            for pair in ((near, far), (far, near)):
                threading.Thread(target=_copy, args=pair, daemon=True).start()


if __name__ == "__main__":
    main()
