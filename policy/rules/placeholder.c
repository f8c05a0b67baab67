/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/rules/placeholder.h"
#include "policy/object/kinds.h"

bool moor_placeholder_is_blank(struct moor_slice text)
{
    static const char blanks[] = {' ', '\t', '\n', '\v', '\f', '\r'};
    for (size_t i = 0; i < text.len; i++) {
        if (memchr(blanks, text.ptr[i], sizeof blanks) == NULL) {
            return false;
        }
    }
    return true;
}

/* The order matters: `}}{{` is not a variable. */
static bool has_pair(struct moor_slice text, struct moor_slice opening, struct moor_slice closing)
{
    const char *at = text.len > 0 ? memmem(text.ptr, text.len, opening.ptr, opening.len) : NULL;
    if (at == NULL) {
        return false;
    }
    size_t before = (size_t)(at - text.ptr) + opening.len;
    return memmem(text.ptr + before, text.len - before, closing.ptr, closing.len) != NULL;
}

bool moor_placeholder_has_variable(struct moor_slice text)
{
    return has_pair(text, MOOR_SLICE("{{"), MOOR_SLICE("}}")) ||
           has_pair(text, MOOR_SLICE("$("), MOOR_SLICE(")"));
}

/* In built-in kinds nothing expands variables, so they count only in custom resources. */
bool moor_placeholder_is(const struct moor_policy *policy, const struct moor_kind *kind,
                         struct moor_slice text, struct moor_matcher *matcher)
{
    for (size_t i = 0; i < policy->placeholder_count; i++) {
        (void)moor_matcher_take(matcher, moor_matcher_compare_cost(policy->placeholders[i], text));
        if (moor_slice_equal(policy->placeholders[i], text)) {
            return true;
        }
    }
    return kind->is_custom && moor_placeholder_has_variable(text);
}
