/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/file.h"

#include "cmd/command.h"
#include "policy/rules/exemption.h"
#include "policy/rules/loader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define REPORTS_MAX ((size_t)64 * 1024)

static int read_all(struct moor_buf *out, int fd, const char *path, struct moor_error *err)
{
    char chunk[64 * 1024];
    for (;;) {
        ssize_t got = read(fd, chunk, sizeof chunk);
        if (got == 0) {
            return 0;
        }
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return moor_error_set(err, MOOR_ERROR_SYSTEM, "cannot read '%s': %s", path,
                                  strerrordesc_np(errno));
        }
        moor_buf_append(out, (struct moor_slice){chunk, (size_t)got});
        if (out->failed) {
            return moor_error_set(err, MOOR_ERROR_LIMIT, "'%s' is larger than %zu bytes", path,
                                  out->max);
        }
    }
}

const char *moor_file_name(const char *path)
{
    return strcmp(path, "-") == 0 ? "standard input" : path;
}

int moor_file_read(struct moor_buf *out, const char *path, struct moor_error *err)
{
    if (strcmp(path, "-") == 0) {
        return read_all(out, STDIN_FILENO, moor_file_name(path), err);
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return moor_error_set(err, MOOR_ERROR_SYSTEM, "cannot open '%s': %s", path,
                              strerrordesc_np(errno));
    }
    int status = read_all(out, fd, path, err);
    (void)close(fd);
    return status;
}

static struct moor_policy *load(struct moor_slice text, const char *name)
{
    struct moor_policy *policy = NULL;
    struct moor_buf reports;
    moor_buf_init(&reports, REPORTS_MAX);
    size_t errors = moor_policy_load(&policy, text, name, &reports);
    if (policy != NULL) {
        moor_exemption_append_over(&reports, policy, name, (int64_t)time(NULL));
    }
    if (reports.len > 0) {
        (void)fwrite(reports.ptr, 1, reports.len, stderr);
    }
    moor_buf_release(&reports);
    if (errors > 0) {
        (void)moor_command_fail("policy '%s' has %zu error%s", name, errors,
                                errors == 1 ? "" : "s");
    }
    return policy;
}

struct moor_policy *moor_file_load_policy(const char *path)
{
    if (path == NULL) {
        return load(moor_policy_default_text(), "default.yaml");
    }
    struct moor_buf text;
    struct moor_error err = {0};
    moor_buf_init(&text, MOOR_LOADER_MAX_BYTES);
    struct moor_policy *policy = NULL;
    if (moor_file_read(&text, path, &err) != 0) {
        (void)moor_command_fail("%s", err.text);
    } else {
        policy = load(moor_buf_slice(&text), path);
    }
    moor_buf_release(&text);
    return policy;
}
