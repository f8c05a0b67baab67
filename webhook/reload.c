/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <malloc.h>
#include <string.h>
#include <time.h>

#include "policy/file/loader.h"
#include "policy/rules/exemption.h"
#include "webhook/regular_file.h"
#include "webhook/reload.h"

#define REPORTS_MAX ((size_t)16 * 1024)
#define DAY_MS      UINT64_C(86400000)

static uint64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000U + (uint64_t)now.tv_nsec / 1000000U;
}

void moor_reload_init(struct moor_reload *out, const struct moor_tls_files *tls,
                      const char *policy_file)
{
    const char *const files[MOOR_RELOAD_TLS_FILES] = {tls->cert_file, tls->key_file,
                                                      tls->client_ca_file};
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < MOOR_RELOAD_TLS_FILES; i++) {
        if (files[i] != NULL) {
            moor_file_watch_init(&out->tls[out->tls_count++], files[i], now_ms());
        }
    }
    out->has_policy = policy_file != NULL;
    if (out->has_policy) {
        moor_file_watch_init(&out->policy, policy_file, now_ms());
    }
}

/* --- certificate, key, client CA -------------------------------------------------------------- */

/* A new key matches only its new certificate, so the files are loaded together. */
static void load_tls(struct moor_reload *reload)
{
    struct moor_error err = {0};
    bool changed = reload->tls_changed;
    reload->tls_changed = false;
    if (moor_server_reload_tls(reload->server, &err) == 0) {
        char until[MOOR_EXPIRY_TIME_BYTES];
        const struct moor_tls_certificate *certificate = moor_server_certificate(reload->server);
        moor_log_event(reload->log, MOOR_LOG_INFO,
                       "certificate reloaded: %s (%s), valid until %s; connections that use the "
                       "previous certificate close after their next answer",
                       certificate->subject, certificate->names,
                       moor_expiry_format(until, certificate->not_after_s));
        moor_metrics_count_reload(reload->metrics, MOOR_RELOAD_CERTIFICATE, true);
        moor_retry_succeed(&reload->tls_retry);
        /*
         * The new certificate may expire soon too, and its warning must not wait for the next day.
         */
        reload->warn_at_ms = 0;
    } else if (moor_retry_fail(&reload->tls_retry, changed, moor_slice_from(err.text), now_ms())) {
        moor_log_event(reload->log, MOOR_LOG_ERROR,
                       "certificate not reloaded, the previous one is kept: %s", err.text);
        moor_metrics_count_reload(reload->metrics, MOOR_RELOAD_CERTIFICATE, false);
    }
}

/* --- policy ----------------------------------------------------------------------------------- */

/* Logs and counts a failure once, although it may recur with each attempt. */
static void note_failure(struct moor_reload *reload, bool changed, struct moor_slice diagnostics,
                         size_t errors)
{
    if (moor_retry_fail(&reload->policy_retry, changed, diagnostics, now_ms())) {
        moor_log_lines(reload->log, MOOR_LOG_ERROR, "policy: ", diagnostics);
        moor_log_event(reload->log, MOOR_LOG_ERROR,
                       "policy '%s' not reloaded, the previous one is kept: %zu error%s",
                       reload->policy.path, errors, errors == 1 ? "" : "s");
        moor_metrics_count_reload(reload->metrics, MOOR_RELOAD_POLICY, false);
    }
}

/* The policy is logged before it is replaced, because the service then owns it. */
static void take_policy(struct moor_reload *reload, struct moor_policy *policy,
                        struct moor_slice warnings)
{
    moor_log_lines(reload->log, MOOR_LOG_WARN, "policy: ", warnings);
    moor_metrics_count_reload(reload->metrics, MOOR_RELOAD_POLICY, true);
    moor_log_event(reload->log, MOOR_LOG_INFO, "policy reloaded: %s (mode %s, %zu environments)",
                   policy->digest, moor_mode_name(policy->mode), policy->environment_count);
    moor_service_replace_policy(reload->service, policy);
    moor_retry_succeed(&reload->policy_retry);
}

static void load_text(struct moor_reload *reload, bool changed, struct moor_slice text,
                      struct moor_buf *diagnostics)
{
    struct moor_policy *policy = NULL;
    size_t errors = moor_policy_load(&policy, text, reload->policy.path, diagnostics);
    if (errors > 0) {
        note_failure(reload, changed, moor_buf_slice(diagnostics), errors);
    } else {
        /* An ended exemption is no error: a policy that was valid yesterday must still load. */
        moor_exemption_append_over(diagnostics, policy, reload->policy.path, (int64_t)time(NULL));
        take_policy(reload, policy, moor_buf_slice(diagnostics));
    }
}

/*
 * After a temporary failure the change is reported again by the next look, so that the file is
 * loaded as soon as it can be read.
 */
static void report_unread(struct moor_reload *reload, bool changed, int code,
                          struct moor_buf *diagnostics)
{
    char why[MOOR_REGULAR_FILE_WHY_BYTES];
    if (code == EFBIG) {
        moor_buf_printf(diagnostics, "'%s' is larger than %zu bytes", reload->policy.path,
                        MOOR_LOADER_MAX_BYTES);
    } else {
        moor_buf_printf(diagnostics, "cannot read '%s': %s", reload->policy.path,
                        moor_regular_file_explain(why, code, reload->policy.path));
    }
    bool is_transient = moor_regular_file_is_transient(code);
    note_failure(reload, changed && !is_transient, moor_buf_slice(diagnostics), 1);
    if (is_transient) {
        moor_file_watch_forget(&reload->policy);
    }
}

static void load_policy(struct moor_reload *reload, bool changed)
{
    struct moor_buf text;
    struct moor_buf diagnostics;
    moor_buf_init(&text, MOOR_LOADER_MAX_BYTES);
    moor_buf_init(&diagnostics, REPORTS_MAX);
    int code = moor_regular_file_read(&text, reload->policy.path);
    if (code != 0) {
        report_unread(reload, changed, code, &diagnostics);
    } else if (!moor_file_watch_is_taken(&reload->policy, moor_buf_slice(&text))) {
        moor_file_watch_forget(&reload->policy); /* changed since the look: wait until it settles */
    } else {
        load_text(reload, changed, moor_buf_slice(&text), &diagnostics);
    }
    moor_buf_release(&diagnostics);
    moor_buf_release(&text);
    (void)malloc_trim(0); /* the heap would keep the parsed file and the previous policy */
}

/* --- looking ---------------------------------------------------------------------------------- */

/*
 * A temporary failure is logged only when it begins or changes, because looks repeat every two
 * seconds.
 */
static enum moor_file_change look_at(const struct moor_reload *reload,
                                     struct moor_file_watch *watch, bool reread)
{
    int before = watch->trouble;
    enum moor_file_change change = moor_file_watch_look(watch, now_ms(), reread);
    if (watch->trouble != 0 && watch->trouble != before) {
        char why[MOOR_REGULAR_FILE_WHY_BYTES];
        moor_log_event(reload->log, MOOR_LOG_WARN,
                       "cannot check '%s' for changes: %s: trying again", watch->path,
                       moor_regular_file_explain(why, watch->trouble, watch->path));
    }
    return change;
}

/* Looks at the TLS files, and returns whether one of them may still be incomplete. */
static bool look_at_tls(struct moor_reload *reload, bool reread)
{
    bool unsettled = false;
    for (size_t i = 0; i < reload->tls_count; i++) {
        enum moor_file_change change = look_at(reload, &reload->tls[i], reread);
        reload->tls_changed = reload->tls_changed || change == MOOR_FILE_CHANGED;
        unsettled = unsettled || change == MOOR_FILE_UNSETTLED;
    }
    /*
     * A failed load is repeated with each look: files that were replaced one after another may
     * match now.
     */
    if ((reload->tls_changed || moor_retry_has_failed(&reload->tls_retry)) && !unsettled) {
        load_tls(reload);
    }
    return unsettled;
}

/* Looks at the policy, and returns whether the file may still be incomplete. */
static bool look_at_policy(struct moor_reload *reload, bool reread)
{
    if (!reload->has_policy) {
        return false;
    }
    enum moor_file_change change = look_at(reload, &reload->policy, reread);
    /* A repetition helps after a lack of memory; the same error is not logged again. */
    bool again = change == MOOR_FILE_SAME && moor_retry_is_due(&reload->policy_retry, now_ms());
    if (change == MOOR_FILE_CHANGED || again) {
        load_policy(reload, change == MOOR_FILE_CHANGED);
    }
    return change == MOOR_FILE_UNSETTLED;
}

/* Looks at all files.  If one may be incomplete, the next look follows in a second. */
static void look(struct moor_reload *reload, bool reread)
{
    bool unsettled = look_at_tls(reload, reread);
    /* In this order, because `||` would skip the look at the policy. */
    unsettled = look_at_policy(reload, reread) || unsettled;
    reload->seconds = unsettled ? MOOR_RELOAD_POLL_S - 1 : 0;
}

/*
 * Warns once a day, and at once when the distance to the expiry changes or the wall clock is set.
 */
static void warn_of_expiry(struct moor_reload *reload)
{
    const struct moor_tls_certificate *certificate = moor_server_certificate(reload->server);
    int64_t now_s = (int64_t)time(NULL);
    enum moor_expiry expiry =
        moor_expiry_of(certificate->not_before_s, certificate->not_after_s, now_s);
    bool is_new = expiry != reload->expiry;
    reload->expiry = expiry;
    if (is_new || now_ms() >= reload->warn_at_ms) {
        reload->warn_at_ms = now_ms() + DAY_MS;
        moor_expiry_warn(certificate, now_s, reload->log);
    }
}

void moor_reload_attach(struct moor_reload *reload, struct moor_server *server,
                        const struct moor_reload_targets *targets)
{
    reload->server = server;
    reload->service = targets->service;
    reload->metrics = targets->metrics;
    reload->log = targets->log;
    warn_of_expiry(reload);
}

void moor_reload_tick(struct moor_reload *reload)
{
    reload->seconds++;
    if (reload->seconds >= MOOR_RELOAD_POLL_S) {
        look(reload, false);
    }
    warn_of_expiry(reload);
}

void moor_reload_now(struct moor_reload *reload)
{
    moor_log_event(reload->log, MOOR_LOG_INFO, "SIGHUP received: checking files for changes");
    look(reload, true);
}
