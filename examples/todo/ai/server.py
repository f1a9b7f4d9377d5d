"""A stand-in for Groq's chat completions; see README.md. Needs nothing but Python."""

import json
import os
import signal
import sys
import time
import uuid
from hmac import compare_digest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tasks import tasks_of

MODELS = ["llama-3.3-70b-versatile", "llama-3.1-8b-instant"]
MOST_BYTES = 1 << 20


class Refusal(Exception):
    """An answer in the service's error shape."""

    def __init__(self, status: int, message: str, kind: str = "invalid_request_error", code: str | None = None):
        super().__init__(message)
        self.status = status
        self.body = {"error": {"message": message, "type": kind, **({"code": code} if code else {})}}


def completion(request: object) -> dict:
    """The answer to a chat completion request. Raises Refusal for what the service refuses, or what this cannot do."""
    if not isinstance(request, dict):
        raise Refusal(400, "the body must be a JSON object")
    model, messages = request.get("model"), request.get("messages")
    if not isinstance(model, str) or model == "":
        raise Refusal(400, "'model' : property 'model' is missing")
    if model not in MODELS:
        raise Refusal(404, f"The model `{model}` does not exist or you do not have access to it.", code="model_not_found")
    if not isinstance(messages, list) or not messages:
        raise Refusal(400, "'messages' : minimum number of items is 1")
    for index, message in enumerate(messages):
        if not isinstance(message, dict) or message.get("role") not in ("system", "user", "assistant"):
            raise Refusal(400, f"'messages.{index}' : 'role' must be system, user or assistant")
        if not isinstance(message.get("content"), str):
            raise Refusal(400, f"'messages.{index}' : 'content' must be a string")
    if request.get("stream") or request.get("tools") or request.get("n", 1) != 1:
        raise Refusal(400, "this stand-in has no stream, no tools and one choice")

    spoken = next((m["content"] for m in reversed(messages) if m["role"] == "user"), "")
    tasks = tasks_of(spoken)
    if _wants_json(request, messages):
        content = json.dumps({"todos": tasks}, ensure_ascii=False)
    else:
        content = "\n".join(f"- {task}" for task in tasks)
    said = sum(len(message["content"].split()) for message in messages)
    answered = len(content.split())
    return {
        "id": f"chatcmpl-{uuid.uuid4()}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": model,
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": content},
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": said, "completion_tokens": answered, "total_tokens": said + answered},
        "system_fingerprint": "local-stand-in",
    }


def _wants_json(request: dict, messages: list[dict]) -> bool:
    wanted = request.get("response_format") or {"type": "text"}
    kind = wanted.get("type") if isinstance(wanted, dict) else None
    if kind not in ("text", "json_object"):
        raise Refusal(400, "'response_format.type' must be text or json_object")
    if kind == "json_object" and not any("json" in message["content"].lower() for message in messages):
        raise Refusal(400, "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.")
    return kind == "json_object"


def handler(key: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version = "groq-stand-in/1.0"

        def do_GET(self) -> None:
            if self.path == "/healthz":
                return self._send(200, {"status": "ok"})
            self._answer({"/openai/v1/models": lambda: {"object": "list", "data": [_model(name) for name in MODELS]}})

        def do_POST(self) -> None:
            self._answer({"/openai/v1/chat/completions": lambda: completion(self._body())})

        def _answer(self, routes: dict) -> None:
            try:
                route = routes.get(self.path.split("?")[0])
                if route is None:
                    raise Refusal(404, f"Unknown request URL: {self.command} {self.path}", code="unknown_url")
                expected = f"Bearer {key}"
                if not compare_digest(self.headers.get("authorization", "").encode(), expected.encode()):
                    raise Refusal(401, "Invalid API Key", code="invalid_api_key")
                self._send(200, route())
            except Refusal as refusal:
                self._send(refusal.status, refusal.body)

        def _body(self) -> object:
            try:
                length = int(self.headers.get("content-length", ""))
            except ValueError:
                raise Refusal(411, "the request needs a Content-Length") from None
            if not 0 <= length <= MOST_BYTES:
                raise Refusal(413, "the request is too large")
            try:
                return json.loads(self.rfile.read(length))
            except ValueError:
                raise Refusal(400, "the body is not JSON") from None

        def _send(self, status: int, body: dict) -> None:
            payload = json.dumps(body, ensure_ascii=False).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(payload)))
            if status >= 400:
                # The body of a refused request may still be unread, so the connection cannot be used again.
                self.send_header("connection", "close")
            self.end_headers()
            self.wfile.write(payload)

    return Handler


def _model(name: str) -> dict:
    return {"id": name, "object": "model", "created": 0, "owned_by": "local stand-in", "active": True}


def main() -> None:
    key = os.environ.get("GROQ_API_KEY", "")
    if not key:
        sys.exit("missing in the environment: GROQ_API_KEY")
    server = ThreadingHTTPServer(("", int(os.environ.get("PORT", "8080"))), handler(key))
    # As process 1 of a container Python has no default action for SIGTERM.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print(f"listening on {server.server_address[1]}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
