/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/audit/log_files.h"

#include "cmd/audit/log_lines.h"
#include "cmd/command.h"
#include "cmd/input/file.h"
#include "cmd/report/page.h"
#include "cmd/report/progress.h"

#include <inttypes.h>

/* A look at the clock for each line would take a noticeable part of the time of a short line. */
#define LINES_BETWEEN_CLOCKS 256
#define MEBIBYTE             (1024.0 * 1024.0)

/* A file that is being read. */
struct reading {
    struct moor_log_files *files;
    struct moor_progress *progress;
    const char *path;
    uint64_t damaged;
};

static void say_progress(const struct reading *reading, const struct moor_log_lines *lines)
{
    if (lines->number % LINES_BETWEEN_CLOCKS == 0 && moor_progress_is_due(reading->progress)) {
        (void)fprintf(stderr, "%" PRIu64 " lines, %.1f MiB; reading ",
                      reading->files->lines + lines->number,
                      (double)(reading->files->bytes + lines->bytes) / MEBIBYTE);
        /*
         * The name of a file can have control characters, also in a log directory that other users
         * write.
         */
        moor_page_escape(stderr, moor_slice_from(moor_file_shown(reading->path).text));
    }
}

static void say_damage(struct reading *reading, uint64_t number, const struct moor_error *err)
{
    reading->damaged++;
    /*
     * A file that is no log has one error a line: the first ones explain it, and the rest is
     * counted.
     */
    if (reading->damaged <= MOOR_LOG_FILES_MAX_MESSAGES) {
        moor_progress_clear(reading->progress);
        (void)moor_command_fail("%s: %s:%" PRIu64 ": %s", reading->files->command,
                                moor_file_shown(moor_file_name(reading->path)).text, number,
                                err->text);
    }
}

/* Returns -1 with `err` if the file could not be read to its end. */
static int read_lines(struct reading *reading, struct moor_log_lines *lines, struct moor_error *err)
{
    struct moor_log_files *files = reading->files;
    struct moor_slice line;
    for (;;) {
        struct moor_error wrong = {0};
        int got = moor_log_lines_next(lines, &line, &wrong);
        if (got == 0) {
            return 0;
        }
        /*
         * After a line that is too long, the next one is intact.  Any other error is in the bytes
         * themselves, such as damaged gzip data, and nothing after it can be relied on.
         */
        if (got < 0 && wrong.code != MOOR_ERROR_LIMIT) {
            return moor_error_set(err, wrong.code, "cannot read '%s': %s",
                                  moor_file_shown(moor_file_name(reading->path)).text, wrong.text);
        }
        if (got < 0) {
            files->long_line(files->context);
        }
        if (got < 0 || files->line(files->context, line, &wrong) != 0) {
            say_damage(reading, lines->number, &wrong);
        }
        say_progress(reading, lines);
    }
}

static void read_file(struct moor_log_files *files, struct moor_progress *progress,
                      const char *path)
{
    struct reading reading = {.files = files, .progress = progress, .path = path};
    struct moor_log_lines lines;
    struct moor_error err = {0};
    int status = moor_log_lines_open(&lines, path, &err);
    if (status == 0) {
        files->read++;
        /*
         * Lines before an error have been evaluated, so they stay in the totals even if the file
         * fails.
         */
        status = read_lines(&reading, &lines, &err);
        files->lines += lines.number;
        files->bytes += lines.bytes;
        moor_log_lines_close(&lines);
    }
    moor_progress_clear(progress);
    if (reading.damaged > MOOR_LOG_FILES_MAX_MESSAGES) {
        (void)moor_command_fail("%s: %s: %" PRIu64 " more damaged lines", files->command,
                                moor_file_shown(moor_file_name(path)).text,
                                reading.damaged - MOOR_LOG_FILES_MAX_MESSAGES);
    }
    if (status != 0) {
        (void)moor_command_fail("%s: %s", files->command, err.text);
        files->failed++;
    }
}

void moor_log_files_read(struct moor_log_files *files, const char *const *paths, size_t count)
{
    struct moor_progress progress;
    moor_progress_start(&progress);
    /*
     * A file that fails does not end the run: a rotated log can disappear while it is compressed.
     */
    for (size_t i = 0; i < count; i++) {
        read_file(files, &progress, paths[i]);
    }
}
