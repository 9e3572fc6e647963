"""Payloads of all studies that are ready to be sent, held within one bound, however many studies are looked at."""

import threading
from collections import OrderedDict

MOST_BYTES = 64_000_000
ENTRY_BYTES = 1_000
"""What an entry takes beside its body: its key and the objects around it."""


class Prepared:
    """Key to payload, the least used going first when there is too much of it; many may ask at once."""

    def __init__(self, most_bytes=MOST_BYTES):
        self._most = most_bytes
        self._payloads, self._bytes = OrderedDict(), 0
        self._lock = threading.Lock()

    def __len__(self):
        return len(self._payloads)

    def __contains__(self, key):
        return key in self._payloads

    def get(self, key):
        """The payload, which was used now; None where it is not kept."""
        with self._lock:
            payload = self._payloads.get(key)
            if payload is not None:
                self._payloads.move_to_end(key)
            return payload

    def put(self, key, payload):
        """Keep a payload; the latest stays however large it is, since somebody is about to read it."""
        with self._lock:
            self._bytes += _size(payload) - _size(self._payloads.pop(key, None))
            self._payloads[key] = payload
            while self._bytes > self._most and len(self._payloads) > 1:
                self._bytes -= _size(self._payloads.popitem(last=False)[1])


def _size(payload):
    return 0 if payload is None else len(payload.body) + ENTRY_BYTES
