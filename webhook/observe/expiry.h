/* SPDX-License-Identifier: Apache-2.0 */
/*
 * expiry - warns before a certificate expires.
 *
 * Logs warnings from 30 days before the expiry, and errors from 7 days before.  For a certificate
 * with a shorter life, the times are a third and a tenth of its life.
 *
 * Threads:  pure, except for the log.
 * Memory:   allocates nothing.
 */
#ifndef MOOR_WEBHOOK_OBSERVE_EXPIRY_H
#define MOOR_WEBHOOK_OBSERVE_EXPIRY_H

#include "webhook/http/tls.h"
#include "webhook/observe/log.h"

#define MOOR_EXPIRY_TIME_BYTES 32

/* Distance to the expiry: none, a warning, an error, expired. */
enum moor_expiry {
    MOOR_EXPIRY_FAR,
    MOOR_EXPIRY_NEAR,
    MOOR_EXPIRY_CLOSE,
    MOOR_EXPIRY_PAST
};

/*
 * Returns the distance to the expiry at `now_s`.  `not_before_s` is 0 if the beginning is unknown.
 * Times are seconds since 1970.
 */
enum moor_expiry moor_expiry_of(int64_t not_before_s, int64_t not_after_s, int64_t now_s);

/* Logs a line for each certificate that is about to expire or has expired. */
void moor_expiry_warn(const struct moor_tls_certificate *certificate, int64_t now_s,
                      struct moor_log *log);

/*
 * Writes `2026-11-21T22:20:00Z` and returns `out`; the text is empty for a year that cannot be
 * represented.
 */
const char *moor_expiry_format(char out[MOOR_EXPIRY_TIME_BYTES], int64_t seconds);

#endif
