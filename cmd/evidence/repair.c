/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/evidence/repair.h"

/* How policy/message_repair.c writes the digest that it does not know. */
#define PLACEHOLDER MOOR_SLICE("@sha256:<digest>")

static bool offers_digest(struct moor_slice repair)
{
    return repair.len > 0 &&
           memmem(repair.ptr, repair.len, PLACEHOLDER.ptr, PLACEHOLDER.len) != NULL;
}

/* `nginx:1.27.5@sha256:...`, with a doubt if the digest may be that of one platform. */
static void append_pinned(struct moor_buf *out, struct moor_slice image,
                          const struct moor_lock_entry *entry)
{
    moor_buf_append(out, image);
    moor_buf_append_byte(out, '@');
    moor_buf_append(out, entry->digest);
    if (!moor_lock_is_of_platform(entry)) {
        return;
    }
    /* Without the `?` at the end, which marks the doubt. */
    struct moor_slice platform =
        moor_slice_sub(entry->architectures, 0, entry->architectures.len - 1);
    moor_buf_append_text(out, " (platform unknown, perhaps ");
    moor_buf_append(out, platform.len > 0 ? platform : MOOR_SLICE("one"));
    moor_buf_append_text(out, " only)");
}

bool moor_repair_append(struct moor_buf *out, const struct moor_lock *lock, struct moor_slice image,
                        bool is_rolling, struct moor_slice repair)
{
    struct moor_reference reference;
    struct moor_error ignored = {0};
    struct moor_lock_found found = moor_lock_find(lock, image);
    if (found.count == 0 || !offers_digest(repair) ||
        moor_reference_parse(&reference, image, &ignored) != 0 || reference.digest.len > 0) {
        return false;
    }
    /*
     * A tag that moved has several digests, and a choice between them would be a guess about what
     * the user wants to run.
     */
    if (found.count > 1) {
        moor_buf_append(out, repair);
        moor_buf_printf(out, "; it has run as %zu digests, so that none is proposed", found.count);
        return true;
    }
    if (!is_rolling) {
        moor_buf_append_text(out, "use ");
        append_pinned(out, image, found.entries);
        return true;
    }
    /* Registries delete manifests that no tag names any more. */
    moor_buf_append(out, repair);
    moor_buf_append_text(out, "; it runs as ");
    append_pinned(out, image, found.entries);
    moor_buf_append_text(out, ", but registries delete old digests of rolling tags: prefer a "
                              "fixed tag with its digest");
    return true;
}

void moor_repair_complete(struct moor_buf *repair, const struct moor_lock *lock,
                          struct moor_slice image, bool is_rolling)
{
    struct moor_buf whole;
    if (lock == NULL) {
        return;
    }
    /*
     * Built apart, because the new text contains the old one.  If it does not fit, the old repair
     * is still complete.
     */
    moor_buf_init(&whole, repair->max);
    if (moor_repair_append(&whole, lock, image, is_rolling, moor_buf_slice(repair)) &&
        !whole.failed) {
        moor_buf_clear(repair);
        moor_buf_append(repair, moor_buf_slice(&whole));
    }
    moor_buf_release(&whole);
}
