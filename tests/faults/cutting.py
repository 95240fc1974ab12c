"""A wire between client and server that can be cut at the worst moment: around COMMIT."""

import shutil
import socket
import tempfile
import threading
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlsplit

SOCKET = ".s.PGSQL.5432"
# A simple query message: kind, length, text, NUL.
COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"
BEFORE, AFTER, NEVER = "before", "after", "never"


class Wire:
    """Passes bytes between a socket of its own and the server's; cuts as told, once each time."""

    def __init__(self, url):
        # A socket's address is short: a folder of pytest's would not fit.
        self._folder = Path(tempfile.mkdtemp(prefix="rongqiao-wire-"))
        self._upstream = unquote(parse_qs(urlsplit(url).query)["host"][0]) + f"/{SOCKET}"
        self.url = (
            urlsplit(url)._replace(query=f"host={quote(str(self._folder), safe='')}").geturl()
        )
        self.cut, self.cuts = NEVER, 0
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(self._folder / SOCKET))
        self._listening.listen(64)
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def close(self):
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._accepting.join()
        shutil.rmtree(self._folder)

    def _accept(self):
        while True:
            try:
                client, _address = self._listening.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(self._upstream)
            link = Link(self, client, server)
            for pump in (link.upwards, link.downwards):
                threading.Thread(target=pump, daemon=True).start()


class Link:
    """One connection through the wire."""

    def __init__(self, wire, client, server):
        self._wire, self._client, self._server, self._is_mute = wire, client, server, False
        self._lock, self._pumps = threading.Lock(), 2

    def upwards(self):
        """From client to server; the place where COMMIT is seen."""
        try:
            while content := self._client.recv(65536):
                if COMMIT in content and self._wire.cut != NEVER:
                    how, self._wire.cut = self._wire.cut, NEVER
                    self._wire.cuts += 1
                    # After: the server gets to commit, the client never hears of it.
                    self._is_mute = True
                    if how == BEFORE:
                        break
                self._server.sendall(content)
        except OSError:
            pass
        self._end()

    def downwards(self):
        try:
            while content := self._server.recv(65536):
                if self._is_mute:
                    break
                self._client.sendall(content)
        except OSError:
            pass
        self._end()

    def _end(self):
        for end in (self._client, self._server):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
        with self._lock:
            self._pumps -= 1
            if self._pumps == 0:
                self._client.close()
                self._server.close()
