/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/decision.h"

/* Metrics, logs and reports are an interface: a changed word breaks dashboards and filters. */
static const struct {
    const char *verb;
    const char *past;
    const char *severity;
} words[MOOR_DECISION_COUNT] = {
    [MOOR_DECISION_ALLOW] = {"allow", "allowed", "none"},
    [MOOR_DECISION_AUDIT] = {"audit", "audited", "note"},
    [MOOR_DECISION_WARN] = {"warn", "warned", "warning"},
    [MOOR_DECISION_DENY] = {"deny", "denied", "error"},
};

const char *moor_decision_verb(enum moor_decision decision)
{
    return words[decision].verb;
}

const char *moor_decision_past(enum moor_decision decision)
{
    return words[decision].past;
}

const char *moor_decision_severity(enum moor_decision decision)
{
    return words[decision].severity;
}
