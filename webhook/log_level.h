/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log_level - how much a line of the log matters, most first.
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
