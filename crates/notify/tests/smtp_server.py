"""An SMTP server for tests: records each Message-ID once, on disk, before it answers.

usage: smtp_server.py PORT LOG [KILL_AT]. Each presented mail is a line in LOG: "new ID" or "again ID". A restarted
server reads LOG first, so that a mail whose answer was lost is taken again and not recorded again. With KILL_AT the server
kills itself at that many recorded mails, after recording the last and before answering it.
"""
import os
import signal
import sys
import time
from email.parser import BytesHeaderParser

from aiosmtpd.controller import Controller


class Recorder:
    def __init__(self, path, kill_at):
        self.kill_at = kill_at
        self.seen = set()
        if os.path.exists(path):
            with open(path, encoding="ascii") as log:
                # A line cut off by a kill has no newline and was never answered.
                text = log.read()
            whole = text[: text.rfind("\n") + 1]
            if whole != text:
                with open(path, "w", encoding="ascii") as log:
                    log.write(whole)
            self.seen = {line.split(" ", 1)[1] for line in whole.splitlines()}
        self.log = open(path, "a", encoding="ascii")

    async def handle_DATA(self, server, session, envelope):
        head = BytesHeaderParser().parsebytes(envelope.content)
        message_id = str(head["Message-ID"])
        kind = "again" if message_id in self.seen else "new"
        self.seen.add(message_id)
        self.log.write(f"{kind} {message_id}\n")
        self.log.flush()
        if len(self.seen) == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return "250 OK"


kill_at = int(sys.argv[3]) if len(sys.argv) > 3 else -1
controller = Controller(Recorder(sys.argv[2], kill_at), hostname="127.0.0.1", port=int(sys.argv[1]))
controller.start()
print("ready", flush=True)
while True:
    time.sleep(3600)
