/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd/input/relative.h"

/* Returns the next component of the path at `*at`, without slashes; empty after the last one. */
static struct moor_slice next_part(struct moor_slice path, size_t *at)
{
    while (*at < path.len && path.ptr[*at] == '/') {
        (*at)++;
    }
    size_t start = *at;
    while (*at < path.len && path.ptr[*at] != '/') {
        (*at)++;
    }
    return moor_slice_sub(path, start, *at);
}

static void drop_part(struct moor_buf *path)
{
    size_t len = path->len;
    while (len > 0 && path->ptr[len - 1] != '/') {
        len--;
    }
    /* `..` in the root is the root, as in the kernel. */
    moor_buf_truncate(path, len > 0 ? len - 1 : 0);
}

/* Appends the components of `path` to an absolute path, and resolves `.` and `..`. */
static void enter(struct moor_buf *out, struct moor_slice path)
{
    /*
     * Resolved by text, without the file system: the file may not exist yet, and a report shows the
     * path that the user knows and not the target of a link.
     */
    size_t at = 0;
    for (;;) {
        struct moor_slice part = next_part(path, &at);
        if (part.len == 0) {
            return;
        }
        if (moor_slice_is(part, "..")) {
            drop_part(out);
        } else if (!moor_slice_is(part, ".")) {
            moor_buf_append_byte(out, '/');
            moor_buf_append(out, part);
        }
    }
}

/* Appends the absolute path of `path`, which begins at `folder` unless it is absolute. */
static void resolve(struct moor_buf *out, const struct moor_buf *folder, struct moor_slice path)
{
    if (!moor_slice_starts_with(path, MOOR_SLICE("/"))) {
        moor_buf_append(out, moor_buf_slice(folder));
    }
    enter(out, path);
}

int moor_relative_init(struct moor_relative *out, const char *file, struct moor_error *err)
{
    moor_buf_init(&out->folder, MOOR_RELATIVE_MAX_BYTES);
    moor_buf_init(&out->current, MOOR_RELATIVE_MAX_BYTES);
    char *current = getcwd(NULL, 0);
    if (current == NULL) {
        return moor_error_set(err, MOOR_ERROR_SYSTEM, "cannot find the working directory: %s",
                              strerrordesc_np(errno));
    }
    enter(&out->current, moor_slice_from(current));
    free(current);
    resolve(&out->folder, &out->current, moor_slice_from(file));
    drop_part(&out->folder);
    return moor_buf_check(&out->current, err) == 0 ? moor_buf_check(&out->folder, err) : -1;
}

void moor_relative_release(struct moor_relative *relative)
{
    moor_buf_release(&relative->folder);
    moor_buf_release(&relative->current);
}

/* Appends the way from the folder to an absolute path. */
static void append_way(struct moor_buf *out, struct moor_slice folder, struct moor_slice path)
{
    size_t start = out->len;
    size_t in_folder = 0;
    size_t in_path = 0;
    for (;;) {
        /* Whole components are compared: `/src/app` is not a folder of `/src/app2`. */
        size_t folder_at = in_folder;
        size_t path_at = in_path;
        struct moor_slice part = next_part(folder, &folder_at);
        if (part.len == 0 || !moor_slice_equal(part, next_part(path, &path_at))) {
            break;
        }
        in_folder = folder_at;
        in_path = path_at;
    }
    while (next_part(folder, &in_folder).len > 0) {
        moor_buf_append_text(out, out->len > start ? "/.." : "..");
    }
    struct moor_slice rest = moor_slice_sub(path, in_path, path.len);
    /*
     * Without `..` before it, the rest must not begin with a slash, which would make it absolute.
     */
    if (out->len == start && rest.len > 0) {
        rest = moor_slice_sub(rest, 1, rest.len);
    }
    moor_buf_append(out, rest);
    if (out->len == start) {
        moor_buf_append_byte(out, '.');
    }
}

static void append(struct moor_buf *out, const struct moor_relative *relative,
                   const struct moor_buf *from, struct moor_slice path)
{
    struct moor_buf whole;
    moor_buf_init(&whole, MOOR_RELATIVE_MAX_BYTES);
    /* append_way() compares components, so that each `..` must be resolved before. */
    resolve(&whole, from, path);
    append_way(out, moor_buf_slice(&relative->folder), moor_buf_slice(&whole));
    out->failed = out->failed || whole.failed;
    moor_buf_release(&whole);
}

void moor_relative_append(struct moor_buf *out, const struct moor_relative *relative,
                          struct moor_slice path)
{
    append(out, relative, &relative->current, path);
}

void moor_relative_append_inside(struct moor_buf *out, const struct moor_relative *relative,
                                 struct moor_slice path)
{
    append(out, relative, &relative->folder, path);
}

void moor_relative_append_absolute(struct moor_buf *out, const struct moor_relative *relative,
                                   struct moor_slice path)
{
    resolve(out, &relative->current, path);
}
