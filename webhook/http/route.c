/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/http/route.h"
#include "policy/base/array_size.h"

#include <strings.h>

#define MAX_ENVIRONMENT_BYTES 63

enum {
    GET_OR_HEAD,
    POST
};

static const struct {
    const char *path;
    bool on_serving;
    bool on_probes;
    bool takes_environment; /* one more segment may follow: the environment */
    int methods;
    enum moor_route_name name;
} routes[] = {
    {"/validate", true, false, true, POST, MOOR_ROUTE_REVIEW},
    {"/image-review", true, false, true, POST, MOOR_ROUTE_IMAGE_REVIEW},
    {"/livez", true, true, false, GET_OR_HEAD, MOOR_ROUTE_LIVEZ},
    {"/readyz", true, true, false, GET_OR_HEAD, MOOR_ROUTE_READYZ},
    /* Labels of metrics name namespaces, which are not for every client of the serving port. */
    {"/metrics", false, true, false, GET_OR_HEAD, MOOR_ROUTE_METRICS},
};

static const struct {
    int status;
    const char *text;
} statuses[] = {
    {400, "bad request\n"},
    {404, "not found\n"},
    {405, "method not allowed\n"},
    {413, "request body too large\n"},
    {415, "content type must be application/json\n"},
    {431, "request head too large\n"},
    {500, "internal error\n"},
    {503, "not ready\n"},
};

/*
 * Accepts only names without special characters, because the name is written to logs and metrics
 * later.
 */
static bool is_name(struct moor_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        char byte = text.ptr[i];
        bool known = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                     (byte >= '0' && byte <= '9') || byte == '-' || byte == '_' || byte == '.';
        if (!known) {
            return false;
        }
    }
    return text.len > 0 && text.len <= MAX_ENVIRONMENT_BYTES;
}

/* A prefix does not match, because libh2o delivers every path to the same handler. */
static bool matches_path(struct moor_slice *environment, size_t row, struct moor_slice path)
{
    struct moor_slice known = moor_slice_from(routes[row].path);
    if (!moor_slice_starts_with(path, known)) {
        return false;
    }
    struct moor_slice rest = moor_slice_sub(path, known.len, path.len);
    if (rest.len == 0) {
        return true;
    }
    struct moor_slice name = moor_slice_sub(rest, 1, rest.len);
    if (!routes[row].takes_environment || rest.ptr[0] != '/' || !is_name(name)) {
        return false;
    }
    *environment = name;
    return true;
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

static struct moor_slice trim(struct moor_slice text)
{
    while (text.len > 0 && is_blank(text.ptr[text.len - 1])) {
        text.len--;
    }
    while (text.len > 0 && is_blank(text.ptr[0])) {
        text = moor_slice_sub(text, 1, text.len);
    }
    return text;
}

/*
 * Parameters such as `; charset=utf-8` have no effect on JSON, which is always UTF-8 (RFC 8259,
 * section 8.1).
 */
static bool is_json(struct moor_slice content_type)
{
    static const struct moor_slice json = {"application/json", sizeof "application/json" - 1};
    const char *semicolon =
        content_type.len > 0 ? memchr(content_type.ptr, ';', content_type.len) : NULL;
    if (semicolon != NULL) {
        content_type.len = (size_t)(semicolon - content_type.ptr);
    }
    struct moor_slice type = trim(content_type);
    return type.len == json.len && strncasecmp(type.ptr, json.ptr, json.len) == 0;
}

static bool is_allowed(int methods, struct moor_slice method)
{
    if (methods == POST) {
        return moor_slice_is(method, "POST");
    }
    return moor_slice_is(method, "GET") || moor_slice_is(method, "HEAD");
}

/*
 * The path is checked before the method, and the method before the content type, as HTTP clients
 * expect: a 405 or 415 says that the path exists.
 */
static struct moor_route find(bool on_probes, struct moor_slice method, struct moor_slice path,
                              struct moor_slice content_type)
{
    for (size_t row = 0; row < MOOR_ARRAY_SIZE(routes); row++) {
        struct moor_route found = {.name = routes[row].name, .status = 200};
        bool is_here = on_probes ? routes[row].on_probes : routes[row].on_serving;
        if (!is_here || !matches_path(&found.environment, row, path)) {
            continue;
        }
        if (!is_allowed(routes[row].methods, method)) {
            found.status = 405;
            found.allow = routes[row].methods == POST ? "POST" : "GET, HEAD";
        } else if (routes[row].methods == POST && !is_json(content_type)) {
            found.status = 415;
        }
        return found;
    }
    return (struct moor_route){.status = 404};
}

struct moor_route moor_route_find(struct moor_slice method, struct moor_slice path,
                                  struct moor_slice content_type)
{
    return find(false, method, path, content_type);
}

struct moor_route moor_route_find_probe(struct moor_slice method, struct moor_slice path)
{
    return find(true, method, path, MOOR_SLICE(""));
}

const char *moor_route_explain(int status)
{
    for (size_t row = 0; row < MOOR_ARRAY_SIZE(statuses); row++) {
        if (statuses[row].status == status) {
            return statuses[row].text;
        }
    }
    return "error\n";
}

/* kube-apiserver's own probes accept `?verbose` with or without a value. */
bool moor_route_is_verbose(struct moor_slice query)
{
    static const struct moor_slice name = {"verbose", sizeof "verbose" - 1};
    size_t start = 0;
    while (start < query.len) {
        const char *end = memchr(query.ptr + start, '&', query.len - start);
        size_t next = end != NULL ? (size_t)(end - query.ptr) : query.len;
        struct moor_slice parameter = moor_slice_sub(query, start, next);
        if (moor_slice_starts_with(parameter, name) &&
            (parameter.len == name.len || parameter.ptr[name.len] == '=')) {
            return true;
        }
        start = next + 1;
    }
    return false;
}
