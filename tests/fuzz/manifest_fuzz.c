/* SPDX-License-Identifier: Apache-2.0 */
/*
 * manifest - any bytes as a file for `check`, by the default policy.
 *
 * The first byte chooses what the file is called, and so what is read in it.  Every finding has a
 * position in the file, and the report is JSON, whatever the file holds.
 */
#include "cmd/check/judging.h"
#include "cmd/report/formats.h"
#include "policy/base/array_size.h"
#include "policy/file/default.h"
#include "policy/file/loader.h"
#include "policy/json/reader.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = {
    "a.yaml",     "a.json",      "compose.yaml",       ".gitlab-ci.yml", ".github/workflows/a.yml",
    "Dockerfile", "values.yaml", "kustomization.yaml",
};

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* Loaded and allocated once: the target asks for files, not for starts. */
static struct moor_judging *start(struct moor_report *report)
{
    static struct moor_policy *policy;
    static struct moor_judging judging;
    if (policy == NULL) {
        struct moor_buf diagnostics;
        moor_buf_init(&diagnostics, (size_t)64 * 1024);
        require(moor_policy_load(&policy, moor_policy_default_text(), "default", &diagnostics) ==
                0);
        moor_buf_release(&diagnostics);
        require(moor_judging_init(&judging, policy, report, NULL) == 0);
        judging.formats = (1U << MOOR_INPUT_FORMAT_COUNT) - 1;
    }
    return &judging;
}

static void check_json(const struct moor_report *report)
{
    const struct moor_page_style style = {.columns = 80, .colour = true};
    char *text = NULL;
    size_t len = 0;
    struct moor_json_reader reader;
    FILE *out = open_memstream(&text, &len);
    require(out != NULL);
    moor_report_format_json.write(out, report, &style);
    require(fclose(out) == 0);
    moor_json_reader_init(&reader, (struct moor_slice){text, len});
    require(moor_json_skip(&reader, NULL) == 0);
    free(text);
    out = open_memstream(&text, &len);
    require(out != NULL);
    moor_report_format_text.write(out, report, &style);
    moor_report_format_junit.write(out, report, &style);
    moor_report_format_sarif.write(out, report, &style);
    require(fclose(out) == 0);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct moor_report report; /* the reader of files keeps its address */
    if (size == 0) {
        return 0;
    }
    moor_report_init(&report);
    struct moor_judging *judging = start(&report);
    const char *name = names[data[0] % MOOR_ARRAY_SIZE(names)];
    judging->is_operand = true; /* so that any mapping can be Helm values */
    moor_source_set(&judging->source, (struct moor_slice){(const char *)data + 1, size - 1});
    moor_judging_file(judging, moor_slice_from(name));
    moor_report_count(&report);
    require(!report.failed);
    for (size_t i = 0; i < report.finding_count; i++) {
        require(report.findings[i].position.line > 0 && report.findings[i].position.column > 0);
        require(report.findings[i].position.width > 0);
    }
    check_json(&report);
    moor_report_release(&report);
    return 0;
}
