/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tag_bench <REFERENCES - what one reference of the input, a line each, costs on average to parse
 * and to classify: the best of several rounds, in nanoseconds.
 */
#include "policy/image/tag.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ROUNDS    9
#define MAX_LINES 500000

static char *texts[MAX_LINES];
static struct moor_slice lines[MAX_LINES];
static struct moor_reference references[MAX_LINES];

static double now_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static size_t read_lines(void)
{
    size_t count = 0;
    size_t room = 0;
    char *line = NULL;
    for (ssize_t len = 0; count < MAX_LINES && (len = getline(&line, &room, stdin)) > 1; count++) {
        texts[count] = strndup(line, (size_t)len - 1);
        lines[count] = moor_slice_from(texts[count]);
    }
    free(line);
    return count;
}

static size_t parse_all(size_t count)
{
    size_t refused = 0;
    for (size_t i = 0; i < count; i++) {
        refused += moor_reference_parse(&references[i], lines[i], NULL) != 0 ? 1 : 0;
    }
    return refused;
}

static size_t classify_all(size_t count)
{
    size_t rolling = 0;
    for (size_t i = 0; i < count; i++) {
        enum moor_class class = moor_reference_classify(&references[i]).class;
        rolling += moor_class_level(class) == MOOR_LEVEL_ROLLING ? 1 : 0;
    }
    return rolling;
}

static double best_of(size_t (*pass)(size_t), size_t count, size_t *result)
{
    double best = 0;
    for (int round = 0; round < ROUNDS; round++) {
        double start = now_ns();
        *result = pass(count);
        double each = (now_ns() - start) / (double)count;
        best = round == 0 || each < best ? each : best;
    }
    return best;
}

int main(void)
{
    size_t count = read_lines();
    if (count == 0) {
        (void)fprintf(stderr, "usage: tag_bench <REFERENCES\n");
        return 2;
    }
    size_t refused = 0;
    size_t rolling = 0;
    double parse = best_of(parse_all, count, &refused);
    double classify = best_of(classify_all, count, &rolling);
    printf("%zu references: parse %.0f ns, classify %.0f ns; %zu refused, %zu rolling\n", count,
           parse, classify, refused, rolling);
    for (size_t i = 0; i < count; i++) {
        free(texts[i]);
    }
    return 0;
}
