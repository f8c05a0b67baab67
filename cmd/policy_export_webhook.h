/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_export_webhook - `tagmoor policy export webhook`: prints the webhook configuration of a
 * policy, and `export chart`: prints the lists that the chart derives the same configuration from.
 *
 * Threads:  main thread only.
 * Limits:   MOOR_CA_BUNDLE_MAX_BYTES of certificates.
 */
#ifndef MOOR_CMD_POLICY_EXPORT_WEBHOOK_H
#define MOOR_CMD_POLICY_EXPORT_WEBHOOK_H

#include "cmd/command.h"

/* Maximum size of the file of --ca-bundle: an object of the API server has at most 1.5 MiB. */
#define MOOR_CA_BUNDLE_MAX_BYTES   ((size_t)256 * 1024)

/* The Service of the chart, if neither --service nor --url is given. */
#define MOOR_POLICY_EXPORT_SERVICE "tagmoor/tagmoor:443"

/* The values of the options, as they were given; NULL if not. */
struct moor_policy_export_webhook {
    const char *policy;
    const char *name;
    const char *service;
    const char *url;
    const char *ca_bundle;
    bool is_static;
    bool is_own_only;                  /* only the custom resources of the policy file */
    const struct moor_slice *excluded; /* namespaces */
    size_t excluded_count;
};

/* Prints the configuration.  Returns an exit status. */
int moor_policy_export_webhook(const struct moor_command *command,
                               const struct moor_policy_export_webhook *values);

/* Prints the lists and expressions.  Returns an exit status. */
int moor_policy_export_chart(void);

#endif
