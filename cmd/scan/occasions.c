/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/scan/occasions.h"

/* A policy's mode is ignored: a scan shows the decisions of mode enforce. */
static enum moor_decision decision_of(const struct moor_image_verdict *image)
{
    return image->would_deny ? MOOR_DECISION_DENY : image->decision;
}

/* Containers of `kubectl debug` are not re-created. */
static bool comes_again(const struct moor_object_image *image, size_t when)
{
    return image->field != MOOR_FIELD_EPHEMERAL_CONTAINERS || when == MOOR_SCAN_CHANGE;
}

const struct moor_image_verdict *moor_occasions_weigh(struct moor_scan_decisions *out,
                                                      const struct moor_occasions *occasions,
                                                      size_t index)
{
    const struct moor_image_verdict *worst = NULL;
    enum moor_decision most = MOOR_DECISION_ALLOW;
    for (size_t when = 0; when < MOOR_SCAN_WHEN_COUNT; when++) {
        const struct moor_verdict *verdict = &occasions->verdicts[when];
        if (!occasions->is_judged[when] || index >= verdict->image_count ||
            !comes_again(verdict->images[index].image, when)) {
            continue;
        }
        out->at[when] = decision_of(&verdict->images[index]);
        if (worst == NULL || out->at[when] > most) {
            worst = &verdict->images[index];
            most = out->at[when];
        }
    }
    return worst;
}

const struct moor_verdict *moor_occasions_of(const struct moor_occasions *occasions,
                                             const struct moor_image_verdict *image)
{
    for (size_t when = 0; when < MOOR_SCAN_WHEN_COUNT; when++) {
        const struct moor_verdict *verdict = &occasions->verdicts[when];
        if (occasions->is_judged[when] && image >= verdict->images &&
            image < verdict->images + verdict->image_count) {
            return verdict;
        }
    }
    return NULL;
}
