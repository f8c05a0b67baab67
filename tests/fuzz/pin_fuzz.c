/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pin - any bytes as a file whose images get the digests of a lock file.
 *
 * The first byte chooses the name of the file, and options.  The edits pass the verification.
 * Without the digests, the new bytes are the old ones, and a second run finds nothing to edit.
 */
#include "cmd/check/judging.h"
#include "cmd/pin/verify.h"
#include "policy/base/array_size.h"
#include "policy/file/default.h"
#include "policy/file/loader.h"

#include <stdlib.h>

#define HEX       "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define DIGEST    "sha256:" HEX
#define MAX_BYTES ((size_t)64 * 1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = {
    "a.yaml",     "a.json",      "compose.yaml",       ".gitlab-ci.yml", ".github/workflows/a.yml",
    "Dockerfile", "values.yaml", "kustomization.yaml",
};

/* The images that the corpus names; an image of another name gets no digest. */
static const char lock_text[] =
    "nginx:latest " DIGEST "\nnginx:1 " DIGEST "\nnginx:1.25 " DIGEST "\nredis:latest " DIGEST
    "\nredis:7 " DIGEST "\na:latest " DIGEST "\na:1 " DIGEST "\nquay.io/a/b:main " DIGEST "\n";

/* All that one input needs.  The reader of files keeps its address. */
static struct {
    struct moor_policy *policy;
    struct moor_report report;
    struct moor_judging judging;
    struct moor_lock lock;
    struct moor_pin_sites sites;
    struct moor_pin_verify verify;
    struct moor_observer observer;
} run;

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void take_image(void *context, const struct moor_observed_image *image)
{
    moor_pin_sites_add(context, image);
}

static void start(void)
{
    struct moor_buf diagnostics;
    struct moor_error err = {0};
    const struct moor_pin_choice choice = {.lock = &run.lock};
    if (run.policy != NULL) {
        return;
    }
    moor_buf_init(&diagnostics, (size_t)64 * 1024);
    require(moor_policy_load(&run.policy, moor_policy_default_text(), "default", &diagnostics) ==
            0);
    moor_buf_release(&diagnostics);
    require(moor_lock_parse(&run.lock, moor_slice_from(lock_text), &err) == 0);
    require(moor_judging_init(&run.judging, run.policy, &run.report, &err) == 0);
    run.judging.formats = (1U << MOOR_INPUT_FORMAT_COUNT) - 1;
    run.judging.is_operand = true; /* so that any mapping can be Helm values */
    moor_pin_sites_init(&run.sites, &choice);
    require(moor_pin_verify_init(&run.verify, &err) == 0);
    run.observer = (struct moor_observer){.context = &run.sites, .on_image = take_image};
    run.judging.findings.observer = &run.observer;
}

/* Evaluates `text`, whose images become sites.  Returns whether the file has no error. */
static bool read_sites(const char *name, struct moor_slice text)
{
    moor_report_init(&run.report);
    moor_pin_sites_clear(&run.sites);
    moor_source_set(&run.judging.source, text);
    moor_judging_file(&run.judging, moor_slice_from(name));
    bool is_read = run.report.input_error_count == 0;
    moor_report_release(&run.report);
    moor_pin_sites_settle(&run.sites);
    require(!run.sites.failed);
    return is_read;
}

static size_t count_edits(void)
{
    size_t count = 0;
    for (size_t i = 0; i < run.sites.count; i++) {
        count += moor_pin_site_has_edit(&run.sites.items[i]);
    }
    return count;
}

/* Applies the edits and verifies them, as pinning does. */
static void edit(struct moor_buf *after)
{
    struct moor_error err = {0};
    int status = 0;
    while (status == 0) {
        moor_buf_clear(after);
        moor_pin_sites_apply(after, &run.sites, moor_buf_slice(&run.judging.source.bytes));
        status = moor_pin_verify_run(&run.verify, &run.sites, &run.judging.source,
                                     moor_buf_slice(after), run.sites.is_whole, &err);
    }
    require(status > 0);
}

/* Requires that `after` is `before` with digests that were added. */
static void check_added(struct moor_slice before, struct moor_slice after)
{
    static const char *const added[] = {"@" DIGEST, DIGEST, HEX};
    size_t at = 0;
    for (size_t i = 0; i < after.len;) {
        struct moor_slice rest = moor_slice_sub(after, i, after.len);
        size_t skipped = 0;
        bool is_same = at < before.len && before.ptr[at] == after.ptr[i];
        for (size_t k = 0; !is_same && skipped == 0 && k < MOOR_ARRAY_SIZE(added); k++) {
            struct moor_slice text = moor_slice_from(added[k]);
            skipped = moor_slice_starts_with(rest, text) ? text.len : 0;
        }
        require(is_same || skipped > 0);
        at += is_same;
        i += is_same ? 1 : skipped;
    }
    require(at == before.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct moor_buf after;
    if (size == 0) {
        return 0;
    }
    start();
    const char *name = names[data[0] % MOOR_ARRAY_SIZE(names)];
    run.sites.choice.takes_all = (data[0] & 0x40) != 0;
    run.sites.choice.joins_digests = (data[0] & 0x80) != 0;
    struct moor_slice before = {(const char *)data + 1, size - 1};
    if (!read_sites(name, before) || count_edits() == 0) {
        return 0;
    }
    moor_buf_init(&after, MAX_BYTES);
    edit(&after);
    if (count_edits() > 0) {
        check_added(before, moor_buf_slice(&after));
        require(read_sites(name, moor_buf_slice(&after)));
        edit(&after);
        require(count_edits() == 0);
    }
    moor_buf_release(&after);
    return 0;
}
