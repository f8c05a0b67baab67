/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/now.h"

#include "policy/base/timestamp.h"

#include <time.h>

#define DATE_BYTES  (sizeof "2027-03-31" - 1)
#define DAY_SECONDS INT64_C(86400)

int moor_now_read(int64_t *out, const char *text, struct moor_error *err)
{
    struct moor_error wrong = {0};
    struct moor_slice given = moor_slice_from(text);
    if (text == NULL) {
        *out = (int64_t)time(NULL);
        return 0;
    }
    if (moor_timestamp_parse(out, given, &wrong) != 0) {
        return moor_error_set(err, MOOR_ERROR_VALUE,
                              "invalid time '%s' for '--now': use a date such as 2027-03-31, or a "
                              "time such as 2027-03-31T18:00:00Z",
                              text);
    }
    /* A date is parsed to its end, as in `expires`.  An exemption applies on its last day. */
    *out -= given.len == DATE_BYTES ? DAY_SECONDS : 0;
    return 0;
}
