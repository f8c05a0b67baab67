/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/now.h"

#include "policy/base/timestamp.h"

#include <time.h>

/* A date alone is rejected: in a policy, it means the end of the day, and here users expect its
 * start. */
int moor_now_read(int64_t *out, const char *text, struct moor_error *err)
{
    struct moor_error wrong = {0};
    struct moor_slice given = moor_slice_from(text);
    if (text == NULL) {
        *out = (int64_t)time(NULL);
        return 0;
    }
    if (given.len == sizeof "2027-03-31" - 1 || moor_timestamp_parse(out, given, &wrong) != 0) {
        return moor_error_set(
            err, MOOR_ERROR_VALUE,
            "invalid time '%s' for '--now': use a time such as 2027-03-31T18:00:00Z", text);
    }
    return 0;
}
