# SPDX-License-Identifier: Apache-2.0
"""A TLS client whose records are sent by hand."""
import ssl

from harness import connect_raw


# --- below the TLS layer ----------------------------------------------------------------------------
class Half:
    """A TLS client whose records are sent by hand, so that bytes can be put between them."""

    def __init__(self, server, version=None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        if version:
            context.maximum_version = version
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_hostname="localhost")
        self.sock = connect_raw(server)

    def flush(self):
        self.sock.sendall(self.outgoing.read())

    def hello(self):
        """The first flight; returns the server's."""
        try:
            self.tls.do_handshake()
        except ssl.SSLWantReadError:
            pass
        self.flush()
        return self.sock.recv(65536)

    def handshake(self):
        while True:
            try:
                self.tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                self.flush()
                self.incoming.write(self.sock.recv(65536))
        self.flush()

    def ask(self, data):
        self.tls.write(data)
        self.flush()
        self.incoming.write(self.sock.recv(65536))
        return self.tls.read(65536)

    def say_goodbye(self):
        """close_notify."""
        try:
            self.tls.unwrap()
        except ssl.SSLError:
            pass
        self.flush()
