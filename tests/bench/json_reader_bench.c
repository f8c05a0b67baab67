/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_reader_bench FILE... - how fast the JSON reader passes over each file, in each of its forms:
 * skipped whole, and event by event.  The best of several rounds, in MB (10^6 bytes) a second of
 * CPU.
 */
#include "policy/json/form.h"
#include "policy/json/reader.h"

#include <stdio.h>
#include <time.h>

#define ROUNDS         15
#define FILE_MAX_BYTES ((size_t)16 * 1024 * 1024)
#define ROUND_BYTES    ((size_t)30 * 1000 * 1000)

static double now_s(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static bool read_file(struct moor_slice *out, const char *path)
{
    static char bytes[FILE_MAX_BYTES];
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return false;
    }
    *out = (struct moor_slice){bytes, fread(bytes, 1, sizeof bytes, file)};
    return fclose(file) == 0;
}

static bool skip(struct moor_json_reader *reader)
{
    return moor_json_skip(reader, NULL) == 0;
}

static bool walk(struct moor_json_reader *reader)
{
    struct moor_json_token token;
    enum moor_json_event event = MOOR_JSON_NULL;
    while (event != MOOR_JSON_END && event != MOOR_JSON_ERROR) {
        event = moor_json_next(reader, &token);
    }
    return event == MOOR_JSON_END;
}

/* Seconds for passing `times` over the text; 0 where it is refused. */
static double time_s(struct moor_slice text, bool (*pass)(struct moor_json_reader *), size_t times)
{
    static struct moor_json_reader reader;
    bool accepted = true;
    double start = now_s();
    for (size_t i = 0; i < times; i++) {
        moor_json_reader_init(&reader, text);
        accepted = pass(&reader) && accepted;
    }
    return accepted ? now_s() - start : 0;
}

static double best_mb_per_s(struct moor_slice text, bool (*pass)(struct moor_json_reader *))
{
    size_t times = ROUND_BYTES / (text.len + 1) + 1;
    double best = 0;
    for (int round = 0; round < ROUNDS; round++) {
        double taken = time_s(text, pass, times);
        double speed = taken > 0 ? (double)(text.len * times) / taken / 1e6 : 0;
        best = speed > best ? speed : best;
    }
    return best;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        struct moor_slice text = {0};
        if (!read_file(&text, argv[i])) {
            (void)fprintf(stderr, "cannot read '%s'\n", argv[i]);
            return 1;
        }
        const struct moor_json_form *form = NULL;
        for (size_t number = 0; (form = moor_json_form_at(number)) != NULL; number++) {
            moor_json_use_form(form);
            printf("%s: %zu bytes, %s: skip %.0f MB/s, events %.0f MB/s\n", argv[i], text.len,
                   form->name, best_mb_per_s(text, skip), best_mb_per_s(text, walk));
        }
    }
    return 0;
}
