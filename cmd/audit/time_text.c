/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <time.h>

#include "cmd/audit/time_text.h"

#include "policy/base/timestamp.h"

#define DATE_BYTES  (sizeof "2027-03-31" - 1)
#define DAY_SECONDS INT64_C(86400)

struct moor_time_text moor_time_text(int64_t time)
{
    struct moor_time_text out = {""};
    time_t seconds = (time_t)time;
    struct tm parts;
    if (gmtime_r(&seconds, &parts) != NULL) {
        (void)strftime(out.text, sizeof out.text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    }
    return out;
}

static int parse(int64_t *out, const char *text, const char *option, struct moor_error *err)
{
    struct moor_error wrong = {0};
    return moor_timestamp_parse(out, moor_slice_from(text), &wrong) == 0
               ? 0
               : moor_error_set(err, MOOR_ERROR_VALUE,
                                "invalid time '%s' for '%s': use a date such as 2027-03-31, or a "
                                "time such as 2027-03-31T18:00:00Z",
                                text, option);
}

/* A date is parsed to the second after its end. */
int moor_time_period(int64_t *from, int64_t *to, const char *first, const char *last,
                     struct moor_error *err)
{
    *from = INT64_MIN;
    *to = INT64_MAX;
    if ((first != NULL && parse(from, first, "--from", err) != 0) ||
        (last != NULL && parse(to, last, "--to", err) != 0)) {
        return -1;
    }
    *from -= first != NULL && strlen(first) == DATE_BYTES ? DAY_SECONDS : 0;
    *to += last != NULL && strlen(last) != DATE_BYTES ? 1 : 0;
    return *from < *to ? 0 : moor_error_set(err, MOOR_ERROR_VALUE, "'--from' is later than '--to'");
}
