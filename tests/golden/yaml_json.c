/* SPDX-License-Identifier: Apache-2.0 */
/* Prints the first YAML document of standard input as JSON, as kubectl reads it; for scripts. */
#include "cmd/input/yaml_json.h"

#include <stdio.h>

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
    moor_yaml_json_open(&yaml, text);
    int status = moor_yaml_json_next(&yaml, &err);
    if (status > 0) {
        (void)fwrite(yaml.json.ptr, 1, yaml.json.len, stdout);
    }
    moor_yaml_json_release(&yaml);
    return status > 0 ? 0 : fail(&err);
}

int main(void)
{
    char chunk[4096];
    size_t got = 0;
    struct moor_buf text;
    moor_buf_init(&text, (size_t)4 * 1024 * 1024);
    while ((got = fread(chunk, 1, sizeof chunk, stdin)) > 0) {
        moor_buf_append(&text, (struct moor_slice){chunk, got});
    }
    int status = convert(moor_buf_slice(&text));
    moor_buf_release(&text);
    return status;
}
