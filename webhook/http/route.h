/* SPDX-License-Identifier: Apache-2.0 */
/*
 * route - what a request asks for: its path, method and content type, or the status that refuses
 * it.
 *
 * Paths are compared whole, as normalised and without the query: `/validate/x/y` is not
 * `/validate/x`.  A wrong path is told before a wrong method, and that before a wrong content type.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing; `environment` borrows from the path.
 * Limits:   the name of an environment in a path has at most 63 bytes.
 */
#ifndef MOOR_WEBHOOK_HTTP_ROUTE_H
#define MOOR_WEBHOOK_HTTP_ROUTE_H

#include "policy/base/slice.h"

enum moor_route_name {
    MOOR_ROUTE_REVIEW,
    MOOR_ROUTE_IMAGE_REVIEW,
    MOOR_ROUTE_LIVEZ,
    MOOR_ROUTE_READYZ,
    MOOR_ROUTE_METRICS
};

struct moor_route {
    enum moor_route_name name;     /* meaningful where the status is 200 */
    struct moor_slice environment; /* of `/validate/<environment>` and its like, else empty */
    int status;                    /* 200: go on; 404, 405 or 415: refuse */
    const char *allow;             /* the Allow header of a 405, else NULL */
};

/* Tells what is asked for.  `path` has no query, `content_type` is empty where there is none. */
struct moor_route moor_route_find(struct moor_slice method, struct moor_slice path,
                                  struct moor_slice content_type);

/* The same on the listener for probes and metrics, where nothing is judged. */
struct moor_route moor_route_find_probe(struct moor_slice method, struct moor_slice path);

/*
 * The line that explains an error status, ending in a newline and free of request data; "error\n"
 * for one that is not known.
 */
const char *moor_route_explain(int status);

/* Whether the query, without its `?`, has the parameter `verbose`, with a value or without one. */
bool moor_route_is_verbose(struct moor_slice query);

#endif
