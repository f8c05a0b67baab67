/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints the first YAML document of standard input as JSON, as kubectl reads it; for scripts.
 *
 * With the argument `all`, standard input is a row of texts, each behind its length in bytes and a
 * line end.  For each, all documents are printed, a line each, errors as `!LINE:COLUMN: TEXT`, and
 * a line `.` behind the last.
 */
#include <stdlib.h>

#include "cmd/input/yaml/json.h"

#include <stdio.h>

#define MOST ((size_t)256 * 1024 * 1024)

static int fail(const struct moor_error *err)
{
    (void)fprintf(stderr, "%u:%u: %s\n", err->line, err->column, err->text);
    return 1;
}

static int convert(struct moor_slice text)
{
    struct moor_yaml_json yaml;
    struct moor_error err = {0};
    if (moor_yaml_json_init(&yaml, &err) != 0) {
        return fail(&err);
    }
    moor_yaml_json_open(&yaml, text, 0);
    int status = moor_yaml_json_next(&yaml, &err);
    if (status > 0) {
        (void)fwrite(yaml.document->json.ptr, 1, yaml.document->json.len, stdout);
    }
    moor_yaml_json_release(&yaml);
    return status > 0 ? 0 : fail(&err);
}

static void print_all(struct moor_yaml_json *yaml, struct moor_slice text)
{
    int status = 0;
    struct moor_error err = {0};
    moor_yaml_json_open(yaml, text, 0);
    while ((status = moor_yaml_json_next(yaml, &err)) != 0) {
        if (status > 0) {
            (void)printf("%.*s\n", MOOR_SLICE_ARGS(moor_buf_slice(&yaml->document->json)));
        } else {
            (void)printf("!%u:%u: %s\n", err.line, err.column, err.text);
        }
        err = (struct moor_error){0};
    }
    (void)puts(".");
}

static int convert_all(struct moor_slice row)
{
    struct moor_yaml_json yaml;
    struct moor_error err = {0};
    if (moor_yaml_json_init(&yaml, &err) != 0) {
        return fail(&err);
    }
    for (size_t at = 0; at < row.len;) {
        char *end = NULL;
        size_t len = strtoul(row.ptr + at, &end, 10);
        size_t start = (size_t)(end - row.ptr) + 1;
        if (end == row.ptr + at || start + len > row.len) {
            break;
        }
        print_all(&yaml, moor_slice_sub(row, start, start + len));
        at = start + len;
    }
    moor_yaml_json_release(&yaml);
    return 0;
}

int main(int argc, char **argv)
{
    char chunk[4096];
    size_t got = 0;
    struct moor_buf text;
    moor_buf_init(&text, MOST);
    while ((got = fread(chunk, 1, sizeof chunk, stdin)) > 0) {
        moor_buf_append(&text, (struct moor_slice){chunk, got});
    }
    bool is_row = argc > 1 && strcmp(argv[1], "all") == 0;
    int status = is_row ? convert_all(moor_buf_slice(&text)) : convert(moor_buf_slice(&text));
    moor_buf_release(&text);
    return status;
}
