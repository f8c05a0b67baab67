/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/pin/choice.h"

#include "policy/image/reference_name.h"
#include "policy/image/tag.h"
#include "policy/rules/requirements.h"

#define MAX_NAME ((size_t)MOOR_REFERENCE_MAX_BYTES + 64)

bool moor_pin_choice_wants(const struct moor_pin_choice *choice,
                           const struct moor_image_verdict *image)
{
    if (image->decision == MOOR_DECISION_DENY) {
        return true;
    }
    /* With --tag-only, a fixed tag needs no other one. */
    return choice->takes_all && image->class != MOOR_CLASS_PLACEHOLDER &&
           !(choice->is_tag_only && image->level >= MOOR_LEVEL_RELEASE);
}

/* --- fixed tags ------------------------------------------------------------------------------- */

/* A tag that names the content of the image. */
struct candidate {
    struct moor_slice tag;
    enum moor_level level;
    bool continues; /* it begins with the tag as written */
};

static bool is_better(const struct candidate *left, const struct candidate *right)
{
    if (left->level != right->level) {
        return left->level > right->level;
    }
    if (left->continues != right->continues) {
        return left->continues;
    }
    return left->tag.len < right->tag.len;
}

/* Returns the tag of the entry if it is a tag of the repository `name`, which ends with a colon. */
static struct moor_slice tag_of(const struct moor_lock_entry *entry, struct moor_slice name)
{
    return moor_slice_starts_with(entry->reference, name)
               ? moor_slice_sub(entry->reference, name.len, entry->reference.len)
               : (struct moor_slice){0};
}

/* Returns whether the lock has one digest only for the reference of the entry at `index`. */
static bool is_single(const struct moor_lock *lock, size_t index)
{
    struct moor_slice reference = lock->entries[index].reference;
    return (index == 0 || !moor_slice_equal(lock->entries[index - 1].reference, reference)) &&
           (index + 1 == lock->count ||
            !moor_slice_equal(lock->entries[index + 1].reference, reference));
}

/* Finds the best tag among all entries of the repository. */
static struct candidate find_tag(const struct moor_lock *lock, struct moor_slice name,
                                 struct moor_slice digest, const struct moor_image_verdict *image)
{
    struct candidate best = {.level = MOOR_LEVEL_NONE};
    for (size_t i = 0; i < lock->count; i++) {
        struct candidate candidate = {.tag = tag_of(&lock->entries[i], name)};
        if (candidate.tag.len == 0 || !moor_slice_equal(lock->entries[i].digest, digest) ||
            !is_single(lock, i)) {
            continue;
        }
        candidate.level = moor_class_level(moor_tag_classify(candidate.tag).class);
        candidate.continues = image->reference.tag.len > 0 &&
                              moor_slice_starts_with(candidate.tag, image->reference.tag);
        if (candidate.level >= MOOR_LEVEL_RELEASE &&
            moor_level_satisfies(candidate.level, image->requirement) &&
            (best.tag.len == 0 || is_better(&candidate, &best))) {
            best = candidate;
        }
    }
    return best;
}

static bool take_tag(struct moor_pin_target *out, const struct moor_lock *lock,
                     const struct moor_image_verdict *image, struct moor_buf *why)
{
    struct moor_buf name;
    moor_buf_init(&name, MAX_NAME);
    moor_reference_append_name(&name, &image->reference);
    moor_buf_append_byte(&name, ':');
    struct candidate best = find_tag(lock, moor_buf_slice(&name), out->digest, image);
    moor_buf_release(&name);
    out->tag = best.tag;
    if (best.tag.len == 0) {
        moor_buf_append_text(why, image->requirement == MOOR_REQUIREMENT_DIGEST
                                      ? "the policy requires a digest, not a tag"
                                      : "the lock has no fixed tag with its digest");
    }
    return best.tag.len > 0;
}

/* --- digests ---------------------------------------------------------------------------------- */

bool moor_pin_choice_find(struct moor_pin_target *out, const struct moor_pin_choice *choice,
                          const struct moor_image_verdict *image, struct moor_buf *why)
{
    struct moor_lock_found found = moor_lock_find(choice->lock, image->image->text);
    *out = (struct moor_pin_target){0};
    if (found.count != 1) {
        moor_buf_printf(
            why, found.count == 0 ? "the lock has no digest of " : "the lock has %zu digests of ",
            found.count);
        (void)moor_lock_append_name(why, &image->reference);
        return false;
    }
    out->digest = found.entries->digest;
    struct moor_slice platforms = found.entries->architectures;
    if (platforms.len > 0 && memchr(platforms.ptr, '?', platforms.len) != NULL) {
        out->platforms = platforms;
    }
    return !choice->is_tag_only || take_tag(out, choice->lock, image, why);
}
