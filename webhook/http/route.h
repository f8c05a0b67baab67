/* SPDX-License-Identifier: Apache-2.0 */
/*
 * route - finds the handler of a request by path, method and content type, or the error status.
 *
 * Paths are compared as a whole, normalized and without the query: `/validate/x/y` is not
 * `/validate/x`.  A wrong path is reported before a wrong method, and a wrong method before a wrong
 * content type.
 *
 * Threads:  pure, any thread.
 * Memory:   allocates nothing; `environment` borrows from the path.
 * Limits:   an environment name in a path has at most 63 bytes.
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
    enum moor_route_name name;     /* valid if the status is 200 */
    struct moor_slice environment; /* `<environment>` of `/validate/<environment>` and
                                      `/image-review/<environment>`, else empty */
    int status;                    /* 200, or the error 404, 405 or 415 */
    const char *allow;             /* Allow header of a 405, else NULL */
};

/*
 * Finds the route on the serving port.  `path` has no query; `content_type` is empty if the request
 * has none.
 */
struct moor_route moor_route_find(struct moor_slice method, struct moor_slice path,
                                  struct moor_slice content_type);

/* Finds the route on the listener for probes and metrics, which evaluates no reviews. */
struct moor_route moor_route_find_probe(struct moor_slice method, struct moor_slice path);

/*
 * Returns the line that explains an error status.  It ends in a newline and contains no request
 * data.  Returns "error\n" for an unknown status.
 */
const char *moor_route_explain(int status);

/*
 * Returns whether the query, without its `?`, has the parameter `verbose`, with or without a value.
 */
bool moor_route_is_verbose(struct moor_slice query);

#endif
