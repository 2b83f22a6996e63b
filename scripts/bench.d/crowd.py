"""Keeps many connections to a port of 127.0.0.1 open, some silent, some greedy, until it is ended; see crowd.sh.

usage: crowd.py PORT SILENT GREEDY
"""

import socket
import sys
import threading

port, silent, greedy = (int(argument) for argument in sys.argv[1:])
METRICS = b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def be_silent(stranger):
    stranger.recv(1)


def be_greedy(stranger):
    stranger.sendall(METRICS * 5)
    while stranger.recv(1 << 20):
        stranger.sendall(METRICS)


def come_again(be):
    """Connects again whenever the connection is closed."""
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), 30) as stranger:
                be(stranger)
        except OSError:
            pass


for number in range(silent + greedy):
    threading.Thread(target=come_again, args=(be_silent if number < silent else be_greedy,)).start()
