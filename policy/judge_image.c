/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/judge_image.h"

#include "policy/base/array_size.h"
#include "policy/image/reference_name.h"
#include "policy/rules/requirements.h"

int moor_judge_name(struct moor_named_image *out, const struct moor_image_verdict *verdict,
                    struct moor_workspace *workspace, struct moor_error *err)
{
    *out =
        (struct moor_named_image){.text = verdict->image->text, .reference = &verdict->reference};
    /* An invalid reference has no name, and is found by its text alone. */
    if (verdict->reference.repository.len == 0) {
        return 0;
    }
    moor_buf_clear(&workspace->name);
    moor_reference_append_name(&workspace->name, &verdict->reference);
    out->name = moor_buf_slice(&workspace->name);
    return moor_buf_check(&workspace->name, err);
}

void moor_judge_measure(struct moor_image_verdict *verdict,
                        const struct moor_requirements *requirements)
{
    /* A runtime accepted such an image before, so it satisfies `any` even if it does not parse. */
    bool is_tolerated =
        verdict->origin != MOOR_ORIGIN_NEW && requirements->enforce == MOOR_REQUIREMENT_ANY;

    const struct {
        enum moor_requirement requirement;
        enum moor_decision decision;
        /* The strictest action comes first: the first unmet requirement gives the decision. */
    } steps[] = {
        {is_tolerated ? MOOR_REQUIREMENT_IGNORE : requirements->enforce, MOOR_DECISION_DENY},
        {requirements->warn, MOOR_DECISION_WARN},
        {requirements->audit, MOOR_DECISION_AUDIT},
    };

    for (size_t i = 0; i < MOOR_ARRAY_SIZE(steps); i++) {
        if (!moor_level_satisfies(verdict->level, steps[i].requirement)) {
            verdict->requirement = steps[i].requirement;
            verdict->decision = steps[i].decision;
            return;
        }
    }
    verdict->requirement = requirements->enforce;
    verdict->decision = MOOR_DECISION_ALLOW;
}
