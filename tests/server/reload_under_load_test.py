#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Twenty reloads under load: no request fails."""
import ssl
import threading
import time

from certificates import make_leaf, path
from harness import JSON, ask, check, check_equal, connect, main, test
from reload_files import LAX, OLD_CLIENT, STRICT, Files, write
from reviews import review

# A changed file is loaded after it has stayed the same for 1.5 s. Until shortly before, the clients ask less, because
# they would take both CPUs of a small machine for 40 s.
SETTLING_S, PAUSE_WHILE_SETTLING_S, PAUSE_S = 1.3, 0.1, 0.012


def load(server, context, state, number):
    """Asks over kept connections (even numbers) or new ones until it is stopped; notes what fails."""
    sock = None
    while not state["stop"]:
        try:
            sock = sock or connect(server, context)
            time.sleep(state["pause"])
            answer = ask(sock, "POST", "/validate", review("nginx"), JSON)
            check_equal(answer.status, 200)
            state["answered"] += 1
            state["closed"] += answer.headers.get("connection") == "close"
            if number % 2 == 1 or answer.headers.get("connection") == "close":
                sock.close()
                sock = None
        except Exception as error:
            state["failed"].append(repr(error))
            sock = None
    if sock:
        sock.close()


@test
def twenty_reloads__under_load__no_request_fails():
    files = Files("loaded", linked=True)
    # Of one CA: with two self-signed certificates of one name a client looks at the first only.
    pairs = [make_leaf(name, "ca-new", "/CN=tagmoor", "DNS:localhost", "serverAuth") for name in ("even", "odd")]
    context = ssl.create_default_context(cafile=path("ca-new.crt"))
    write("ca-both.crt", open(path("ca-old.crt")).read() + open(path("ca-new.crt")).read())
    context.load_cert_chain(*OLD_CLIENT)
    files.put(pairs[0], "ca-both", STRICT)
    with files.serve() as server:
        state = {"stop": False, "pause": PAUSE_S, "answered": 0, "closed": 0, "failed": []}
        clients = [threading.Thread(target=load, args=(server, context, state, number), daemon=True) for number in range(6)]
        for client in clients:
            client.start()
        for number in range(20):
            state["pause"] = PAUSE_WHILE_SETTLING_S
            files.put(pairs[(number + 1) % 2], "ca-both", (LAX, STRICT)[number % 2])
            server.signal("HUP")
            time.sleep(SETTLING_S)
            state["pause"] = PAUSE_S
            check_equal(len(server.events("certificate reloaded: ")), number, "reloaded while the clients asked little")
            server.wait_for("certificate reloaded: ", number + 1)
            server.wait_for("policy reloaded: ", number + 1)
        state["stop"] = True
        for client in clients:
            client.join()
        check_equal(state["failed"][:3], [])
        check(state["answered"] > 100 and state["closed"] >= 20, state)
        check_equal([event for event in server.events() if event[0] == "error"], [])
        check_equal(server.end(), 0)
        print(f"# {state['answered']} requests answered, {state['closed']} connections ended by a reload, 0 failed")


main()
