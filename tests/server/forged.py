# SPDX-License-Identifier: Apache-2.0
"""Records of TLS 1.3 with any content, encrypted with the keys of a connection: what no TLS library sends."""
import ctypes
import ctypes.util
import hashlib
import hmac
import os

HASHES = {"TLS_AES_256_GCM_SHA384": (hashlib.sha384, 32), "TLS_AES_128_GCM_SHA256": (hashlib.sha256, 16)}
RECENT_BYTES = 1 << 20
GET_TAG = 0x10  # EVP_CTRL_GCM_GET_TAG


def load_crypto():
    library = ctypes.CDLL(ctypes.util.find_library("crypto"))
    for name in ("EVP_CIPHER_CTX_new", "EVP_aes_128_gcm", "EVP_aes_256_gcm"):
        getattr(library, name).restype = ctypes.c_void_p
    return library


CRYPTO = load_crypto()


def seal(key, nonce, head, content):
    """AES-GCM: the content encrypted, and its tag."""
    cipher = CRYPTO.EVP_aes_256_gcm() if len(key) == 32 else CRYPTO.EVP_aes_128_gcm()
    context = ctypes.c_void_p(CRYPTO.EVP_CIPHER_CTX_new())
    out, tag, count = ctypes.create_string_buffer(len(content) + 16), ctypes.create_string_buffer(16), ctypes.c_int()
    done = (CRYPTO.EVP_EncryptInit_ex(context, ctypes.c_void_p(cipher), None, key, nonce)
            and CRYPTO.EVP_EncryptUpdate(context, None, ctypes.byref(count), head, len(head))
            and CRYPTO.EVP_EncryptUpdate(context, out, ctypes.byref(count), content, len(content))
            and CRYPTO.EVP_EncryptFinal_ex(context, ctypes.create_string_buffer(16), ctypes.byref(count))
            and CRYPTO.EVP_CIPHER_CTX_ctrl(context, GET_TAG, 16, tag))
    CRYPTO.EVP_CIPHER_CTX_free(context)
    if not done:
        raise RuntimeError("AES-GCM failed")
    return out.raw[:len(content)] + tag.raw


def expand(secret, label, size, make_hash):
    """HKDF-Expand-Label of RFC 8446, section 7.1, for one block."""
    label = b"tls13 " + label
    info = size.to_bytes(2, "big") + bytes([len(label)]) + label + b"\0"
    return hmac.new(secret, info + b"\1", make_hash).digest()[:size]


class Forger:
    """Encrypts what a client sends after `sent` records of its own."""

    def __init__(self, cipher, secret, sent):
        make_hash, key_bytes = HASHES[cipher]
        self.key, self.iv = expand(secret, b"key", key_bytes, make_hash), expand(secret, b"iv", 12, make_hash)
        self.number = sent

    def record(self, kind, content, padding=0):
        inner = content + (bytes([kind]) if kind else b"") + bytes(padding)
        head = b"\x17\x03\x03" + (len(inner) + 16).to_bytes(2, "big")
        nonce = (int.from_bytes(self.iv, "big") ^ self.number).to_bytes(12, "big")
        self.number += 1
        return head + seal(self.key, nonce, head, inner)


def secret_of(key_log, random):
    """The secret of a connection's client, from the lines that OpenSSL wrote."""
    wanted = "CLIENT_TRAFFIC_SECRET_0 " + random.hex() + " "
    with open(key_log, "rb") as lines:
        lines.seek(max(0, os.path.getsize(key_log) - RECENT_BYTES))
        found = lines.read().decode().partition(wanted)[2]
    if not found:
        raise RuntimeError("no secret")
    return bytes.fromhex(found.splitlines()[0])
