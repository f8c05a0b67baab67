/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_export - `tagmoor policy export`: prints a policy as manifests of Kubernetes.
 *
 * Threads:  main thread only.
 * Memory:   texts borrow from argv.
 */
#ifndef MOOR_CMD_POLICY_EXPORT_H
#define MOOR_CMD_POLICY_EXPORT_H

#include "cmd/policy_export_webhook.h"

/* The values of the options, as they were given. */
struct moor_policy_export_values {
    const char *policy;
    int kubernetes;
    int action;
    const char *name;
    struct moor_option_list excluded;
    const char *now;
    bool is_static;
    bool is_strict;
    const char *service;
    const char *url;
    const char *ca_bundle;
    int resources; /* 1: only those of the policy file */
};

#define MOOR_POLICY_EXPORT_DEFAULTS \
    {                               \
        .name = "tagmoor"           \
    }

/* The Service of the chart, if neither --service nor --url is given. */
#define MOOR_POLICY_EXPORT_SERVICE  "tagmoor/tagmoor:443"

/* The versions of Kubernetes in which the expressions are known to compile. */
#define MOOR_POLICY_EXPORT_VERSIONS "1.30|1.31|1.32|1.33|1.34|1.35|1.36|1.37"

/* Rows of the table of options; `at` is the offset of the values. */
#define MOOR_POLICY_EXPORT_OPTIONS(at)                                                           \
    {.name = "policy",                                                                           \
     .only = "export",                                                                           \
     .type = MOOR_OPTION_TEXT,                                                                   \
     .offset = (at) + offsetof(struct moor_policy_export_values, policy),                        \
     .argument = "FILE",                                                                         \
     .help = "policy file",                                                                      \
     .fallback = "the embedded policy",                                                          \
     .completion = MOOR_COMPLETION_FILES},                                                       \
        {.name = "kubernetes",                                                                   \
         .only = "export vap",                                                                   \
         .type = MOOR_OPTION_CHOICE,                                                             \
         .offset = (at) + offsetof(struct moor_policy_export_values, kubernetes),                \
         .argument = MOOR_POLICY_EXPORT_VERSIONS,                                                \
         .help = "oldest version of Kubernetes that must accept the export"},                    \
        {.name = "action",                                                                       \
         .only = "export vap",                                                                   \
         .type = MOOR_OPTION_CHOICE,                                                             \
         .offset = (at) + offsetof(struct moor_policy_export_values, action),                    \
         .argument = "all|deny|warn|audit",                                                      \
         .help = "export only the policies with this action"},                                   \
        {.name = "name",                                                                         \
         .only = "export",                                                                       \
         .type = MOOR_OPTION_TEXT,                                                               \
         .offset = (at) + offsetof(struct moor_policy_export_values, name),                      \
         .argument = "PREFIX",                                                                   \
         .help = "beginning of the names of the exported objects"},                              \
        {.name = "exclude-namespace",                                                            \
         .only = "export",                                                                       \
         .type = MOOR_OPTION_LIST,                                                               \
         .offset = (at) + offsetof(struct moor_policy_export_values, excluded),                  \
         .argument = "NAMESPACE",                                                                \
         .help = "namespace that the export leaves out, besides kube-system"},                   \
        {.name = "static",                                                                       \
         .only = "export",                                                                       \
         .type = MOOR_OPTION_FLAG,                                                               \
         .offset = (at) + offsetof(struct moor_policy_export_values, is_static),                 \
         .help = "use names that a static manifest of the API server requires"},                 \
        {.name = "strict",                                                                       \
         .only = "export vap",                                                                   \
         .type = MOOR_OPTION_FLAG,                                                               \
         .offset = (at) + offsetof(struct moor_policy_export_values, is_strict),                 \
         .help = "fail if a part of the policy cannot be exported; without it, each is printed " \
                 "on standard error"},                                                           \
        {.name = "service",                                                                      \
         .only = "export webhook",                                                               \
         .type = MOOR_OPTION_TEXT,                                                               \
         .offset = (at) + offsetof(struct moor_policy_export_values, service),                   \
         .argument = "NAMESPACE/NAME[:PORT]",                                                    \
         .fallback = MOOR_POLICY_EXPORT_SERVICE,                                                 \
         .help = "Service of the server"},                                                       \
        {.name = "url",                                                                          \
         .only = "export webhook",                                                               \
         .type = MOOR_OPTION_TEXT,                                                               \
         .offset = (at) + offsetof(struct moor_policy_export_values, url),                       \
         .argument = "https://HOST[:PORT]",                                                      \
         .help = "address of a server outside the cluster"},                                     \
        {.name = "ca-bundle",                                                                    \
         .only = "export webhook",                                                               \
         .type = MOOR_OPTION_TEXT,                                                               \
         .offset = (at) + offsetof(struct moor_policy_export_values, ca_bundle),                 \
         .argument = "FILE",                                                                     \
         .completion = MOOR_COMPLETION_FILES,                                                    \
         .help = "CA of the certificate, in PEM"},                                               \
        {.name = "custom-resources",                                                             \
         .only = "export webhook",                                                               \
         .type = MOOR_OPTION_CHOICE,                                                             \
         .offset = (at) + offsetof(struct moor_policy_export_values, resources),                 \
         .argument = "all|own",                                                                  \
         .help = "all custom resources that tagmoor knows, "                                     \
                 "or only those in the policy file"},                                            \
    {                                                                                            \
        .name = "now", .only = "export vap", .type = MOOR_OPTION_TEXT,                           \
        .offset = (at) + offsetof(struct moor_policy_export_values, now), .argument = "TIME",    \
        .help = "time to evaluate exemptions at, such as 2027-03-31 or 2027-03-31T18:00:00Z",    \
        .fallback = "the current time"                                                           \
    }

/* Runs `export WHAT`.  Returns an exit status. */
int moor_policy_export(const struct moor_command *command, const char *what,
                       const struct moor_policy_export_values *values);

#endif
