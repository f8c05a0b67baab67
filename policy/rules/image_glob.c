/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/rules/image_glob.h"
#include "policy/image/reference_name.h"

/* A canonical name may be longer than the reference: `docker.io/library/` is added to it. */
#define NAME_BYTES ((size_t)MOOR_REFERENCE_MAX_BYTES + 64)
#define SHOWN      80 /* bytes of a glob in a message */
#define UPPER_CASE "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

static void free_buf(struct moor_buf *buf)
{
    moor_buf_release(buf);
}

static bool has_any(struct moor_slice text, const char *bytes)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] != '\0' && strchr(bytes, text.ptr[i]) != NULL) {
            return true;
        }
    }
    return false;
}

bool moor_image_glob_is_literal(struct moor_slice text)
{
    return !has_any(text, "*?[\\");
}

static bool has_two_stars(struct moor_slice text)
{
    return text.len > 1 && memmem(text.ptr, text.len, "**", 2) != NULL;
}

/* Returns the offset of the first `byte`, or the length. */
static size_t find(struct moor_slice text, char byte)
{
    const char *at = text.len > 0 ? memchr(text.ptr, byte, text.len) : NULL;
    return at != NULL ? (size_t)(at - text.ptr) : text.len;
}

/* --- globs that cannot match ------------------------------------------------------------------ */

/* A glob that matches nothing is always a mistake, and would disable the rule without a trace. */
static int refuse(struct moor_error *err, struct moor_slice glob, const char *why)
{
    return moor_error_set(err, MOOR_ERROR_VALUE, "glob '%.*s' matches no image: %s",
                          MOOR_SLICE_ARGS(moor_slice_sub(glob, 0, SHOWN)), why);
}

static int suggest(struct moor_error *err, struct moor_slice glob, const char *before,
                   struct moor_slice rest)
{
    return moor_error_set(err, MOOR_ERROR_VALUE, "glob '%.*s' matches no image: write '%s%.*s'",
                          MOOR_SLICE_ARGS(moor_slice_sub(glob, 0, SHOWN)), before,
                          MOOR_SLICE_ARGS(moor_slice_sub(rest, 0, SHOWN)));
}

/* A first segment that cannot be a domain means a short name of docker.io. */
static bool can_be_domain(struct moor_slice first)
{
    return has_any(first, "*?.:" UPPER_CASE) || moor_slice_is(first, "localhost");
}

/* A registry with special characters has many spellings; only the host of Docker Hub is known. */
static int check_open_host(struct moor_slice glob, struct moor_slice host, struct moor_error *err)
{
    const struct moor_slice hub = MOOR_SLICE(".docker.io");
    return host.len > hub.len &&
                   moor_slice_equal(moor_slice_sub(host, host.len - hub.len, host.len), hub)
               ? refuse(err, glob, "Docker Hub is 'docker.io' in canonical names")
               : 0;
}

/* Canonical names have one spelling of each registry, and the glob must use it. */
static int check_host(struct moor_slice glob, struct moor_slice host, struct moor_slice path,
                      struct moor_error *err)
{
    if (!moor_image_glob_is_literal(host)) {
        return check_open_host(glob, host, err);
    }
    __attribute__((cleanup(free_buf))) struct moor_buf name;
    moor_buf_init(&name, NAME_BYTES);
    bool is_hub = moor_reference_append_domain(&name, host);
    bool is_same = moor_slice_equal(moor_buf_slice(&name), host);
    /* A host with one star is one segment, but canonical names of official images have two. */
    bool lacks_library = is_hub && find(path, '/') == path.len && !has_two_stars(path);
    moor_buf_append_text(&name, lacks_library ? "/library/" : "/");
    moor_buf_append_byte(&name, '\0');
    if (moor_buf_check(&name, err) != 0) {
        return -1;
    }
    return is_same && !lacks_library ? 0 : suggest(err, glob, name.ptr, path);
}

static int check_path(struct moor_slice glob, struct moor_slice path, struct moor_error *err)
{
    static const char bytes[] = "abcdefghijklmnopqrstuvwxyz0123456789._-/*?";
    for (size_t i = 0; i < path.len; i++) {
        if (path.ptr[i] == ':' || path.ptr[i] == '@') {
            return refuse(err, glob, "it is matched against the name, without tag and digest");
        }
        if (memchr(bytes, path.ptr[i], sizeof bytes - 1) == NULL) {
            return refuse(err, glob, "names contain only a-z, 0-9, '.', '_', '-' and '/'");
        }
    }
    if (path.len == 0 || path.ptr[0] == '/' || path.ptr[path.len - 1] == '/' ||
        memmem(path.ptr, path.len, "//", 2) != NULL) {
        return refuse(err, glob, "it has an empty part between slashes");
    }
    return 0;
}

int moor_image_glob_check_name(struct moor_slice glob, struct moor_error *err)
{
    size_t slash = find(glob, '/');
    struct moor_slice first = moor_slice_sub(glob, 0, slash);
    struct moor_slice path = moor_slice_sub(glob, slash + 1, glob.len);
    /* Sets and escapes can spell a character in many ways, so only the registry is checked. */
    if (has_any(glob, "[\\")) {
        return slash < glob.len ? check_host(glob, first, path, err) : 0;
    }
    if (slash == glob.len) {
        return has_two_stars(glob) ? check_path(glob, glob, err)
               : has_any(glob, "*?")
                   ? refuse(err, glob, "names have a registry, and '*' does not match '/'")
                   : suggest(err, glob, "docker.io/library/", glob);
    }
    if (check_path(glob, path, err) != 0) {
        return -1;
    }
    return can_be_domain(first) ? check_host(glob, first, path, err)
                                : suggest(err, glob, "docker.io/", glob);
}

/*
 * Writes a registry with special characters in lower case and without port 443.  After a star the
 * port is kept: without it, the star would match other ports too.
 */
static void append_open_host(struct moor_buf *out, struct moor_slice host)
{
    size_t end = host.len;
    while (end > 0 && host.ptr[end - 1] >= '0' && host.ptr[end - 1] <= '9') {
        end--;
    }
    size_t digits = end;
    while (digits < host.len && host.ptr[digits] == '0') {
        digits++;
    }
    bool is_default = moor_slice_is(moor_slice_sub(host, digits, host.len), "443") && end > 1 &&
                      host.ptr[end - 1] == ':' && host.ptr[end - 2] != '*';
    for (size_t i = 0; i < (is_default ? end - 1 : host.len); i++) {
        bool is_upper = host.ptr[i] >= 'A' && host.ptr[i] <= 'Z';
        moor_buf_append_byte(out, is_upper ? (char)(host.ptr[i] - 'A' + 'a') : host.ptr[i]);
    }
}

bool moor_image_glob_respell(struct moor_buf *out, struct moor_slice glob)
{
    size_t slash = find(glob, '/');
    struct moor_slice first = moor_slice_sub(glob, 0, slash);
    if (slash == glob.len || !can_be_domain(first)) {
        return false;
    }
    if (!moor_image_glob_is_literal(first)) {
        append_open_host(out, first);
    } else {
        (void)moor_reference_append_domain(out, first);
    }
    moor_buf_append(out, moor_slice_sub(glob, slash, glob.len));
    return !out->failed && !moor_slice_equal(moor_buf_slice(out), glob);
}

static int check_tag(struct moor_slice glob, struct moor_slice tag, struct moor_error *err)
{
    for (size_t i = 0; i < tag.len; i++) {
        char byte = tag.ptr[i];
        bool is_word = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                       (byte >= '0' && byte <= '9');
        if (!is_word && !has_any((struct moor_slice){&byte, 1}, "_.-*?[]\\!^")) {
            return refuse(err, glob, "tags contain only letters, digits, '_', '.' and '-'");
        }
    }
    return tag.len == 0 ? refuse(err, glob, "its tag is empty") : 0;
}

/* --- compiling -------------------------------------------------------------------------------- */

static void append_part(struct moor_buf *out, const char *before, struct moor_slice part)
{
    moor_buf_append_text(out, part.len > 0 ? before : "");
    moor_buf_append(out, part);
}

/* A text without special characters must be the canonical form itself, or it could never match. */
static int check_literal(bool *is_invalid, struct moor_slice text, struct moor_error *err)
{
    struct moor_reference reference;
    __attribute__((cleanup(free_buf))) struct moor_buf name;
    moor_buf_init(&name, NAME_BYTES);
    if (moor_reference_parse(&reference, text, err) != 0) {
        *is_invalid = true;
        return 0;
    }
    moor_reference_append_name(&name, &reference);
    append_part(&name, ":", reference.tag);
    append_part(&name, "@", reference.digest);
    if (moor_buf_check(&name, err) != 0) {
        return -1;
    }
    return moor_slice_equal(text, moor_buf_slice(&name))
               ? 0
               : suggest(err, text, "", moor_buf_slice(&name));
}

/* Splits `text` into name, tag and digest; a colon before the last slash belongs to a port. */
static int split(struct moor_image_glob *out, struct moor_slice text, struct moor_error *err)
{
    size_t at = find(text, '@');
    struct moor_slice named = moor_slice_sub(text, 0, at);
    size_t colon = named.len;
    for (size_t i = named.len; i > 0 && named.ptr[i - 1] != '/'; i--) {
        colon = named.ptr[i - 1] == ':' ? i - 1 : colon;
    }
    out->name.text = moor_slice_sub(named, 0, colon);
    out->tag.text = moor_slice_sub(named, colon + 1, named.len);
    out->digest.text = moor_slice_sub(text, at + 1, text.len);
    if (at + 1 == text.len) {
        return refuse(err, text, "its digest is empty");
    }
    if (colon < named.len && check_tag(text, out->tag.text, err) != 0) {
        return -1;
    }
    return moor_image_glob_check_name(out->name.text, err);
}

static int compile_part(struct moor_glob *glob, struct moor_error *err)
{
    return glob->text.len == 0 ? 0 : moor_glob_compile(glob, glob->text, err);
}

int moor_image_glob_compile(struct moor_image_glob *out, bool *is_invalid, struct moor_slice text,
                            struct moor_error *err)
{
    struct moor_image_glob glob = {.text = text};
    *is_invalid = false;
    if (moor_image_glob_is_literal(text) && check_literal(is_invalid, text, err) != 0) {
        return -1;
    }
    /* An invalid reference has no parts to match: the glob is for exactly this text. */
    if (*is_invalid) {
        glob.is_invalid = true;
        glob.name = (struct moor_glob){.text = text, .kind = MOOR_GLOB_LITERAL};
        *out = glob;
        return 0;
    }
    if (split(&glob, text, err) != 0 || compile_part(&glob.name, err) != 0 ||
        compile_part(&glob.tag, err) != 0 || compile_part(&glob.digest, err) != 0) {
        moor_image_glob_release(&glob);
        return -1;
    }
    *out = glob;
    return 0;
}

void moor_image_glob_release(struct moor_image_glob *glob)
{
    moor_glob_release(&glob->name);
    moor_glob_release(&glob->tag);
    moor_glob_release(&glob->digest);
}

/* --- matching --------------------------------------------------------------------------------- */

static bool part_matches(const struct moor_glob *glob, struct moor_slice part,
                         struct moor_matcher *matcher)
{
    /* `name:*` asks for a tag, so that a reference without one does not match. */
    return glob->text.len == 0 || (part.len > 0 && moor_glob_match(glob, part, matcher));
}

bool moor_image_glob_match_rest(const struct moor_image_glob *glob,
                                const struct moor_named_image *image, struct moor_matcher *matcher)
{
    return glob->is_invalid || (part_matches(&glob->tag, image->reference->tag, matcher) &&
                                part_matches(&glob->digest, image->reference->digest, matcher));
}
