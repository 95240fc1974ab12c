"""`python -m rongqiao_sandboxes.bank --port 8022 --state DIR [--callback URL] [--manual]
[--patient]`.

Secrets come in the environment: BANK_SECRET signs what is asked of the bank, BANK_CALLBACK_SECRET
what the bank tells. With --manual the clock stands where it is put, nothing settles but by
POST /sandbox/settle, callbacks are fetched by GET /sandbox/callbacks?take=1, and the service ends
with the process that started it. With --patient nothing depends on the machine's speed: no
connection is idle for too long, and no signed request too old.
"""

from __future__ import annotations

import argparse
import os
import threading
import time
from pathlib import Path

from rongqiao_sandboxes.bank.callbacks import Teller
from rongqiao_sandboxes.bank.server import Bank, serve
from rongqiao_sandboxes.bank.state import State

PARENT_LOOKED_AFTER_SECONDS = 0.5


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(prog="rongqiao_sandboxes.bank", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--callback", default="", help="address told of each result")
    parser.add_argument("--manual", action="store_true", help="nothing happens but on request")
    parser.add_argument("--patient", action="store_true", help="no request comes too late")
    options = parser.parse_args()
    secret, callback_secret = (
        os.environ.get(name, "") for name in ("BANK_SECRET", "BANK_CALLBACK_SECRET")
    )
    if not secret or not callback_secret:
        parser.error("BANK_SECRET and BANK_CALLBACK_SECRET are needed")
    if options.manual:
        parent = os.getppid()
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    state = State(options.state, is_manual=options.manual)
    teller = Teller(options.callback, callback_secret)
    bank = Bank(state, secret, teller, is_patient=options.patient)
    server = serve(options.port, bank)
    bank.start()
    print(f"Custodian bank: http://127.0.0.1:{server.server_port}/", flush=True)  # noqa: T201
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
