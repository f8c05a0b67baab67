/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/observe/policy_metrics.h"

#include "webhook/http/server.h"
#include "webhook/observe/exposition.h"

int moor_policy_metrics_init(struct moor_policy_metrics *metrics, struct moor_error *err)
{
    return moor_name_table_init(&metrics->exemptions, MOOR_METRICS_MAX_EXEMPTIONS, err);
}

void moor_policy_metrics_release(struct moor_policy_metrics *metrics)
{
    moor_name_table_release(&metrics->exemptions);
}

void moor_policy_metrics_count_use(struct moor_policy_metrics *metrics,
                                   const struct moor_exemption *exemption)
{
    moor_counter_add(&metrics->uses[moor_name_table_number(&metrics->exemptions, exemption->name)],
                     1);
}

/* A gauge of 1 with labels is the usual form of Prometheus for a text, which cannot be a value. */
static void write_modes(struct moor_buf *out, const struct moor_policy *policy)
{
    static const char name[] = "tagmoor_policy_mode";
    moor_exposition_family(out, name, "gauge",
                           "1, with an environment of the policy in force and its mode as labels.");
    for (size_t i = 0; i < policy->environment_count; i++) {
        const struct moor_environment *environment = &policy->environments[i];
        moor_buf_append_text(out, name);
        moor_exposition_label(out, "{", "environment", environment->name);
        moor_exposition_label(out, ",", "mode", moor_slice_from(moor_mode_name(environment->mode)));
        moor_buf_append_text(out, "} 1\n");
    }
}

static void write_exemption(struct moor_buf *out, const char *name, struct moor_slice exemption,
                            unsigned long long value)
{
    moor_buf_append_text(out, name);
    moor_exposition_label(out, "{", "exemption", exemption);
    moor_buf_printf(out, "} %llu\n", value);
}

/* A permanent exemption has no end, so it has a family of its own and not an end in the far future.
 */
static void write_ends(struct moor_buf *out, const struct moor_policy *policy)
{
    static const char expiry[] = "tagmoor_exemption_expiry_timestamp_seconds";
    static const char permanent[] = "tagmoor_exemption_permanent";
    moor_exposition_family(out, expiry, "gauge",
                           "Time when an exemption ends, in seconds since the epoch.");
    for (size_t i = 0; i < policy->exemption_count; i++) {
        const struct moor_exemption *exemption = &policy->exemptions[i];
        if (!exemption->is_permanent) {
            write_exemption(out, expiry, exemption->name, (unsigned long long)exemption->expires);
        }
    }
    moor_exposition_family(out, permanent, "gauge",
                           "1, with an exemption that has no end as a label.");
    for (size_t i = 0; i < policy->exemption_count; i++) {
        if (policy->exemptions[i].is_permanent) {
            write_exemption(out, permanent, policy->exemptions[i].name, 1);
        }
    }
}

static void write_uses(struct moor_buf *out, struct moor_policy_metrics *metrics,
                       const struct moor_policy *policy)
{
    static const char name[] = "tagmoor_exemption_used_total";
    moor_exposition_family(out, name, "counter",
                           "Requests in which an exemption changed a decision.");
    /*
     * An exemption without a use gets its place, and with it a series, here: rate() of Prometheus
     * would miss the first use otherwise.  `other` has a series only when it is needed.
     */
    bool has_other = moor_counter_read(&metrics->uses[MOOR_METRICS_MAX_EXEMPTIONS]) > 0;
    for (size_t i = 0; i < policy->exemption_count; i++) {
        has_other |= moor_name_table_number(&metrics->exemptions, policy->exemptions[i].name) ==
                     MOOR_METRICS_MAX_EXEMPTIONS;
    }
    for (size_t i = 0; i <= MOOR_METRICS_MAX_EXEMPTIONS; i++) {
        struct moor_slice exemption = moor_name_table_at(&metrics->exemptions, i);
        if (i == MOOR_METRICS_MAX_EXEMPTIONS ? has_other : exemption.len > 0) {
            write_exemption(out, name, exemption, moor_counter_read(&metrics->uses[i]));
        }
    }
}

void moor_policy_metrics_write(struct moor_buf *out, struct moor_policy_metrics *metrics,
                               const struct moor_policy *policy)
{
    static const char info[] = "tagmoor_policy_info";
    moor_exposition_family(out, info, "gauge",
                           "1, with the digest of the policy in force as a label.");
    moor_exposition_sample(out, info, "digest", policy->digest, 1);
    write_modes(out, policy);
    write_ends(out, policy);
    write_uses(out, metrics, policy);
}
