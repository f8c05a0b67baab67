/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <time.h>

#include "webhook/observe/expiry.h"

#define DAY_S 86400

static int64_t least(int64_t left, int64_t right)
{
    return left < right ? left : right;
}

/* A certificate may live for days only; a warning time of 30 days would then never end. */
enum moor_expiry moor_expiry_of(int64_t not_before_s, int64_t not_after_s, int64_t now_s)
{
    int64_t life_s = not_before_s > 0 ? not_after_s - not_before_s : INT64_MAX;
    int64_t left_s = not_after_s - now_s;
    if (left_s < 0) {
        return MOOR_EXPIRY_PAST;
    }
    if (left_s < least((int64_t)7 * DAY_S, life_s / 10)) {
        return MOOR_EXPIRY_CLOSE;
    }
    return left_s < least((int64_t)30 * DAY_S, life_s / 3) ? MOOR_EXPIRY_NEAR : MOOR_EXPIRY_FAR;
}

/*
 * A year that gmtime_r() cannot represent gives an empty text, because the warning itself is still
 * useful.
 */
const char *moor_expiry_format(char out[MOOR_EXPIRY_TIME_BYTES], int64_t seconds)
{
    struct tm parts;
    time_t time = (time_t)seconds;
    out[0] = '\0';
    if (gmtime_r(&time, &parts) != NULL) {
        (void)strftime(out, MOOR_EXPIRY_TIME_BYTES, "%Y-%m-%dT%H:%M:%SZ", &parts);
    }
    return out;
}

static void warn(const char *what, int64_t not_before_s, int64_t not_after_s, int64_t now_s,
                 struct moor_log *log)
{
    char until[MOOR_EXPIRY_TIME_BYTES];
    enum moor_expiry expiry = moor_expiry_of(not_before_s, not_after_s, now_s);
    if (expiry == MOOR_EXPIRY_FAR) {
        return;
    }
    enum moor_log_level level = expiry == MOOR_EXPIRY_NEAR ? MOOR_LOG_WARN : MOOR_LOG_ERROR;
    (void)moor_expiry_format(until, not_after_s);
    if (expiry == MOOR_EXPIRY_PAST) {
        moor_log_event(log, level, "%s expired at %s: replace it, no restart is needed", what,
                       until);
        return;
    }
    moor_log_event(log, level, "%s expires at %s, in %lld days: renew it, no restart is needed",
                   what, until, (long long)((not_after_s - now_s) / DAY_S));
}

void moor_expiry_warn(const struct moor_tls_certificate *certificate, int64_t now_s,
                      struct moor_log *log)
{
    warn("the serving certificate", certificate->not_before_s, certificate->not_after_s, now_s,
         log);
    /*
     * A CA may expire before the certificates that it signed, and the API server then rejects all
     * of them.
     */
    if (certificate->ca_not_after_s > 0) {
        warn("a CA in the serving certificate's file", certificate->not_before_s,
             certificate->ca_not_after_s, now_s, log);
    }
    if (certificate->client_ca_not_after_s > 0) {
        warn("the client CA", 0, certificate->client_ca_not_after_s, now_s, log);
    }
}
