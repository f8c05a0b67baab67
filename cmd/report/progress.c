/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "cmd/report/progress.h"

#include "cmd/report/terminal.h"

#define PATIENCE_MS 1000 /* a shorter command needs no line */
#define INTERVAL_MS 100

static int64_t now_ms(void)
{
    struct timespec now = {0};
    /* The wall clock can jump, and would stop the line or redraw it all the time. */
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void moor_progress_start(struct moor_progress *progress)
{
    *progress = (struct moor_progress){
        /* A log of CI would keep every line that a terminal overwrites. */
        .is_shown = isatty(STDERR_FILENO) != 0 && !moor_terminal_is_dumb(),
        .started_ms = now_ms(),
    };
}

bool moor_progress_is_due(struct moor_progress *progress)
{
    int64_t now = progress->is_shown ? now_ms() : 0;
    if (!progress->is_shown || now - progress->started_ms < PATIENCE_MS ||
        now - progress->drawn_ms < INTERVAL_MS) {
        return false;
    }
    moor_progress_clear(progress);
    progress->has_line = true;
    progress->drawn_ms = now;
    return true;
}

void moor_progress_clear(struct moor_progress *progress)
{
    if (progress->has_line) {
        (void)fputs("\r\x1b[K", stderr);
        progress->has_line = false;
    }
}
