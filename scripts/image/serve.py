# SPDX-License-Identifier: GPL-2.0-or-later
"""serve.py PORT FOLDER: answers GET /metrics with the files *.prom of the folder, one behind the other, and /healthz. A few requests at a
time, each with a few seconds from its connection to its last byte. When all places are taken, the oldest goes:
whoever can reach the port can
hold nothing else up."""

import glob
import http.server
import os
import signal
import socket
import sys
import threading

SECONDS, AT_ONCE, BYTES = 5, 8, 16 << 20
TYPE = "text/plain; version=0.0.4; charset=utf-8"


def metrics(folder):
    """Files that are replaced meanwhile are read whole: their writer renames them."""
    text = b""
    for path in sorted(glob.glob(os.path.join(glob.escape(folder), "*.prom"))):
        try:
            with open(path, "rb") as file:
                text += file.read(BYTES)
        except OSError:  # its writer has taken it back
            continue
    return text


class Handler(http.server.BaseHTTPRequestHandler):
    folder = ""

    def do_GET(self):
        if self.path not in ("/metrics", "/healthz"):
            self.send_error(404)
            return
        text = metrics(self.folder) if self.path == "/metrics" else b"ok\n"
        self.send_response(200)
        self.send_header("Content-Type", TYPE)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        """Neither what is asked nor by whom is for the log."""


def shut(request):
    """Ends what waits for this connection, in whichever thread."""
    try:
        request.shutdown(socket.SHUT_RDWR)
    except OSError:  # it has ended
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, *args):
        self.lock = threading.Lock()
        self.timers = {}  # by connection, the oldest first
        super().__init__(*args)

    def process_request(self, request, client_address):
        timer = threading.Timer(SECONDS, shut, (request,))
        timer.daemon = True
        with self.lock:
            if len(self.timers) == AT_ONCE:
                oldest = next(iter(self.timers))
                self.timers.pop(oldest).cancel()
                shut(oldest)
            self.timers[request] = timer
        timer.start()
        super().process_request(request, client_address)

    def process_request_thread(self, request, client_address):
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self.lock:
                timer = self.timers.pop(request, None)
            if timer:
                timer.cancel()

    def handle_error(self, *_):
        """A client that has gone is none."""


def main(port, folder):
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))  # process 1 of a container has no other way to hear of its end
    Handler.folder = folder
    Server(("", int(port)), Handler).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
