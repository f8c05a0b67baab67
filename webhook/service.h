/* SPDX-License-Identifier: Apache-2.0 */
/*
 * service - passes requests from the server to the review, and logs and counts the verdicts.
 *
 * The service holds the policy in force.  A request is evaluated completely with the policy that
 * was in force at its beginning; the policy may be replaced at any time.
 *
 * Threads:  open and close on one thread; the handler's functions run on all threads of the server.
 * Memory:   one struct moor_review for each thread of the server, and a reference to the policy.
 */
#ifndef MOOR_WEBHOOK_SERVICE_H
#define MOOR_WEBHOOK_SERVICE_H

#include "policy/base/error.h"
#include "policy/rules/policy.h"
#include "webhook/http/server.h"
#include "webhook/observe/log.h"
#include "webhook/observe/metrics.h"

struct moor_service;

/* Other periodic work, on the main thread of the server. */
struct moor_service_chores {
    void *context;
    void (*reload)(void *context); /* called on SIGHUP */
    void (*tick)(void *context);   /* called once a second */
};

/*
 * Opens a service.  On success, takes the caller's reference to `policy`.  `log` and `metrics` must
 * outlive the service.  Returns -1 if there is no memory.
 */
int moor_service_open(struct moor_service **out, struct moor_policy *policy, struct moor_log *log,
                      struct moor_metrics *metrics, struct moor_error *err) MOOR_MUST_CHECK;

/*
 * Attaches the server that the metrics show.  Call it before the server runs; `chores` must outlive
 * it.
 */
void moor_service_attach(struct moor_service *service, const struct moor_server *server,
                         const struct moor_service_chores *chores);

/* Takes the caller's reference to `policy` and evaluates later requests with it. */
void moor_service_replace_policy(struct moor_service *service, struct moor_policy *policy);

/* Frees the service; ignores NULL. */
void moor_service_close(struct moor_service *service);

/* Returns the functions for the server; they are valid as long as the service. */
const struct moor_server_handler *moor_service_handler(struct moor_service *service);

#endif
