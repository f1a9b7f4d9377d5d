"""Answers with its name, and with what reached it: the path, the host and how many bytes of a body."""

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        if self.headers.get("Upgrade") == "echo":
            return self.echo()
        self.answer()

    def echo(self):
        self.send_response(101)
        self.send_header("Connection", "Upgrade")
        self.send_header("Upgrade", "echo")
        self.end_headers()
        while part := self.connection.recv(4096):
            self.connection.sendall(part)
        self.close_connection = True

    def answer(self):
        length = int(self.headers.get("Content-Length", "0"))
        got = len(self.rfile.read(length))
        told = {"name": os.environ["NAME"], "path": self.path, "host": self.headers["Host"], "bytes": got}
        body = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = answer

    def log_message(self, *args):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 128


Server(("0.0.0.0", 8080), Handler).serve_forever()
