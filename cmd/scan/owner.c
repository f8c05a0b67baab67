/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/scan/owner.h"

#include "policy/base/array_size.h"
#include "policy/json/reader.h"
#include "policy/object/kinds.h"

/* The groups of k8s.io/api with a domain.  Other groups of *.k8s.io have custom resources. */
static const char *const own_groups[] = {
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "certificates.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "events.k8s.io",
    "flowcontrol.apiserver.k8s.io",
    "internal.apiserver.k8s.io",
    "networking.k8s.io",
    "node.k8s.io",
    "rbac.authorization.k8s.io",
    "resource.k8s.io",
    "scheduling.k8s.io",
    "storage.k8s.io",
    "storagemigration.k8s.io",
};

bool moor_owner_is_kubernetes(struct moor_slice group)
{
    bool is_own = group.len == 0 || memchr(group.ptr, '.', group.len) == NULL;
    for (size_t i = 0; !is_own && i < MOOR_ARRAY_SIZE(own_groups); i++) {
        is_own = moor_slice_is(group, own_groups[i]);
    }
    return is_own;
}

struct reference {
    struct moor_slice version; /* "kafka.strimzi.io/v1beta2" */
    struct moor_slice kind;
    struct moor_slice name;
};

/* Returns where to store a member of a reference, or NULL for other members. */
static struct moor_slice *room_of(struct reference *reference, const struct moor_json_token *key)
{
    if (moor_json_token_is(key, MOOR_SLICE("apiVersion"))) {
        return &reference->version;
    }
    if (moor_json_token_is(key, MOOR_SLICE("kind"))) {
        return &reference->kind;
    }
    return moor_json_token_is(key, MOOR_SLICE("name")) ? &reference->name : NULL;
}

static int read_text(struct moor_slice *out, struct moor_slice json, struct moor_arena *arena,
                     struct moor_error *err)
{
    struct moor_json_reader reader;
    struct moor_json_token token;
    moor_json_reader_init(&reader, json);
    return moor_json_next(&reader, &token) == MOOR_JSON_STRING
               ? moor_json_token_text(&token, arena, out, err)
               : 0;
}

/* Reads one reference.  The manifest reader has checked the JSON, so only memory can fail. */
static int read_reference(struct reference *out, struct moor_slice json, struct moor_arena *arena,
                          struct moor_error *err)
{
    struct moor_json_reader reader;
    struct moor_json_token token;
    moor_json_reader_init(&reader, json);
    if (moor_json_next(&reader, &token) != MOOR_JSON_OBJECT_BEGIN) {
        return 0;
    }
    while (moor_json_next(&reader, &token) == MOOR_JSON_KEY) {
        struct moor_slice *room = room_of(out, &token);
        struct moor_slice value = {0};
        if (moor_json_skip(&reader, &value) != 0) {
            return 0;
        }
        if (room != NULL && read_text(room, value, arena, err) != 0) {
            return -1;
        }
    }
    return 0;
}

/* Uses the reference if it can name a custom resource, and returns whether it does. */
static bool take(struct moor_object *object, const struct reference *reference)
{
    struct moor_slice version = reference->version;
    const char *slash = version.len > 0 ? memchr(version.ptr, '/', version.len) : NULL;
    struct moor_slice group =
        moor_slice_sub(version, 0, slash != NULL ? (size_t)(slash - version.ptr) : 0);
    if (moor_owner_is_kubernetes(group) || reference->kind.len == 0 ||
        moor_kind_find(group, (struct moor_slice){0}, reference->kind) != NULL) {
        return false;
    }
    object->owner_group = group;
    object->owner_kind = reference->kind;
    object->owner_name = reference->name;
    return true;
}

/*
 * Some operators set owner references without `controller: true`; they are asked only if no owner
 * is the controller.
 */
int moor_owner_find(struct moor_object *object, struct moor_slice references,
                    struct moor_arena *arena, struct moor_error *err)
{
    struct moor_json_reader reader;
    struct moor_json_token token;
    struct moor_slice item;
    moor_json_reader_init(&reader, references);
    if (object->owner_kind.len > 0 || references.len == 0 ||
        moor_json_next(&reader, &token) != MOOR_JSON_ARRAY_BEGIN) {
        return 0;
    }
    while (moor_json_skip(&reader, &item) == 0) {
        struct reference reference = {0};
        if (read_reference(&reference, item, arena, err) != 0) {
            return -1;
        }
        if (take(object, &reference)) {
            return 0;
        }
    }
    return 0;
}
