"""What tables of bars are made with. Only the standard library."""

import concurrent.futures
import threading

from garage import RawClient

MIB = 1 << 20
LARGE = 1 << 30
PIECE = 8 * MIB
AT_ONCE = 4


class Table:
    def __init__(self):
        self.missed = 0
        print(f"{'what':58}{'isle':>12}{'beside':>12}{'ratio':>8}  may be", flush=True)

    def row(self, what, isle, beside, most=None, bar="", holds=True):
        """most is the largest ratio; without it, the bar is told, and whether it holds."""
        ratio = isle / beside if beside else float("nan")
        if most:
            bar, holds = f"<= {most:.2f}", ratio <= most
        self.missed += not holds
        shown = f"{what:58}{isle * 1000:10.2f}ms{beside * 1000:10.2f}ms{ratio:8.2f}  {bar}"
        print(shown + ("" if holds else "   MISSED"), flush=True)

    def heading(self, text):
        print(f"\n{text}", flush=True)

    def count(self, what, text, holds):
        self.missed += not holds
        print(f"{what:58}{text}" + ("" if holds else "   MISSED"), flush=True)


def requests_of(garage, work):
    before = garage.requests()
    work()
    after = garage.requests()
    return {name: count - before.get(name, 0) for name, count in after.items() if count != before.get(name, 0)}


def shown(requests):
    return ", ".join(f"{count} {name}" for name, count in sorted(requests.items())) or "none"


class Clients:
    """A connection for each thread."""

    def __init__(self, garage):
        self.garage, self.clients = garage, {}

    def own(self):
        return self.clients.setdefault(threading.get_ident(), RawClient(self.garage))

    def forget(self):
        self.clients.clear()


def pieces(raw_put_or_get):
    """The bytes of the large file as pieces, several at once; each thread has a connection."""
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(raw_put_or_get, range(LARGE // PIECE)))
