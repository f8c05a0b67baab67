/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/http/log_limit.h"

#define EVERY_US UINT64_C(1000000)
#define AHEAD_US ((MOOR_LOG_LIMIT_BURST - 1) * EVERY_US)

/*
 * One time is the whole state: each admitted line moves it one second ahead, and it may be a burst
 * ahead of the clock.  A single compare-and-exchange updates it, so that threads need no lock.  If
 * another thread was faster, the loop starts over with the new value.
 */
bool moor_log_limit_take(struct moor_log_limit *limit, uint64_t now_us, uint64_t *omitted)
{
    uint_fast64_t next_us = atomic_load_explicit(&limit->next_us, memory_order_relaxed);
    for (;;) {
        if (next_us > now_us + AHEAD_US) {
            (void)atomic_fetch_add_explicit(&limit->omitted, 1, memory_order_relaxed);
            return false;
        }
        uint_fast64_t wanted_us = (next_us > now_us ? next_us : now_us) + EVERY_US;
        if (atomic_compare_exchange_weak_explicit(&limit->next_us, &next_us, wanted_us,
                                                  memory_order_relaxed, memory_order_relaxed)) {
            *omitted = atomic_exchange_explicit(&limit->omitted, 0, memory_order_relaxed);
            return true;
        }
    }
}

/* The atomic exchange ensures that only one thread reports the number. */
uint64_t moor_log_limit_rest(struct moor_log_limit *limit, uint64_t now_us)
{
    if (atomic_load_explicit(&limit->omitted, memory_order_relaxed) == 0 ||
        atomic_load_explicit(&limit->next_us, memory_order_relaxed) > now_us) {
        return 0;
    }
    return atomic_exchange_explicit(&limit->omitted, 0, memory_order_relaxed);
}
