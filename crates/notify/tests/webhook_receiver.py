"""A provider for tests: takes signed letters, does each once by its key, on disk, before it answers.

usage: webhook_receiver.py PORT LOG SECRET [KILL_AT]. Each letter is a line in LOG: "new KEY" or "again KEY". A restarted
receiver reads LOG first. With KILL_AT it kills itself at that many letters, after recording the last and before answering.
"""
import hashlib
import hmac
import json
import os
import signal
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

port, path, secret = int(sys.argv[1]), sys.argv[2], sys.argv[3].encode()
kill_at = int(sys.argv[4]) if len(sys.argv) > 4 else -1
seen = set()
if os.path.exists(path):
    with open(path, encoding="ascii") as log:
        text = log.read()
    whole = text[: text.rfind("\n") + 1]
    if whole != text:
        with open(path, "w", encoding="ascii") as log:
            log.write(whole)
    seen = {line.split(" ", 1)[1] for line in whole.splitlines()}
log = open(path, "a", encoding="ascii")
alone = threading.Lock()


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        fields = dict(part.split("=", 1) for part in self.headers["Holdfast-Signature"].split(","))
        right = hmac.new(secret, fields["t"].encode() + b"." + body, hashlib.sha256).hexdigest()
        key = self.headers["Idempotency-Key"]
        told = json.loads(body)
        if not hmac.compare_digest(right, fields["v1"]) or abs(time.time() - int(fields["t"])) > 300:
            return self.answer(401)
        if key != told["key"].strip("<>") or not told["to"] or not told["notice"]["orders"]:
            return self.answer(422)
        with alone:
            log.write(("again " if key in seen else "new ") + key + "\n")
            log.flush()
            seen.add(key)
            if len(seen) == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
        return self.answer(202)

    def answer(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 128


server = Server(("127.0.0.1", port), Receiver)
print("ready", flush=True)
server.serve_forever()
