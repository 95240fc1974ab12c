"""`python -m rongqiao_sandboxes.registries --port 8024 --state DIR [--callback URL]`.

Secrets come in the environment: REGISTRIES_SECRET signs questions and answers,
REGISTRIES_CALLBACK_SECRET what is told. With --leashed the service ends with the process that
started it.
"""

from __future__ import annotations

import argparse
import os
import threading
import time
from pathlib import Path

from rongqiao_sandboxes.registries.server import Registries, serve
from rongqiao_sandboxes.registries.town import Town

PARENT_LOOKED_AFTER_SECONDS = 0.5


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(prog="rongqiao_sandboxes.registries", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--callback", default="", help="address told of each ticket that is ready")
    parser.add_argument("--leashed", action="store_true", help="end with the parent process")
    options = parser.parse_args()
    secret, callback_secret = (
        os.environ.get(name, "") for name in ("REGISTRIES_SECRET", "REGISTRIES_CALLBACK_SECRET")
    )
    if not secret or not callback_secret:
        parser.error("REGISTRIES_SECRET and REGISTRIES_CALLBACK_SECRET are needed")
    if options.leashed:
        threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    registries = Registries(Town(options.state, secret), secret, options.callback, callback_secret)
    server = serve(options.port, registries)
    print(f"Registries: http://127.0.0.1:{server.server_port}/", flush=True)  # noqa: T201
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


def _end_with(parent: int) -> None:
    """End as soon as the parent is gone, however it went."""
    while os.getppid() == parent:
        time.sleep(PARENT_LOOKED_AFTER_SECONDS)
    os._exit(0)


if __name__ == "__main__":
    main()
