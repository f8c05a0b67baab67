# SPDX-License-Identifier: Apache-2.0
"""Hundreds of clients driven by one thread.

A client is a generator over its Peer: it yields READ or WRITE to wait for its socket, and REACHED to wait for the
others.  It ends by returning (the connection then stays open and silent) or with an OSError (the server closed it).
"""
import collections
import select
import socket
import ssl
import time

from forged import Forger, secret_of
from harness import close_with_reset

READ, WRITE, REACHED = select.EPOLLIN, select.EPOLLOUT, 0
MOVING, WAITING, SILENT, ENDED = "moving", "waiting", "silent", "ended"
PIECE = 1 << 16
RECEIVED = 1 << 18
RECORD_BYTES = 1 << 14
RANDOM = slice(11, 43)  # of a ClientHello in its record


def client_context(version=None, chain=None, key_log=None):
    """Verifies nothing; speaks that version of TLS alone.  With the file `key_log` its peers can forge records."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if version:
        context.minimum_version = context.maximum_version = version
    if chain:
        context.load_cert_chain(*chain)
    if key_log:
        context.keylog_filename = key_log
    return context


def record(kind, content):
    """A TLS record with a plaintext header, whatever its content."""
    return bytes([kind, 3, 3]) + len(content).to_bytes(2, "big") + content


class Peer:
    """A connection that never blocks; its TLS records pass through the hands of its generator."""

    def __init__(self, port, context=None):
        self.sock = socket.socket()
        self.sock.setblocking(False)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock.connect_ex(("127.0.0.1", port))
        self.tls, self.hello, self.sent_records = None, None, 0
        if context:
            self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
            self.tls = context.wrap_bio(self.incoming, self.outgoing, server_hostname="localhost")

    # --- the wire
    def send(self, data):
        view = memoryview(data)
        while view:
            try:
                view = view[self.sock.send(view):]
            except BlockingIOError:
                yield WRITE

    def receive(self):
        while True:
            try:
                data = self.sock.recv(RECEIVED)
            except BlockingIOError:
                yield READ
                continue
            if not data:
                raise ConnectionError("closed")
            return data

    def flood(self, data, most):
        """The same bytes again and again, as fast as they are taken."""
        data = data * (PIECE // len(data) + 1)
        for _ in range(0, most, len(data)):
            yield from self.send(data)
            yield WRITE

    # --- TLS
    def take_outgoing(self):
        data = self.outgoing.read()
        self.hello = self.hello or data
        return data

    def take_flight(self):
        """What the TLS client has to send next, withheld."""
        try:
            self.tls.do_handshake()
        except ssl.SSLWantReadError:
            pass
        return self.take_outgoing()

    def handshake(self):
        while True:
            try:
                self.tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                yield from self.send(self.take_outgoing())
                self.incoming.write((yield from self.receive()))
        yield from self.send(self.take_outgoing())

    def encrypt(self, data):
        self.tls.write(data)
        self.sent_records += -(-len(data) // RECORD_BYTES)
        return self.outgoing.read()

    def forger(self):
        """What encrypts records of any content from here on; None where it cannot be had."""
        cipher = self.tls and self.tls.cipher()
        if not cipher or self.tls.version() != "TLSv1.3" or not self.tls.context.keylog_filename:
            return None
        return Forger(cipher[0], secret_of(self.tls.context.keylog_filename, self.hello[RANDOM]), self.sent_records)

    def goodbye(self):
        """close_notify."""
        try:
            self.tls.unwrap()
        except ssl.SSLError:
            pass
        yield from self.send(self.outgoing.read())

    # --- what is inside, TLS or not
    def say(self, data):
        for at in range(0, len(data), PIECE):
            piece = data[at:at + PIECE]
            yield from self.send(self.encrypt(piece) if self.tls else piece)

    def say_again_and_again(self, data, most):
        data = data * (PIECE // len(data) + 1)
        for _ in range(0, most, len(data)):
            yield from self.say(data)
            yield WRITE

    def hear(self):
        if self.tls is None:
            return (yield from self.receive())
        while True:
            try:
                return self.tls.read(RECEIVED)
            except ssl.SSLWantReadError:
                self.incoming.write((yield from self.receive()))


class Client:
    def __init__(self, name, peer, steps):
        self.name, self.peer, self.steps = name, peer, steps
        self.status, self.mask, self.reached, self.error = MOVING, None, False, None


class Crowd:
    """Clients that move together."""

    def __init__(self):
        self.epoll = select.epoll()
        self.by_fd = {}
        self.clients = []
        self.moving = 0

    def add(self, name, peer, steps):
        client = Client(name, peer, steps)
        self.clients.append(client)
        self.by_fd[peer.sock.fileno()] = client
        self.moving += 1
        self._wait_for(client, WRITE)
        return client

    def _wait_for(self, client, mask):
        fd = client.peer.sock.fileno()
        if mask == client.mask or fd < 0:
            return
        if not mask:
            self.epoll.unregister(fd)
        elif not client.mask:
            self.epoll.register(fd, mask)
        else:
            self.epoll.modify(fd, mask)
        client.mask = mask

    def _stop(self, client, status):
        if client.status == MOVING:
            self.moving -= 1
        client.status = status
        if client.peer.sock.fileno() >= 0:
            self._wait_for(client, 0)

    def _move(self, client):
        try:
            wanted = next(client.steps)
        except StopIteration:
            self._stop(client, SILENT)
        except (OSError, ssl.SSLError) as error:
            client.error = error
            self._stop(client, ENDED)
        else:
            if wanted == REACHED:
                client.reached = True
                self._stop(client, WAITING)
            else:
                self._wait_for(client, wanted)

    def run(self, seconds):
        """Until all wait for each other, are silent or have ended, or the time is over."""
        end = time.monotonic() + seconds
        while self.moving > 0 and time.monotonic() < end:
            for fd, _ in self.epoll.poll(0.02):
                self._move(self.by_fd[fd])

    def go_on(self):
        """Those that waited for each other move again."""
        for client in self.clients:
            if client.status == WAITING:
                client.status = MOVING
                self.moving += 1
                self._wait_for(client, WRITE)

    def hush(self):
        """Nobody sends any more; the connections stay as they are."""
        for client in self.clients:
            if client.status in (MOVING, WAITING):
                client.steps.close()
                self._stop(client, SILENT)

    def discard(self, client, reset=False):
        client.steps.close()
        fd = client.peer.sock.fileno()
        self._stop(client, ENDED)
        self.clients.remove(client)
        if fd >= 0:
            self.by_fd.pop(fd, None)
            close_with_reset(client.peer.sock) if reset else client.peer.sock.close()

    def count(self, condition=lambda client: True):
        return collections.Counter(client.name for client in self.clients if condition(client))

    def close(self):
        """One half with a reset."""
        for number, client in enumerate(list(self.clients)):
            self.discard(client, number % 2 == 0)
        self.epoll.close()
