"""A relay that passes every byte on a while later, as a distant network does.

    delay.py PORT MILLISECONDS

Listens on a port of its own, which it prints, for as long as its input is open. MILLISECONDS is what a round trip to the
server at PORT of this machine takes longer.
"""

import queue
import socket
import sys
import threading
import time

STEP = 256 << 10
# Of one direction of a connection: more than fits on any line for so short a time.
MOST_STEPS = 256


def receive(connection, waiting, delay):
    while True:
        # A server may wait for the acknowledgement of an answer's head.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        try:
            data = connection.recv(STEP)
        except OSError:
            data = b""
        waiting.put((time.monotonic() + delay, data))
        if not data:
            return


def send(connection, waiting):
    broken = False
    while True:
        due, data = waiting.get()
        time.sleep(max(0, due - time.monotonic()))
        try:
            if not data:
                connection.shutdown(socket.SHUT_WR)
            elif not broken:
                connection.sendall(data)
        except OSError:
            # What still comes is thrown away, so that nobody waits for room.
            broken = True
        if not data:
            return


def serve(client, port, delay):
    with client, socket.create_connection(("127.0.0.1", port)) as server:
        threads = []
        for source, target in ((client, server), (server, client)):
            source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            waiting = queue.Queue(MOST_STEPS)
            threads.append(threading.Thread(target=receive, args=(source, waiting, delay), daemon=True))
            threads.append(threading.Thread(target=send, args=(target, waiting), daemon=True))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def accept(listener, port, delay):
    while True:
        client, _ = listener.accept()
        threading.Thread(target=serve, args=(client, port, delay), daemon=True).start()


def main(port, milliseconds):
    listener = socket.create_server(("127.0.0.1", 0), backlog=200)
    print(listener.getsockname()[1], flush=True)
    threading.Thread(target=accept, args=(listener, int(port), float(milliseconds) / 2000), daemon=True).start()
    sys.stdin.read()


main(*sys.argv[1:])
