/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/file/image_glob_warn.h"
#include "policy/base/array_size.h"
#include "policy/file/quote.h"

/* Where the name of the customer is in a reference. */
enum position {
    IN_HOST, /* the first label of the host: ACCOUNT.dkr.ecr.REGION.amazonaws.com */
    IN_PATH, /* the first part of the path: gcr.io/PROJECT */
    IN_HUB /* the same, but a glob for the whole registry is deliberate: `ghcr.io/` and two stars */
};

/* Registries that many customers share.  A host that starts with `.` or `-` is the end of a name.
 */
static const struct {
    const char *host;
    enum position position;
    const char *customers;
} registries[] = {
    {".amazonaws.com", IN_HOST, "AWS accounts"},
    {".amazonaws.com.cn", IN_HOST, "AWS accounts"},
    {".amazonaws.eu", IN_HOST, "AWS accounts"},
    {".on.aws", IN_HOST, "AWS accounts"},
    {".on.amazonwebservices.com.cn", IN_HOST, "AWS accounts"},
    {".azurecr.io", IN_HOST, "Azure registries"},
    {".azurecr.cn", IN_HOST, "Azure registries"},
    {".azurecr.us", IN_HOST, "Azure registries"},
    {".cr.aliyuncs.com", IN_HOST, "Alibaba Cloud registries"},
    {".tencentcloudcr.com", IN_HOST, "Tencent Cloud registries"},
    {".container-registry.ovh.net", IN_HOST, "OVHcloud registries"},
    {".jfrog.io", IN_HOST, "JFrog accounts"},
    {"public.ecr.aws", IN_PATH, "aliases of Amazon ECR Public"},
    {"-docker.pkg.dev", IN_PATH, "Google Cloud projects"},
    {"docker.pkg.dev", IN_PATH, "Google Cloud projects"},
    {"gcr.io", IN_PATH, "Google Cloud projects"},
    {"us.gcr.io", IN_PATH, "Google Cloud projects"},
    {"eu.gcr.io", IN_PATH, "Google Cloud projects"},
    {"asia.gcr.io", IN_PATH, "Google Cloud projects"},
    {".ocir.io", IN_PATH, "Oracle Cloud tenancies"},
    {"icr.io", IN_PATH, "IBM Cloud namespaces"},
    {".icr.io", IN_PATH, "IBM Cloud namespaces"},
    {".scw.cloud", IN_PATH, "Scaleway namespaces"},
    {".myhuaweicloud.com", IN_PATH, "Huawei Cloud organizations"},
    {"ccr.ccs.tencentyun.com", IN_PATH, "Tencent Cloud namespaces"},
    {"registry.cn-hangzhou.aliyuncs.com", IN_PATH, "Alibaba Cloud namespaces"},
    {"registry.digitalocean.com", IN_PATH, "DigitalOcean registries"},
    {"registry.gitlab.com", IN_PATH, "GitLab groups"},
    {"registry.heroku.com", IN_PATH, "Heroku apps"},
    {"registry.fly.io", IN_PATH, "Fly.io apps"},
    {"docker.io", IN_HUB, "organizations of Docker Hub"},
    {"ghcr.io", IN_HUB, "owners at GitHub"},
    {"quay.io", IN_HUB, "organizations of Quay"},
};

/* A glob without tag and digest, split at its first slash. */
struct name {
    struct moor_slice host;
    struct moor_slice path; /* empty if there is no slash */
};

/* A backslash makes a special character an ordinary one. */
static bool is_special(struct moor_slice text, size_t at)
{
    bool escaped = at > 0 && text.ptr[at - 1] == '\\';
    char c = text.ptr[at];
    return !escaped && (c == '*' || c == '?' || c == '[');
}

/* Returns the offset after the last special character; 0 if there is none. */
static size_t open_end(struct moor_slice text)
{
    size_t end = text.len;
    while (end > 0 && !is_special(text, end - 1)) {
        end--;
    }
    return end;
}

static size_t find(struct moor_slice text, const char *bytes)
{
    size_t at = 0;
    while (at < text.len && (text.ptr[at] == '\0' || strchr(bytes, text.ptr[at]) == NULL)) {
        at++;
    }
    return at;
}

/* A colon before the last slash starts a port; in a name without a slash it starts a tag. */
static struct name split(struct moor_slice glob)
{
    struct moor_slice text = moor_slice_sub(glob, 0, find(glob, "@"));
    size_t last = text.len;
    while (last > 0 && text.ptr[last - 1] != '/') {
        last--;
    }
    struct moor_slice part = moor_slice_sub(text, last, text.len);
    text.len = last + find(part, ":");
    size_t slash = find(text, "/");
    return (struct name){moor_slice_sub(text, 0, slash), moor_slice_sub(text, slash + 1, text.len)};
}

static bool ends_with(struct moor_slice text, struct moor_slice end)
{
    return text.len >= end.len &&
           moor_slice_equal(moor_slice_sub(text, text.len - end.len, text.len), end);
}

/* Returns whether the glob's host can match a host of this registry. */
static bool can_be(struct moor_slice host, struct moor_slice registry)
{
    size_t open = open_end(host);
    struct moor_slice rest = moor_slice_sub(host, open, host.len);
    bool is_end = registry.ptr[0] == '.' || registry.ptr[0] == '-';
    if (open == 0) {
        return is_end ? ends_with(host, registry) : moor_slice_equal(host, registry);
    }
    return ends_with(registry, rest) || (is_end && ends_with(rest, registry));
}

static bool has_only(struct moor_slice text, const char *bytes)
{
    size_t at = 0;
    while (at < text.len && text.ptr[at] != '\0' && strchr(bytes, text.ptr[at]) != NULL) {
        at++;
    }
    return at == text.len;
}

/* Returns whether the customer's name is open. */
static bool is_open(const struct name *name, enum position position)
{
    struct moor_slice part = position == IN_HOST
                                 ? moor_slice_sub(name->host, 0, find(name->host, "."))
                                 : moor_slice_sub(name->path, 0, find(name->path, "/"));
    return open_end(part) > 0 && !(position == IN_HUB && has_only(name->path, "*/"));
}

/*
 * Returns whether the domain itself is open: `10.0.*`, `*example.com`.  Stars alone deliberately
 * mean any registry, and `*.internal` all of a top-level domain.
 */
static bool is_any_domain(struct moor_slice host)
{
    struct moor_slice domain = moor_slice_sub(host, 0, find(host, ":"));
    size_t open = open_end(domain);
    struct moor_slice rest = moor_slice_sub(domain, open, domain.len);
    size_t dot = find(rest, ".");
    struct moor_slice after = moor_slice_sub(rest, dot + 1, rest.len);
    bool is_whole = dot == 0 && rest.len > 0;
    return open > 0 && !is_whole && find(after, ".") == after.len && !has_only(domain, "*");
}

/* Canonical names drop port 443, so that a glob with an open port does not match it. */
static bool is_any_port(struct moor_slice host)
{
    size_t colon = find(host, ":");
    return colon < host.len && open_end(moor_slice_sub(host, colon, host.len)) > 0;
}

/* Returns the kind of customers that the glob leaves open; NULL if it names one. */
static const char *open_customers(const struct name *name)
{
    if (open_end(name->host) == name->host.len) {
        return NULL;
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(registries); i++) {
        if (can_be(name->host, moor_slice_from(registries[i].host)) &&
            is_open(name, registries[i].position)) {
            return registries[i].customers;
        }
    }
    return NULL;
}

void moor_image_glob_warn(const struct moor_yaml_node *item, struct moor_slice glob,
                          struct moor_diagnostics *diagnostics)
{
    struct name name = split(glob);
    struct moor_quoted text = moor_quote(glob);
    if (is_any_domain(name.host)) {
        moor_diagnostics_warning(diagnostics, item,
                                 "'%s' matches registries of any domain: end the registry with its "
                                 "domain, as in '*.example.com/**'",
                                 text.text);
        return;
    }
    if (is_any_port(name.host)) {
        moor_diagnostics_warning(
            diagnostics, item,
            "'%s' does not match the default port, because names have no port 443: add the "
            "registry without a port",
            text.text);
    }
    const char *customers = open_customers(&name);
    if (customers != NULL) {
        moor_diagnostics_warning(
            diagnostics, item,
            "'%s' matches images of other %s, and anyone can create one: name your own", text.text,
            customers);
    }
}
