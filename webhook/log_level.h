/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log_level - severity of a log line, the most severe first.
 *
 * A line is written if its level is not above the configured level.
 *
 * Threads, memory: declares an enum only.
 */
#ifndef MOOR_WEBHOOK_LOG_LEVEL_H
#define MOOR_WEBHOOK_LOG_LEVEL_H

enum moor_log_level {
    MOOR_LOG_ERROR,
    MOOR_LOG_WARN,
    MOOR_LOG_INFO,
    MOOR_LOG_DEBUG
};

#endif
