/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explaining - the state of `tagmoor explain`: one reference and the decisions of the environments.
 *
 * explain.c reads the references and classifies each one once; text.c and data.c write the result.
 *
 * Threads:  main thread only.
 * Memory:   everything is reused for the next reference.
 */
#ifndef MOOR_CMD_EXPLAIN_EXPLAINING_H
#define MOOR_CMD_EXPLAIN_EXPLAINING_H

#include "cmd/evidence/lock.h"
#include "cmd/report/report.h"
#include "cmd/trial.h"
#include "policy/file/schema.h"
#include "policy/image/reference.h"

/* An environment and its decision on the current reference. */
struct moor_explain_answer {
    const struct moor_environment *environment;
    char name[64];                         /* name of the environment */
    struct moor_requirements requirements; /* requirements for a new image of a container */
    struct moor_trial trial;
    struct moor_verdict verdict;        /* result of the trial */
    struct moor_buf repair;             /* empty if the decision needs none */
    size_t counts[MOOR_DECISION_COUNT]; /* references by decision, so far */
};

/* The current reference and the environments. */
struct moor_explaining {
    const struct moor_policy *policy;
    const char *policy_name; /* name of the policy file, for positions in it */
    struct moor_workspace workspace;
    int64_t now;
    struct moor_lock evidence;  /* completes repairs by digests; may be empty */
    struct moor_report *report; /* receives findings if a format needs them; or NULL */
    bool wants_answers;
    bool is_selected; /* an option selects the only environment */
    struct moor_explain_answer answers[MOOR_SCHEMA_MAX_ENVIRONMENTS];
    size_t answer_count; /* number of environments */
    size_t references;   /* number of references so far */
    /* The current reference. */
    struct moor_slice text;
    struct moor_slice source; /* `-` or "arguments" */
    uint32_t line;
    bool is_valid;
    struct moor_reference reference;
    struct moor_classification classification;
    struct moor_buf name; /* canonical, without tag and digest; empty if it is invalid */
    struct moor_error wrong;
    /* The repository entry that applies; `entry_match` is empty without one. */
    struct moor_slice entry_match; /* the glob of the entry that matches the name */
    size_t entry_index; /* index in `repositories` of the file, or of the built-in list */
    bool is_entry_builtin;
    struct moor_buf scratch;
};

#endif
