/* SPDX-License-Identifier: Apache-2.0 */
/*
 * expiry - says in good time that a certificate will expire.
 *
 * Warns from 30 days before the end on, as an error from 7 days before; for a certificate that
 * lives shorter, from a third and from a tenth of its life.
 *
 * Threads:  pure but for the log.
 */
#ifndef MOOR_WEBHOOK_OBSERVE_EXPIRY_H
#define MOOR_WEBHOOK_OBSERVE_EXPIRY_H

#include "webhook/http/tls.h"
#include "webhook/observe/log.h"

#define MOOR_EXPIRY_TIME_BYTES 32

enum moor_expiry {
    MOOR_EXPIRY_FAR,
    MOOR_EXPIRY_NEAR,
    MOOR_EXPIRY_CLOSE,
    MOOR_EXPIRY_PAST
};

/* How near the end is; `not_before_s` is 0 where the beginning is not known. */
enum moor_expiry moor_expiry_of(int64_t not_before_s, int64_t not_after_s, int64_t now_s);

/* Logs a line for each certificate that is near its end. */
void moor_expiry_warn(const struct moor_tls_certificate *certificate, int64_t now_s,
                      struct moor_log *log);

/* Writes `2026-11-21T22:20:00Z` and returns `out`. */
const char *moor_expiry_format(char out[MOOR_EXPIRY_TIME_BYTES], int64_t seconds);

#endif
