"""Answers with its version and colour. With FAIL_AFTER set, /healthz fails once that many requests were served."""

import os
import signal
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

VERSION = open("/app/version.txt").read().strip()
COLOUR = os.environ.get("COLOUR", "none")
FAIL_AFTER = int(os.environ.get("FAIL_AFTER", "0"))
served = 0


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        global served
        healthy = VERSION != "broken" and not (FAIL_AFTER and served >= FAIL_AFTER)
        if self.path == "/healthz":
            return self.answer(200 if healthy else 500, "well" if healthy else "not well")
        if self.path != "/":
            return self.answer(404, "there is nothing here")
        served += 1
        self.answer(200, f"{VERSION} {COLOUR}")

    def answer(self, status, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = False


server = Server(("0.0.0.0", 8080), Handler)
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
server.serve_forever()
server.server_close()
