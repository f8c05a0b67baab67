/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/judge_exempt.h"

#include "policy/judge_image.h"

/* Conditions on the request are the same for all images, so they are evaluated once a request. */
static int select_exemptions(struct moor_exemption_list *out,
                             const struct moor_judge_exemptions *exemptions, bool wants_ended,
                             struct moor_error *err)
{
    const struct moor_verdict *verdict = exemptions->verdict;
    struct moor_workspace *workspace = exemptions->workspace;
    const struct moor_exemption_case asked = {
        .request = verdict->request,
        .environment = verdict->environment->name,
        .is_builtin_controller = exemptions->is_builtin,
        .wants_ended = wants_ended,
        .now = verdict->now,
    };
    return moor_exemption_select(out, exemptions->policy, &asked, &workspace->arena,
                                 workspace->matcher, err);
}

/* The verdict lists each exemption once, in the order of use, for the audit annotations. */
static int note_exemption(const struct moor_judge_exemptions *exemptions,
                          const struct moor_exemption *exemption, struct moor_error *err)
{
    struct moor_verdict *verdict = exemptions->verdict;
    if (verdict->exemptions == NULL) {
        verdict->exemptions =
            moor_arena_alloc(&exemptions->workspace->arena,
                             exemptions->active.count * sizeof(struct moor_exemption *));
    }
    if (verdict->exemptions == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for %zu exemptions",
                              exemptions->active.count);
    }
    for (size_t i = 0; i < verdict->exemption_count; i++) {
        if (verdict->exemptions[i] == exemption) {
            return 0;
        }
    }
    verdict->exemptions[verdict->exemption_count++] = exemption;
    return 0;
}

/* Finds the exemption of `list` for the image, and the verdict under it.  NULL: none has effect. */
static const struct moor_exemption *find_exemption(struct moor_image_verdict *exempted,
                                                   const struct moor_judge_exemptions *exemptions,
                                                   const struct moor_exemption_list *list,
                                                   const struct moor_named_image *named,
                                                   struct moor_requirements requirements)
{
    enum moor_decision before = exempted->decision;
    const struct moor_exemption *exemption =
        moor_exemption_find(list, exempted->image, named, exemptions->workspace->matcher);
    if (exemption == NULL) {
        return NULL;
    }
    requirements = moor_exemption_lower(requirements, exemption, named->name.len > 0);
    moor_judge_measure(exempted, &requirements);
    /* An exemption without effect is not named, so that metrics show which ones are needed. */
    return exempted->decision < before ? exemption : NULL;
}

/* Finds the ended exemption to name in a denial, so that its end is not mistaken for a new rule. */
static int note_ended(struct moor_judge_exemptions *exemptions, struct moor_image_verdict *image,
                      const struct moor_named_image *named, struct moor_requirements requirements,
                      struct moor_error *err)
{
    if (image->decision < MOOR_DECISION_DENY) {
        return 0;
    }
    if (!exemptions->has_ended &&
        select_exemptions(&exemptions->ended, exemptions, true, err) != 0) {
        return -1;
    }
    exemptions->has_ended = true;
    struct moor_image_verdict exempted = *image;
    image->ended = find_exemption(&exempted, exemptions, &exemptions->ended, named, requirements);
    return 0;
}

int moor_judge_exempt(struct moor_judge_exemptions *exemptions, struct moor_image_verdict *image,
                      struct moor_requirements requirements, struct moor_error *err)
{
    struct moor_named_image named;
    /* Exemptions do not lower `audit`, so an audited image needs no search. */
    if (exemptions->policy->exemption_count == 0 || image->decision < MOOR_DECISION_WARN) {
        return 0;
    }
    if ((!exemptions->has_active &&
         select_exemptions(&exemptions->active, exemptions, false, err) != 0) ||
        moor_judge_name(&named, image, exemptions->workspace, err) != 0) {
        return -1;
    }
    exemptions->has_active = true;
    struct moor_image_verdict exempted = *image;
    const struct moor_exemption *exemption =
        find_exemption(&exempted, exemptions, &exemptions->active, &named, requirements);
    if (exemption == NULL) {
        return note_ended(exemptions, image, &named, requirements, err);
    }
    *image = exempted;
    image->exemption = exemption;
    return note_exemption(exemptions, exemption, err);
}
