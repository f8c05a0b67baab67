#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A rolling restart of two servers behind a dumb TCP forwarder, under constant load: no request is lost.

ROLLING_RESTARTS says how many (default 4; by hand 20).
"""
import asyncio
import itertools
import os
import threading
import time

from harness import Tagmoor, ask_once, check, check_equal, connect, main, read_response, test, wait_until
from reviews import Case, pod

RESTARTS = int(os.environ.get("ROLLING_RESTARTS", "4"))
CLIENTS = 6
POLL_S = 0.1


class Forwarder:
    """Takes each connection to the next of the ports in use, byte by byte, and knows nothing of what it carries."""

    def __init__(self):
        self.ports, self.turn, self.broken = [], itertools.count(), []
        self.loop = asyncio.new_event_loop()
        ready = threading.Event()
        threading.Thread(target=self.run, args=(ready,), daemon=True).start()
        ready.wait(5)

    def run(self, ready):
        asyncio.set_event_loop(self.loop)
        server = self.loop.run_until_complete(asyncio.start_server(self.forward, "127.0.0.1", 0, backlog=512))
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        self.loop.run_forever()

    async def carry(self, reader, writer):
        try:
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
            writer.write_eof()
        except OSError:
            writer.transport.abort()

    async def forward(self, reader, writer):
        port = self.ports[next(self.turn) % len(self.ports)]
        try:
            there_reader, there_writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError as error:
            self.broken.append(f"{port}: {error!r}")
            writer.transport.abort()
            return
        await asyncio.gather(self.carry(reader, there_writer), self.carry(there_reader, writer))
        for each in (writer, there_writer):
            each.close()


class Endpoints:
    """Polls each server's /readyz and takes it out of the forwarder, or back in."""

    def __init__(self, forwarder):
        self.forwarder, self.servers, self.stop = forwarder, [], threading.Event()
        self.lock = threading.Lock()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def is_ready(self, server):
        try:
            return ask_once(server, "GET", "/readyz").status == 200
        except OSError:
            return False

    def run(self):
        while not self.stop.wait(POLL_S):
            with self.lock:
                servers = list(self.servers)
            self.forwarder.ports = [server.port for server in servers if self.is_ready(server)] or self.forwarder.ports

    def add(self, server):
        with self.lock:
            self.servers.append(server)
        wait_until(lambda: server.port in self.forwarder.ports, 10, "in use")

    def remove(self, server):
        with self.lock:
            self.servers.remove(server)

    def end(self):
        self.stop.set()
        self.thread.join()


class Clients:
    """Keep connections alive and ask without end, as the API server does."""

    def __init__(self, forwarder, case):
        self.forwarder, self.case = forwarder, case
        self.answered, self.opened, self.lost, self.stop = [0] * CLIENTS, 0, [], threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(number,), daemon=True) for number in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    def run(self, number):
        sock = None
        while not self.stop.is_set():
            try:
                if sock is None:
                    sock = connect(self.forwarder)
                    self.opened += 1
                sock.sendall(self.case.bytes)
                response = read_response(sock)
            except OSError as error:
                self.lost.append(f"after {self.answered[number]}: {error!r}")
                sock = None
                continue
            if not self.case.is_answered_by(response):
                self.lost.append(repr(response))
            self.answered[number] += 1
            if response.headers["connection"] == "close":
                sock.close()
                sock = None
            time.sleep(0.002)
        if sock is not None:
            sock.close()

    def end(self):
        self.stop.set()
        for thread in self.threads:
            thread.join(30)


@test
def rolling_restarts__under_constant_load__no_request_lost():
    case, forwarder = Case("small", pod()), Forwarder()
    endpoints = Endpoints(forwarder)
    running, clients = [], None
    try:
        for _ in range(2):
            running.append(Tagmoor("--lame-duck", "1s"))
            endpoints.add(running[-1])
        clients = Clients(forwarder, case)
        before = 0
        for _ in range(RESTARTS):
            old = running.pop(0)
            old.signal("TERM")
            check_equal(old.wait(), 0, old.lines[-5:])
            endpoints.remove(old)
            check("drain complete: 0 connections were cut" in old.log(), old.lines[-5:])
            running.append(Tagmoor("--lame-duck", "1s"))
            endpoints.add(running[-1])
            check(sum(clients.answered) > before + 50, "no load", clients.answered)
            before = sum(clients.answered)
        clients.end()
        print(f"# {RESTARTS} restarts, {sum(clients.answered)} requests over {clients.opened} connections, "
              f"{len(clients.lost)} lost", flush=True)
        check_equal((clients.lost, forwarder.broken), ([], []))
        check(clients.opened >= CLIENTS + RESTARTS, clients.opened)
    finally:
        if clients is not None:
            clients.end()
        endpoints.end()
        for server in running:
            server.kill()
            check("Sanitizer" not in server.log(), server.log())


main()
