"""A crowd of connections, and how long probes and scrapes take beside it; see scripts/crowd."""

import multiprocessing
import socket
import sys
import threading
import time

port, probes, seconds, silent, greedy, addresses = (int(argument) for argument in sys.argv[1:])
METRICS = b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def connect(number):
    stranger = socket.socket()
    stranger.settimeout(30)
    if addresses > 1:
        stranger.bind(("127.0.0.%d" % (100 + number % addresses), 0))
    stranger.connect(("127.0.0.1", port))
    return stranger


def be_silent(number, end):
    while time.time() < end:
        try:
            with connect(number) as stranger:
                stranger.recv(1)
        except OSError:
            pass


def be_greedy(number, end):
    while time.time() < end:
        try:
            with connect(number) as stranger:
                while time.time() < end:
                    stranger.sendall(METRICS * 5)
                    if not stranger.recv(1 << 20):
                        break
        except OSError:
            pass


def crowd(be, count, end):
    threads = [threading.Thread(target=be, args=(number, end), daemon=True) for number in range(count)]
    for thread in threads:
        thread.start()
    time.sleep(max(0, end - time.time()))


def ask(path, at):
    began = time.time()
    try:
        with socket.socket() as asking:
            asking.settimeout(30)
            asking.connect(("127.0.0.1", at))
            asking.sendall(("GET %s HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n" % path).encode())
            answer = b""
            part = asking.recv(1 << 20)
            while part:
                answer += part
                part = asking.recv(1 << 20)
        head, body = answer.split(b"\r\n\r\n", 1)
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        return head.startswith(b"HTTP/1.1 200") and len(body) == length, time.time() - began
    except (OSError, ValueError, IndexError):
        return False, time.time() - began


def measure(name, path, at, every, end, results):
    answered = []
    failed = 0
    while time.time() < end:
        good, took = ask(path, at)
        if good:
            answered.append(took)
        else:
            failed += 1
        time.sleep(max(0, every - took))
    answered.sort()
    middle, worst = (answered[len(answered) // 2], answered[-1]) if answered else (0, 0)
    results.put((failed, "%-32s %4d answered, %d failed, median %.3f s, worst %.3f s"
                 % (name, len(answered), failed, middle, worst)))


if __name__ == "__main__":
    end = time.time() + seconds
    results = multiprocessing.Queue()
    strangers = [multiprocessing.Process(target=crowd, args=arguments, daemon=True)
                 for arguments in ((be_silent, silent, end), (be_greedy, greedy, end))]
    measured = [multiprocessing.Process(target=measure, args=(*what, end, results)) for what in (
        ("probes at http.probes", "/livez", probes, 0.5),
        ("probes at http.listen", "/livez", port, 0.5),
        ("scrapes", "/metrics", port, 2))]
    for process in strangers + measured:
        process.start()
    told = [results.get() for _ in measured]
    print("\n".join(sorted(line for _, line in told)))
    sys.exit(any(failed for failed, _ in told))
