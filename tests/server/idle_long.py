#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A connection that rests for 91 s: the API server's client drops its own after 90 s, and must find no closed one.

Not in `make test`, for its time; `make test-long` runs it.
"""
import http.client
import threading
import time

from harness import CONTEXT, JSON, Tagmoor, check_equal, main, test
from reviews import Case, pod

REST_S = 91


def post(connection, case):
    connection.request("POST", "/validate", case.body, JSON)
    answer = connection.getresponse()
    check_equal((answer.status, answer.read()), (case.status, case.answer))


@test
def second_post_after_91_s__in_the_same_connection__answered():
    case = Case("small", pod())
    failures = []
    with Tagmoor() as server:
        def client(posts_first):
            connection = http.client.HTTPSConnection("localhost", server.port, context=CONTEXT)
            connection.connect()
            sock = connection.sock
            try:
                for _ in range(posts_first):
                    post(connection, case)
                time.sleep(REST_S)
                post(connection, case)
                check_equal(connection.sock, sock, "it had to connect again")
            except Exception as error:
                failures.append(repr(error))

        threads = [threading.Thread(target=client, args=(posts,), daemon=True) for posts in (1, 2, 50)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        check_equal(failures, [])
        check_equal(server.end(), 0)


main()
