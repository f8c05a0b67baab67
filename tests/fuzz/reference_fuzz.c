/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parses the input as an image reference and classifies it, and stops where the parts are not
 * slices of the input or where parser and classifier contradict each other.
 */
#include "policy/image/reference.h"
#include "policy/image/reference_name.h"
#include "policy/image/tag.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Not assert(), which a release build leaves out. */
static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* Whether the part lies inside the text, or is empty. */
static bool is_inside(struct moor_slice part, struct moor_slice text)
{
    uintptr_t start = (uintptr_t)text.ptr;
    uintptr_t at = (uintptr_t)part.ptr;
    return part.len == 0 || (at >= start && at - start <= text.len - part.len);
}

static void check_same_name(const struct moor_reference *left, const struct moor_reference *right)
{
    struct moor_buf names[2];
    for (size_t i = 0; i < 2; i++) {
        moor_buf_init(&names[i], (size_t)2 * MOOR_REFERENCE_MAX_BYTES);
        moor_reference_append_name(&names[i], i == 0 ? left : right);
    }
    require(moor_slice_equal(moor_buf_slice(&names[0]), moor_buf_slice(&names[1])));
    moor_buf_release(&names[0]);
    moor_buf_release(&names[1]);
}

/* The canonical name and the rest must parse again, to the same tag and digest; its own canonical
 * name is the same. */
static void check_canonical(const struct moor_reference *reference)
{
    struct moor_buf text;
    moor_buf_init(&text, (size_t)2 * MOOR_REFERENCE_MAX_BYTES);
    moor_reference_append_name(&text, reference);
    if (reference->tag.len > 0) {
        moor_buf_printf(&text, ":%.*s", MOOR_SLICE_ARGS(reference->tag));
    }
    if (reference->digest.len > 0) {
        moor_buf_printf(&text, "@%.*s", MOOR_SLICE_ARGS(reference->digest));
    }
    struct moor_reference again;
    bool fits = moor_buf_slice(&text).len <= MOOR_REFERENCE_MAX_BYTES &&
                reference->path.len <= 255 - strlen("library/");
    require(moor_buf_check(&text, NULL) == 0);
    if (fits) {
        require(moor_reference_parse(&again, moor_buf_slice(&text), NULL) == 0);
        require(moor_slice_equal(again.tag, reference->tag));
        require(moor_slice_equal(again.digest, reference->digest));
        check_same_name(reference, &again);
    }
    moor_buf_release(&text);
}

static void check_class(const struct moor_reference *reference)
{
    struct moor_tag found = moor_reference_classify(reference);
    require(found.class > MOOR_CLASS_INVALID && found.class < MOOR_CLASS_COUNT);
    require((found.class == MOOR_CLASS_DIGEST) == (reference->digest.len > 0));
    require(!found.base_unpinned || found.class == MOOR_CLASS_VERSION);
    require(!found.foreign_commit || found.class == MOOR_CLASS_COMMIT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct moor_slice text = {(const char *)data, size};
    struct moor_reference reference;
    struct moor_error err = {0};
    require(moor_tag_classify(text).class < MOOR_CLASS_COUNT);
    if (moor_reference_parse(&reference, text, &err) != 0) {
        require(err.code != MOOR_ERROR_NONE && err.text[0] != '\0');
        for (const char *c = err.text; *c != '\0'; c++) {
            require(*c >= ' ' && *c <= '~');
        }
        return 0;
    }
    require(is_inside(reference.path, text) && is_inside(reference.tag, text));
    require(is_inside(reference.digest, text) && is_inside(reference.repository, text));
    require(reference.path.len > 0 && reference.repository.len >= reference.path.len);
    check_canonical(&reference);
    check_class(&reference);
    return 0;
}
