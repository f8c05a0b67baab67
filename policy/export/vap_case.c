/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/export/vap_case.h"

#include "policy/export/cel.h"
#include "policy/export/re2.h"

/* A list has as many globs as a policy file has room for. */
#define PATTERN_BYTES ((size_t)4 * 1024 * 1024)

static void free_buf(struct moor_buf *buf)
{
    moor_buf_release(buf);
}

int moor_vap_append_globs(struct moor_buf *out, const char *subject,
                          const struct moor_glob_list *globs, struct moor_error *err)
{
    __attribute__((cleanup(free_buf))) struct moor_buf pattern;
    moor_buf_init(&pattern, PATTERN_BYTES);
    if (moor_re2_globs(&pattern, globs, err) != 0 || moor_buf_check(&pattern, err) != 0) {
        return -1;
    }
    moor_cel_matches(out, subject, moor_buf_slice(&pattern));
    return 0;
}
