/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/replay/results.h"

/* The names are an interface: tagmoor-output(5) lists them. */

const char *moor_replay_skip_name(enum moor_replay_skip reason)
{
    static const char *const names[] = {
        [MOOR_REPLAY_STAGE] = "stage",
        [MOOR_REPLAY_DUPLICATE] = "duplicate",
        [MOOR_REPLAY_TIME] = "time",
        [MOOR_REPLAY_READ] = "read",
        [MOOR_REPLAY_FORBIDDEN] = "not-authorized",
        [MOOR_REPLAY_EXCLUDED] = "excluded-namespace",
        [MOOR_REPLAY_OPERATION] = "operation",
        [MOOR_REPLAY_KIND] = "kind",
        [MOOR_REPLAY_SUBRESOURCE] = "subresource",
        [MOOR_REPLAY_MIRROR] = "mirror-pod",
    };

    return names[reason];
}

const char *moor_replay_damage_name(enum moor_replay_damage damage)
{
    static const char *const names[] = {
        [MOOR_REPLAY_NO_JSON] = "not-json",
        [MOOR_REPLAY_NO_EVENT] = "not-an-event",
        [MOOR_REPLAY_TOO_LONG] = "too-long",
    };

    return names[damage];
}

const char *moor_replay_by_name(enum moor_replay_by by)
{
    static const char *const names[] = {
        [MOOR_REPLAY_BY_ENVIRONMENT] = "environments",
        [MOOR_REPLAY_BY_NAMESPACE] = "namespaces",
        [MOOR_REPLAY_BY_USER] = "users",
        [MOOR_REPLAY_BY_IMAGE] = "images",
    };

    return names[by];
}
