/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/export/vap_rules.h"

#include "policy/export/cel.h"
#include "policy/export/vap_images.h"

static void append_rule(struct moor_buf *out, struct moor_slice group, bool any_version)
{
    moor_buf_append_text(out, "    - apiGroups: [");
    moor_cel_yaml_string(out, group);
    moor_buf_printf(
        out, "]\n      apiVersions: [\"%s\"]\n      operations: [CREATE, UPDATE]\n      resources:",
        any_version ? "*" : "v1");
}

static void append_builtin_resources(struct moor_buf *out)
{
    size_t count = 0;
    const struct moor_kind *kinds = moor_kind_all(&count);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || !moor_slice_equal(kinds[i].group, kinds[i - 1].group)) {
            moor_buf_append_text(out, i > 0 ? "\n" : "");
            /*
             * All built-in kinds have a version v1, and `matchPolicy: Equivalent` converts requests
             * of other versions to it.
             */
            append_rule(out, kinds[i].group, false);
            moor_buf_append_text(out,
                                 /* A rule for `pods` does not include subresources. */
                                 kinds[i].group.len == 0 ? " [pods/ephemeralcontainers, " : " [");
        }
        moor_buf_append(out, kinds[i].resource);
        bool is_last = i + 1 == count || !moor_slice_equal(kinds[i].group, kinds[i + 1].group);
        moor_buf_append_text(out, is_last ? "]" : ", ");
    }
    moor_buf_append_byte(out, '\n');
}

static bool has_group_before(const struct moor_policy *policy, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (moor_vap_has_resource(&policy->custom_resources[i]) &&
            moor_slice_equal(policy->custom_resources[i].kind.group,
                             policy->custom_resources[index].kind.group)) {
            return true;
        }
    }
    return false;
}

/* Appends the resources of a group, from the first one at `index` on. */
static void append_group(struct moor_buf *out, const struct moor_policy *policy, size_t index)
{
    const struct moor_kind *kind = &policy->custom_resources[index].kind;
    /* An entry of the policy names no version, and operators serve several of them. */
    append_rule(out, kind->group, true);
    for (size_t i = index; i < policy->custom_resource_count; i++) {
        const struct moor_kind *other = &policy->custom_resources[i].kind;
        if (moor_slice_equal(other->group, kind->group) &&
            moor_vap_has_resource(&policy->custom_resources[i])) {
            moor_buf_append_text(out, i == index ? " [" : ", ");
            moor_buf_append(out, other->resource);
        }
    }
    moor_buf_append_text(out, "]\n");
}

void moor_vap_append_resources(struct moor_buf *out, const struct moor_policy *policy)
{
    append_builtin_resources(out);
    for (size_t i = 0; i < policy->custom_resource_count; i++) {
        if (moor_vap_has_resource(&policy->custom_resources[i]) && !has_group_before(policy, i)) {
            append_group(out, policy, i);
        }
    }
}
