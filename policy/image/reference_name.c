/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/image/reference_name.h"
#include "policy/base/array_size.h"
#include "policy/base/ascii.h"
#include "policy/image/reference.h"

/* The hosts of Docker Hub: the name in references, the registry itself, and its old names. */
static const char *const hub_hosts[] = {
    "docker.io",
    "index.docker.io",
    "registry-1.docker.io",
    "registry.hub.docker.com",
};

const char *const *moor_reference_hub_hosts(size_t *count)
{
    *count = MOOR_ARRAY_SIZE(hub_hosts);
    return hub_hosts;
}

#define DEFAULT_PORT MOOR_SLICE("443")
#define HUB          MOOR_SLICE("docker.io")
#define LIBRARY      MOOR_SLICE("library/")

static bool has_byte(struct moor_slice text, char byte)
{
    return text.len > 0 && memchr(text.ptr, byte, text.len) != NULL;
}

/* Compares without regard to case; `wanted` is in lower case. */
static bool is_folded(struct moor_slice text, struct moor_slice wanted)
{
    for (size_t i = 0; i < text.len && text.len == wanted.len; i++) {
        if (moor_ascii_lower(text.ptr[i]) != wanted.ptr[i]) {
            return false;
        }
    }
    return text.len == wanted.len;
}

/* Returns the port without leading zeros; empty if the domain has none. */
static struct moor_slice port_of(struct moor_slice domain, size_t host)
{
    size_t start = host + 1;
    while (start + 1 < domain.len && domain.ptr[start] == '0') {
        start++;
    }
    return moor_slice_sub(domain, start, domain.len);
}

/* Returns the length of the host without its port.  An IPv6 address has colons too. */
static size_t host_len(struct moor_slice domain)
{
    size_t end = domain.len;
    while (end > 0 && domain.ptr[end - 1] >= '0' && domain.ptr[end - 1] <= '9') {
        end--;
    }
    return end > 0 && domain.ptr[end - 1] == ':' ? end - 1 : domain.len;
}

/* A policy for docker.io must hold for each of these names: they serve the same images. */
static bool is_hub(struct moor_slice host)
{
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(hub_hosts); i++) {
        if (is_folded(host, moor_slice_from(hub_hosts[i]))) {
            return true;
        }
    }
    return false;
}

/*
 * DNS names ignore case and 443 is the port of HTTPS, so `EXAMPLE.com:0443` must not escape a
 * policy for `example.com`.
 */
bool moor_reference_append_domain(struct moor_buf *out, struct moor_slice domain)
{
    size_t len = host_len(domain);
    struct moor_slice host = moor_slice_sub(domain, 0, len);
    struct moor_slice port = port_of(domain, len);
    bool is_default = port.len == 0 || moor_slice_equal(port, DEFAULT_PORT);
    if (is_default && is_hub(host)) {
        moor_buf_append(out, HUB);
        return true;
    }
    char *to = moor_buf_extend(out, host.len);
    for (size_t i = 0; to != NULL && i < host.len; i++) {
        to[i] = moor_ascii_lower(host.ptr[i]);
    }
    /*
     * Without a dot, colon or `localhost`, the host would read as a part of a path on Docker Hub,
     * so its port is kept.
     */
    bool is_plain =
        has_byte(host, '.') || has_byte(host, ':') || is_folded(host, MOOR_SLICE("localhost"));
    if (!is_default || !is_plain) {
        moor_buf_append_byte(out, ':');
        moor_buf_append(out, is_default ? DEFAULT_PORT : port);
    }
    return false;
}

/* `docker.io/nginx` is pulled as `docker.io/library/nginx`, by every name of Docker Hub. */
void moor_reference_append_name(struct moor_buf *out, const struct moor_reference *reference)
{
    bool on_hub = false;
    if (reference->domain.len > 0) {
        on_hub = moor_reference_append_domain(out, reference->domain);
        moor_buf_append_byte(out, '/');
    }
    if (on_hub && !has_byte(reference->path, '/')) {
        moor_buf_append(out, LIBRARY);
    }
    moor_buf_append(out, reference->path);
}
