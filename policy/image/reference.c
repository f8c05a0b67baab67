/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/image/reference.h"
#include "policy/base/array_size.h"
#include "policy/base/ascii.h"

#include <stdint.h>

/* The limits of distribution/reference: the repository's path with `library/`, and the tag. */
#define MAX_PATH_BYTES 255
#define MAX_TAG_BYTES  128

#define DEFAULT_DOMAIN MOOR_SLICE("docker.io")
#define LEGACY_DOMAIN  MOOR_SLICE("index.docker.io")
#define LIBRARY        MOOR_SLICE("library/")

/* The digest algorithms that Kubernetes registers, with their number of hex digits. */
static const struct {
    const char *name;
    size_t hex_digits;
} algorithms[] = {
    {"sha256", 64},
    {"sha384", 96},
    {"sha512", 128},
};

#define ALGORITHM_COUNT MOOR_ARRAY_SIZE(algorithms)

/* URL schemes that tools leave in manifests, with the remedy. */
static const struct {
    const char *scheme;
    const char *hint;
} schemes[] = {
    {"ko", "the manifest is not resolved: apply it with 'ko apply' or 'ko resolve'"},
    {"docker", "skopeo and podman use this form: remove the scheme"},
    {"oci", "helm and skopeo use this form: remove the scheme"},
    {"http", "remove the scheme"},
    {"https", "remove the scheme"},
};

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_alnum(char c)
{
    return moor_ascii_is_digit(c) || is_lower(c) || is_upper(c);
}

static bool is_hex(char c)
{
    return moor_ascii_is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/*
 * YAML keeps a tab or line break inside quotes, and such a reference is a frequent mistake with its
 * own reason.
 */
static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Returns the offset of the first `byte`, or the length if there is none. */
static size_t find(struct moor_slice text, char byte)
{
    const char *at = text.len > 0 ? memchr(text.ptr, byte, text.len) : NULL;
    return at != NULL ? (size_t)(at - text.ptr) : text.len;
}

static struct moor_slice from(struct moor_slice text, size_t start)
{
    return moor_slice_sub(text, start, text.len);
}

/* Returns the number of leading hex digits of either case. */
static size_t hex_run(struct moor_slice text)
{
    size_t len = 0;
    while (len < text.len && is_hex(text.ptr[len])) {
        len++;
    }
    return len;
}

static int refuse(struct moor_error *err, const char *reason)
{
    return moor_error_set(err, MOOR_ERROR_SYNTAX, "%s", reason);
}

/* Shows a byte that is not printable as a number, because the text goes to logs and terminals. */
static int refuse_byte(struct moor_error *err, char byte, const char *part)
{
    if (byte > ' ' && byte <= '~') {
        return moor_error_set(err, MOOR_ERROR_SYNTAX, "bad character '%c' in the %s", byte, part);
    }
    return moor_error_set(err, MOOR_ERROR_SYNTAX, "bad character 0x%02x in the %s",
                          (unsigned)(unsigned char)byte, part);
}

/* Rejects `scheme://...` by the characters of RFC 3986; a bare `:` could be a port or a tag. */
static int refuse_scheme(struct moor_error *err, struct moor_slice text)
{
    size_t colon = find(text, ':');
    if (!moor_slice_starts_with(from(text, colon), MOOR_SLICE("://"))) {
        return 0;
    }
    struct moor_slice scheme = moor_slice_sub(text, 0, colon);
    for (size_t i = 0; i < scheme.len; i++) {
        char c = scheme.ptr[i];
        if (!is_alnum(c) && c != '+' && c != '-' && c != '.') {
            return 0;
        }
    }
    const char *hint = "a tool must resolve this scheme before the manifest is applied";
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(schemes); i++) {
        hint = moor_slice_is(scheme, schemes[i].scheme) ? schemes[i].hint : hint;
    }
    return moor_error_set(err, MOOR_ERROR_SYNTAX, "URL scheme '%.*s://': %s",
                          MOOR_SLICE_ARGS(moor_slice_sub(scheme, 0, 32)), hint);
}

/*
 * Rejects texts that identify an image on the node instead of one in a registry.  Upstream rejects
 * 64 hex digits too.  `sha256:` with hex digits would parse as a tag of docker.io/library/sha256,
 * but containerd treats it, at any length, as the ID of an image on the node.
 */
static int refuse_image_id(struct moor_error *err, struct moor_slice text)
{
    if (text.len == 64 && hex_run(text) == 64) {
        return refuse(err, "64 hex digits alone are an image ID, not a reference");
    }
    size_t colon = find(text, ':');
    struct moor_slice name = moor_slice_sub(text, 0, colon);
    struct moor_slice hex = from(text, colon + 1);
    for (size_t i = 0; i < ALGORITHM_COUNT; i++) {
        if (colon < text.len && moor_slice_is(name, algorithms[i].name) &&
            hex_run(hex) == hex.len) {
            return refuse(err, "image ID of the node: add the repository before it");
        }
    }
    return 0;
}

/* These checks concern the whole text, and the grammar of the parts would miss them. */
static int refuse_whole(struct moor_error *err, struct moor_slice text)
{
    if (text.len == 0) {
        return refuse(err, "empty");
    }
    if (text.len > MOOR_REFERENCE_MAX_BYTES) {
        return moor_error_set(err, MOOR_ERROR_LIMIT, "longer than %d bytes",
                              MOOR_REFERENCE_MAX_BYTES);
    }
    if (is_blank(text.ptr[0])) {
        return refuse(err, "leading blank");
    }
    if (is_blank(text.ptr[text.len - 1])) {
        return refuse(err, "trailing blank");
    }
    if (refuse_scheme(err, text) != 0) {
        return -1;
    }
    return refuse_image_id(err, text);
}

/* Returns the length of an IPv6 address in brackets, or 0 if the text does not start with one. */
static size_t ipv6_len(struct moor_slice text)
{
    size_t end = find(text, ']');
    if (end == text.len || end < 2 || text.ptr[0] != '[') {
        return 0;
    }
    for (size_t i = 1; i < end; i++) {
        if (!is_hex(text.ptr[i]) && text.ptr[i] != ':') {
            return 0;
        }
    }
    return end + 1;
}

/* Returns the length of a host name before its port, or 0 if it is invalid. */
static size_t host_name_len(struct moor_slice text)
{
    size_t end = find(text, ':');
    char before = '.';
    for (size_t i = 0; i < end; i++) {
        char c = text.ptr[i];
        bool fits = is_alnum(c) || (c == '-' && before != '.') ||
                    (c == '.' && before != '.' && before != '-');
        if (!fits) {
            return 0;
        }
        before = c;
    }
    return before == '.' || before == '-' ? 0 : end;
}

/* A domain is a host name or an IPv6 address, with an optional port. */
static bool is_domain(struct moor_slice text)
{
    bool bracket = text.len > 0 && text.ptr[0] == '[';
    size_t host = bracket ? ipv6_len(text) : host_name_len(text);
    if (host == 0 || host == text.len) {
        return host > 0;
    }
    for (size_t i = host + 1; i < text.len; i++) {
        if (!moor_ascii_is_digit(text.ptr[i])) {
            return false;
        }
    }
    return text.ptr[host] == ':' && host + 1 < text.len;
}

/* Returns whether the segment before the first slash is a registry, by upstream's rule. */
static bool looks_like_domain(struct moor_slice segment)
{
    for (size_t i = 0; i < segment.len; i++) {
        char c = segment.ptr[i];
        if (c == '.' || c == ':' || is_upper(c)) {
            return true;
        }
    }
    return moor_slice_is(segment, "localhost");
}

/* Names the registry only if it is printable, because the text goes to logs and terminals. */
static int refuse_domain(struct moor_error *err, struct moor_slice segment)
{
    for (size_t i = 0; i < segment.len; i++) {
        if (segment.ptr[i] <= ' ' || segment.ptr[i] > '~') {
            return refuse_byte(err, segment.ptr[i], "registry name");
        }
    }
    return moor_error_set(err, MOOR_ERROR_SYNTAX, "bad registry name '%.*s'",
                          MOOR_SLICE_ARGS(moor_slice_sub(segment, 0, 64)));
}

/*
 * Splits the registry off `text`.  Returns the offset of the path, or -1.  `my_registry.io/app` has
 * no registry: the underscore is invalid in a domain, and upstream accepts the whole text as a
 * path.
 */
static int split_domain(struct moor_reference *out, struct moor_slice text, struct moor_error *err)
{
    struct moor_slice segment = moor_slice_sub(text, 0, find(text, '/'));
    out->domain = DEFAULT_DOMAIN;
    if (segment.len == text.len || !looks_like_domain(segment)) {
        return 0;
    }
    if (is_domain(segment)) {
        out->domain = moor_slice_equal(segment, LEGACY_DOMAIN) ? DEFAULT_DOMAIN : segment;
        return (int)segment.len + 1;
    }
    for (size_t i = 0; i < segment.len; i++) {
        char c = segment.ptr[i];
        if (!is_alnum(c) && c != '.' && c != '_' && c != '-') {
            return refuse_domain(err, segment);
        }
    }
    out->domain = MOOR_SLICE("");
    return 0;
}

/* Returns whether `c` may follow the separators that end in `before`, `run` of them in a row. */
static bool separator_fits(char c, char before, size_t run)
{
    if (c == '-') {
        return run == 0 || before == '-';
    }
    return c == '_' ? run == 0 || (run == 1 && before == '_') : c == '.' && run == 0;
}

/* A part has lower-case letters and digits, with `.`, `_`, `__` or hyphens between them. */
static int check_part(struct moor_slice part, struct moor_error *err)
{
    size_t run = 1; /* number of adjacent separators; 1 at first, as none may come first */
    char before = '/';
    for (size_t i = 0; i < part.len; i++) {
        char c = part.ptr[i];
        bool separator = c == '.' || c == '_' || c == '-';
        if (is_upper(c)) {
            return refuse(err, "upper-case repository");
        }
        if (!separator && !is_lower(c) && !moor_ascii_is_digit(c)) {
            return refuse_byte(err, c, "repository");
        }
        if (separator && !separator_fits(c, before, run)) {
            return refuse(err, before == '/' ? "separator at the edge of a repository part"
                                             : "adjacent separators in the repository");
        }
        run = separator ? run + 1 : 0;
        before = c;
    }
    return run == 0 ? 0 : refuse(err, "separator at the edge of a repository part");
}

/* The parts between slashes follow the same rules; an empty part means two slashes in a row. */
static int check_path(struct moor_slice path, struct moor_error *err)
{
    for (size_t at = 0; at <= path.len;) {
        struct moor_slice rest = from(path, at);
        struct moor_slice part = moor_slice_sub(rest, 0, find(rest, '/'));
        if (part.len == 0) {
            return refuse(err, "empty part in the repository");
        }
        if (check_part(part, err) != 0) {
            return -1;
        }
        at += part.len + 1;
    }
    return 0;
}

/*
 * Upstream counts `library/`, which it adds itself, so a path that is within the limit as written
 * can exceed it.
 */
static int check_path_length(const struct moor_reference *reference, struct moor_error *err)
{
    size_t len = reference->path.len + (reference->implies_library ? LIBRARY.len : 0);
    if (len <= MAX_PATH_BYTES) {
        return 0;
    }
    return moor_error_set(err, MOOR_ERROR_LIMIT, "repository longer than %d bytes", MAX_PATH_BYTES);
}

/*
 * The characters come before the length, because a wrong character usually explains a long tag: two
 * references in one.
 */
static int check_tag(struct moor_slice tag, struct moor_error *err)
{
    if (tag.len == 0) {
        return refuse(err, "empty tag: add a tag after the colon, or remove the colon");
    }
    for (size_t i = 0; i < tag.len; i++) {
        char c = tag.ptr[i];
        if (!is_alnum(c) && c != '_' && (i == 0 || (c != '.' && c != '-'))) {
            return refuse_byte(err, c, i == 0 ? "tag's first position" : "tag");
        }
    }
    if (tag.len > MAX_TAG_BYTES) {
        return moor_error_set(err, MOOR_ERROR_LIMIT, "tag longer than %d bytes", MAX_TAG_BYTES);
    }
    return 0;
}

/* Upper-case hex is checked last: it is a common mistake and deserves a reason of its own. */
static int check_hex(struct moor_slice hex, size_t wanted, struct moor_error *err)
{
    for (size_t i = 0; i < hex.len; i++) {
        if (!is_hex(hex.ptr[i])) {
            return refuse_byte(err, hex.ptr[i], "digest");
        }
    }
    if (hex.len != wanted) {
        return moor_error_set(err, MOOR_ERROR_SYNTAX, "digest of %zu hex digits instead of %zu",
                              hex.len, wanted);
    }
    for (size_t i = 0; i < hex.len; i++) {
        if (is_upper(hex.ptr[i])) {
            return refuse(err, "upper-case hex in the digest");
        }
    }
    return 0;
}

/*
 * Upstream accepts other algorithms in its grammar, but fails when it looks them up; the result is
 * the same.
 */
static int check_digest(struct moor_slice digest, struct moor_error *err)
{
    size_t colon = find(digest, ':');
    if (colon == digest.len) {
        return refuse(err, "digest without an algorithm: write 'sha256:' before the hex digits");
    }
    struct moor_slice name = moor_slice_sub(digest, 0, colon);
    for (size_t i = 0; i < ALGORITHM_COUNT; i++) {
        if (moor_slice_is(name, algorithms[i].name)) {
            return check_hex(from(digest, colon + 1), algorithms[i].hex_digits, err);
        }
    }
    return refuse(err, "unknown digest algorithm: use sha256, sha384 or sha512");
}

/* Splits at the first `@`, and before it at the first `:`.  The parts are checked later. */
static void split_rest(struct moor_reference *out, struct moor_slice rest, bool *tagged,
                       bool *digested)
{
    size_t at = find(rest, '@');
    size_t colon = find(moor_slice_sub(rest, 0, at), ':');
    *tagged = colon < at;
    *digested = at < rest.len;
    out->path = moor_slice_sub(rest, 0, colon);
    out->tag = moor_slice_sub(rest, colon + 1, at);
    out->digest = from(rest, at + 1);
}

int moor_reference_parse(struct moor_reference *out, struct moor_slice text, struct moor_error *err)
{
    if (refuse_whole(err, text) != 0) {
        return -1;
    }
    struct moor_reference found = {0};
    int start = split_domain(&found, text, err);
    if (start < 0) {
        return -1;
    }
    bool tagged = false;
    bool digested = false;
    split_rest(&found, from(text, (size_t)start), &tagged, &digested);
    found.repository = moor_slice_sub(text, 0, (size_t)start + found.path.len);
    found.implies_library =
        moor_slice_equal(found.domain, DEFAULT_DOMAIN) && find(found.path, '/') == found.path.len;
    if (found.path.len == 0) {
        return refuse(err, "no repository");
    }
    if (check_path(found.path, err) != 0 || check_path_length(&found, err) != 0 ||
        (tagged && check_tag(found.tag, err) != 0) ||
        (digested && check_digest(found.digest, err) != 0)) {
        return -1;
    }
    *out = found;
    return 0;
}
