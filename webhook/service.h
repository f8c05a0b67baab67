/* SPDX-License-Identifier: Apache-2.0 */
/*
 * service - passes the requests of the server to the review, and logs and counts the verdicts.
 *
 * Holds the policy in force.  A request is judged from end to end by the policy that it met at its
 * beginning; a new one may be put in its place at any time.
 *
 * Threads:  open and close from one thread; the handler's functions run on all of the server's.
 * Memory:   one struct moor_review for each thread of the server; holds one reference to the
 * policy.
 */
#ifndef MOOR_WEBHOOK_SERVICE_H
#define MOOR_WEBHOOK_SERVICE_H

#include "policy/base/error.h"
#include "policy/rules/policy.h"
#include "webhook/http/server.h"
#include "webhook/observe/log.h"
#include "webhook/observe/metrics.h"

struct moor_service;

/* What else is to be done while the server runs, on its main thread. */
struct moor_service_chores {
    void *context;
    void (*reload)(void *context); /* on SIGHUP */
    void (*tick)(void *context);   /* once a second */
};

/*
 * Takes the caller's reference to `policy` where it succeeds; `log` and `metrics` must outlive the
 * service.
 */
int moor_service_open(struct moor_service **out, struct moor_policy *policy, struct moor_log *log,
                      struct moor_metrics *metrics, struct moor_error *err) MOOR_MUST_CHECK;

/* Before the server runs, which is then shown in the metrics; `chores` must outlive it. */
void moor_service_attach(struct moor_service *service, const struct moor_server *server,
                         const struct moor_service_chores *chores);

/* Takes the caller's reference to `policy` and judges by it from the next request on. */
void moor_service_replace_policy(struct moor_service *service, struct moor_policy *policy);

/* NULL is ignored. */
void moor_service_close(struct moor_service *service);

/* What the server calls; lives as long as the service. */
const struct moor_server_handler *moor_service_handler(struct moor_service *service);

#endif
