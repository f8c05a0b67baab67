/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explaining - what one reference names and what the environments answer; for `tagmoor explain`
 * alone.
 *
 * explain.c reads references and takes each apart once; text.c and data.c write what it found.
 *
 * Threads:  the main thread alone.
 * Memory:   everything is reused from reference to reference.
 */
#ifndef MOOR_CMD_EXPLAIN_EXPLAINING_H
#define MOOR_CMD_EXPLAIN_EXPLAINING_H

#include "cmd/report/report.h"
#include "cmd/trial.h"
#include "policy/file/schema.h"
#include "policy/image/reference.h"

/* An environment, and what it answers to the reference at hand. */
struct moor_explain_answer {
    const struct moor_environment *environment;
    char name[64];                         /* the environment's */
    struct moor_requirements requirements; /* for a new image among the containers */
    struct moor_trial trial;
    struct moor_verdict verdict;        /* of the trial */
    struct moor_buf repair;             /* empty where the decision needs none */
    size_t counts[MOOR_DECISION_COUNT]; /* of references by decision, so far */
};

struct moor_explaining {
    const struct moor_policy *policy;
    struct moor_workspace workspace;
    int64_t now;
    struct moor_report *report; /* takes findings, where a format wants them; or NULL */
    bool wants_answers;
    struct moor_explain_answer answers[MOOR_SCHEMA_MAX_ENVIRONMENTS];
    size_t answer_count; /* of the environments that are asked */
    size_t references;   /* so far */
    /* The reference at hand. */
    struct moor_slice text;
    struct moor_slice source; /* `-`, or "arguments" */
    uint32_t line;
    bool is_valid;
    struct moor_reference reference;
    struct moor_classification classification;
    struct moor_buf name; /* canonical, without tag and digest; empty where it is invalid */
    struct moor_error wrong;
    struct moor_buf scratch;
};

#endif
