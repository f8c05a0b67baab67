/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/policy_file.h"

#include "cmd/command.h"
#include "cmd/input/file.h"
#include "cmd/now.h"
#include "cmd/report/page.h"
#include "policy/file/default.h"
#include "policy/file/loader.h"
#include "policy/rules/exemption.h"
#include "webhook/regular_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* A reader of a whole file. */
typedef int reader(struct moor_buf *out, const char *path, struct moor_error *err);

/* A valid policy has warnings too, and expired exemptions are among them. */
static struct moor_policy *load(struct moor_slice text, const char *name, int64_t now,
                                struct moor_buf *diagnostics, struct moor_error *err)
{
    struct moor_policy *policy = NULL;
    size_t errors = moor_policy_load(&policy, text, name, diagnostics);
    if (policy != NULL) {
        /* The loader has no clock, so that exemptions are compared with the time here. */
        moor_exemption_append_over(diagnostics, policy, name, now);
    }
    if (errors > 0) {
        (void)moor_error_set(err, MOOR_ERROR_SYNTAX, "policy '%s' has %zu error%s", name, errors,
                             moor_page_plural(errors));
    }
    return policy;
}

/* A file that is reloaded later must be regular: a pipe has nothing left for the second reading. */
static int read_regular(struct moor_buf *out, const char *path, struct moor_error *err)
{
    char why[MOOR_REGULAR_FILE_WHY_BYTES];
    int code = moor_regular_file_read(out, path);
    /* The error code alone would not tell the user how large the file may be. */
    if (code == EFBIG) {
        return moor_error_set(err, MOOR_ERROR_LIMIT, "'%s' is larger than %zu bytes",
                              moor_file_shown(path).text, out->max);
    }
    return code == 0 ? 0
                     : moor_error_set(err, MOOR_ERROR_SYSTEM, "cannot %s '%s': %s",
                                      code == EISDIR || code == ESPIPE ? "read" : "open",
                                      moor_file_shown(path).text,
                                      moor_regular_file_explain(why, code, path));
}

struct request {
    const char *path;
    int64_t now;
    reader *read;
};

static struct moor_policy *load_file(const struct request *request, struct moor_buf *diagnostics,
                                     struct moor_error *err)
{
    if (request->path == NULL) {
        /*
         * The name appears in messages as that of a file, although the text is part of the program.
         */
        return load(moor_policy_default_text(), "default.yaml", request->now, diagnostics, err);
    }
    struct moor_buf text;
    moor_buf_init(&text, MOOR_LOADER_MAX_BYTES);
    struct moor_policy *policy = NULL;
    if (request->read(&text, request->path, err) == 0) {
        policy = load(moor_buf_slice(&text), request->path, request->now, diagnostics, err);
    }
    moor_buf_release(&text);
    return policy;
}

static struct moor_policy *load_and_print(const char *path, int64_t now)
{
    /* A command reads the policy once, so that a pipe or standard input is a valid source. */
    const struct request request = {path, now, moor_file_read};
    struct moor_buf diagnostics;
    struct moor_error err = {0};
    moor_buf_init(&diagnostics, MOOR_POLICY_FILE_MAX_DIAGNOSTICS);
    struct moor_policy *policy = load_file(&request, &diagnostics, &err);
    /*
     * Warnings of a valid policy are printed too, and the list comes before the message that counts
     * it.
     */
    moor_policy_file_print(&diagnostics);
    if (policy == NULL) {
        (void)moor_command_fail("%s", err.text);
    }
    moor_buf_release(&diagnostics);
    return policy;
}

void moor_policy_file_print(const struct moor_buf *diagnostics)
{
    if (diagnostics->len > 0) {
        (void)fwrite(diagnostics->ptr, 1, diagnostics->len, stderr);
    }
}

struct moor_policy *moor_policy_file_load(const char *path)
{
    return load_and_print(path, (int64_t)time(NULL));
}

struct moor_policy *moor_policy_file_load_at(const char *path, const char *when, int64_t *now)
{
    struct moor_error err = {0};
    if (moor_now_read(now, when, &err) != 0) {
        (void)moor_command_fail("%s", err.text);
        return NULL;
    }
    return load_and_print(path, *now);
}

bool moor_policy_file_load_both(struct moor_policy **policy, struct moor_policy **older,
                                const char *path, const char *older_path, const char *when,
                                int64_t *now)
{
    *older = NULL;
    *policy = moor_policy_file_load_at(path, when, now);
    if (*policy == NULL || older_path == NULL) {
        return *policy != NULL;
    }
    *older = moor_policy_file_load_at(older_path, when, now);
    return *older != NULL;
}

struct moor_policy *moor_policy_file_load_regular(const char *path, struct moor_buf *diagnostics,
                                                  struct moor_error *err)
{
    const struct request request = {path, (int64_t)time(NULL), read_regular};
    return load_file(&request, diagnostics, err);
}
