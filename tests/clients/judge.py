#!/usr/bin/env python3
"""standardwebhooks (PyPI) judges webhooks of the service.

usage: judge.py WHSEC < deliveries.json      a list of {"headers": {...}, "body": "..."}

Ends with 0 when it takes each of them and none that was changed.
"""
import json, sys
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError


def verified(judge, delivery, body):
    try:
        judge.verify(body, delivery["headers"])
        return True
    except WebhookVerificationError:
        return False


judge, deliveries = Webhook(sys.argv[1]), json.load(sys.stdin)
taken = [verified(judge, one, one["body"]) for one in deliveries]
forged = [verified(judge, one, one["body"] + " ") for one in deliveries]
good = bool(taken) and all(taken) and not any(forged)
print(f"{'ok   ' if good else 'WRONG'} standardwebhooks (PyPI) takes {sum(taken)} of {len(taken)} webhooks, {sum(forged)} of those that were changed")
sys.exit(0 if good else 1)
