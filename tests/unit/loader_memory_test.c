/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a policy file of 1 MiB can make the loader take: measured as the peak of the resident memory
 * of a child process, which counts what libyaml and PCRE2 take too.
 */
#include "tests/unit/test.h"

#include "policy/rules/loader.h"

#include <malloc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define FILE_BYTES MOOR_LOADER_MAX_BYTES
#define MOST_KIB   ((size_t)24 * 1024)

static const char head[] = "version: 1\nenvironments:\n- {name: all, default: true, enforce: any}\n";

/* A file of `head`, then `before`, then `unit` as often as there is room or `most` times, then `after`. */
struct form {
    const char *before;
    const char *unit; /* `%d` is a number that counts up */
    const char *after;
    int most;         /* 0: as often as there is room */
    bool is_whole;    /* without the head */
};

static struct moor_slice write_form(const struct form *form)
{
    char *text = malloc(FILE_BYTES + 1);
    char unit[8192];
    assert_non_null(text);
    int len = snprintf(text, FILE_BYTES, "%s%s", form->is_whole ? "" : head, form->before);
    size_t used = (size_t)len;
    size_t after = strlen(form->after);
    for (int i = 0; form->most == 0 || i < form->most; i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        int more = snprintf(unit, sizeof unit, form->unit, i, i, i, i); // NOLINT
#pragma GCC diagnostic pop
        if (used + (size_t)more + after > FILE_BYTES) {
            break;
        }
        memcpy(text + used, unit, (size_t)more);
        used += (size_t)more;
    }
    memcpy(text + used, form->after, after);
    return (struct moor_slice){text, used + after};
}

struct measured {
    size_t errors;
    char report[200];
};

/* Loads `text` as often as asked, holding the policies, in a child; returns the growth of its peak in KiB. */
static size_t measure(struct moor_slice text, int times, struct measured *out)
{
    struct rusage usage;
    int status = 0;
    size_t peaks[2] = {0, 0};
    for (int load = 0; load < 2; load++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            (void)mallopt(M_MMAP_THRESHOLD, 256 << 10);
            (void)mallopt(M_TRIM_THRESHOLD, 256 << 10);
            for (int i = 0; i < (load == 0 ? 0 : times); i++) {
                struct moor_policy *policy = NULL;
                struct moor_buf reports;
                moor_buf_init(&reports, (size_t)64 * 1024);
                out->errors = moor_policy_load(&policy, text, "p", &reports);
                (void)snprintf(out->report, sizeof out->report, "%.*s", (int)(reports.len < 180 ? reports.len : 180), reports.ptr != NULL ? reports.ptr : "");
                moor_buf_release(&reports);
            }
            _exit(0);
        }
        assert_int_equal(wait4(child, &status, 0, &usage), child);
        assert_int_equal(status, 0);
        peaks[load] = (size_t)usage.ru_maxrss;
    }
    return peaks[1] - peaks[0];
}
