/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/file/show.h"

#include "policy/base/array_size.h"
#include "policy/file/plain.h"
#include "policy/file/schema.h"
#include "policy/rules/exemption.h"

static bool has_glob(const struct moor_glob_list *globs, struct moor_slice text)
{
    for (size_t i = 0; i < globs->count; i++) {
        if (moor_slice_equal(globs->items[i].text, text)) {
            return true;
        }
    }
    return false;
}

/* Duplicates are omitted: the built-in users may be listed in the file again. */
static void append_users(struct moor_buf *out, const struct moor_glob_list *globs)
{
    moor_buf_append_text(out, "  users:\n");
    for (size_t i = 0; i < globs->count; i++) {
        const struct moor_glob_list before = {globs->items, i};
        if (has_glob(&before, globs->items[i].text)) {
            continue;
        }
        moor_buf_append_text(out, "  - ");
        moor_plain_show_text(out, globs->items[i].text);
        moor_buf_append_byte(out, '\n');
    }
}

static void append_opening(struct moor_buf *out, const char *key, bool is_first)
{
    if (is_first) {
        moor_buf_printf(out, "  %s: {", key);
    } else {
        moor_buf_append_text(out, ", ");
    }
}

/* An absent key is not written, because its value depends on the image rule that it overlays. */
static void append_overlay(struct moor_buf *out, const char *key,
                           const struct moor_overlay *overlay)
{
    const struct {
        const char *key;
        bool is_given;
        enum moor_requirement requirement;
    } items[] = {
        {"enforce", overlay->has_enforce, overlay->requirements.enforce},
        {"warn", overlay->has_warn, overlay->requirements.warn},
        {"audit", overlay->has_audit, overlay->requirements.audit},
    };

    size_t written = 0;
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(items); i++) {
        if (items[i].is_given) {
            append_opening(out, key, written == 0);
            moor_buf_printf(out, "%s: %s", items[i].key,
                            moor_requirement_name(items[i].requirement));
            written++;
        }
    }
    moor_buf_append_text(out, written > 0 ? "}\n" : "");
}

static void append_requirements(struct moor_buf *out, const struct moor_requirements *requirements)
{
    moor_buf_printf(out, "  enforce: %s\n  warn: %s\n  audit: %s\n",
                    moor_requirement_name(requirements->enforce),
                    moor_requirement_name(requirements->warn),
                    moor_requirement_name(requirements->audit));
}

/* Appends `["a", "b"]`. */
static void append_flow_list(struct moor_buf *out, const struct moor_slice *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        moor_buf_append_text(out, i == 0 ? "[" : ", ");
        moor_plain_show_text(out, items[i]);
    }
    moor_buf_append_text(out, "]\n");
}

static void append_labels(struct moor_buf *out, const struct moor_environment *environment)
{
    moor_buf_append_text(out, environment->label_count > 0 ? "  namespaceLabels:\n" : "");
    for (size_t i = 0; i < environment->label_count; i++) {
        moor_buf_append_text(out, "    ");
        moor_plain_show_text(out, environment->labels[i].key);
        moor_buf_append_text(out, ": ");
        append_flow_list(out, environment->labels[i].values, environment->labels[i].count);
    }
}

static void append_images(struct moor_buf *out, const struct moor_environment *environment)
{
    moor_buf_append_text(out, environment->image_count > 0 ? "  images:\n" : "");
    for (size_t i = 0; i < environment->image_count; i++) {
        const struct moor_requirements *requirements = &environment->images[i].requirements;
        moor_buf_append_text(out, "  - {match: ");
        moor_plain_show_globs(out, &environment->images[i].match);
        moor_buf_printf(out, ", enforce: %s, warn: %s, audit: %s}\n",
                        moor_requirement_name(requirements->enforce),
                        moor_requirement_name(requirements->warn),
                        moor_requirement_name(requirements->audit));
    }
}

static void append_environment(struct moor_buf *out, const struct moor_environment *environment)
{
    static const enum moor_field fields[] = {
        MOOR_FIELD_INIT_CONTAINERS, MOOR_FIELD_EPHEMERAL_CONTAINERS, MOOR_FIELD_IMAGE_VOLUMES};

    moor_plain_show(out, &moor_schema_environment_table, environment, "- ", "  ");
    moor_buf_printf(out, "  mode: %s\n", moor_mode_name(environment->mode));
    append_labels(out, environment);
    append_requirements(out, &environment->requirements);
    append_images(out, environment);
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(fields); i++) {
        append_overlay(out, moor_field_name(fields[i]), &environment->fields[fields[i]]);
    }
    append_overlay(out, "unchanged", &environment->unchanged);
}

static void append_patterns(struct moor_buf *out, const char *key,
                            const struct moor_pattern_list *patterns)
{
    if (patterns->count > 0) {
        moor_buf_printf(out, "  %s:\n", key);
    }
    for (size_t i = 0; i < patterns->count; i++) {
        moor_buf_append_text(out, "  - ");
        moor_plain_show_text(out, patterns->items[i].text);
        moor_buf_append_byte(out, '\n');
    }
}

/* A built-in entry never applies if the file's entries have each of its globs, and is omitted. */
static bool is_hidden(const struct moor_policy *policy, size_t index)
{
    if (index < policy->own_repository_count) {
        return false;
    }
    const struct moor_glob_list *match = &policy->repositories[index].match;
    size_t hidden = 0;
    for (size_t i = 0; i < match->count; i++) {
        size_t before = 0;
        while (before < index &&
               !has_glob(&policy->repositories[before].match, match->items[i].text)) {
            before++;
        }
        hidden += before < index ? 1 : 0;
    }
    return hidden == match->count;
}

static void append_repository(struct moor_buf *out, const struct moor_repository *repository)
{
    moor_buf_append_text(out, "- match: ");
    moor_plain_show_globs(out, &repository->match);
    moor_buf_append_byte(out, '\n');
    moor_plain_show(out, &moor_schema_repository_table, repository, "  ", "  ");
    append_patterns(out, "rolling", &repository->patterns[MOOR_PATTERNS_ROLLING]);
    append_patterns(out, "build", &repository->patterns[MOOR_PATTERNS_BUILD]);
    append_patterns(out, "release", &repository->patterns[MOOR_PATTERNS_RELEASE]);
    /* NONE is the value of an absent key, since `otherwise` cannot be `none`. */
    if (repository->otherwise != MOOR_LEVEL_NONE) {
        moor_buf_printf(out, "  otherwise: %s\n", moor_level_name(repository->otherwise));
    }
}

static void append_match(struct moor_buf *out, const struct moor_exemption *exemption)
{
    moor_buf_append_text(out, "  match:\n");
    for (size_t i = 0; i < MOOR_EXEMPTION_KEY_COUNT; i++) {
        if (exemption->match[i].count > 0) {
            moor_buf_printf(out, "    %s: ", moor_exemption_key_name((enum moor_exemption_key)i));
            moor_plain_show_globs(out, &exemption->match[i]);
            moor_buf_append_byte(out, '\n');
        }
    }
    for (size_t i = 0; i < exemption->images.count; i++) {
        moor_buf_append_text(out, i == 0 ? "    images: [" : ", ");
        moor_plain_show_text(out, exemption->images.items[i].text);
    }
    moor_buf_append_text(out, exemption->images.count > 0 ? "]\n" : "");
}

static void append_exemption(struct moor_buf *out, const struct moor_exemption *exemption)
{
    moor_plain_show(out, &moor_schema_exemption_table, exemption, "- ", "  ");
    /*
     * The text of the file and not the time: a date ends at the end of its day, and would read as
     * the next one.
     */
    if (!exemption->is_permanent) {
        moor_buf_append_text(out, "  expires: ");
        moor_plain_show_text(out, exemption->until);
        moor_buf_append_byte(out, '\n');
    }
    append_match(out, exemption);
    moor_buf_printf(out, "  enforce: %s\n", moor_requirement_name(exemption->enforce));
}

/* --- custom resources ------------------------------------------------------------------------- */

/* Appends a list on a single line. */
static void append_texts(struct moor_buf *out, const char *key, const struct moor_slice *texts,
                         size_t count)
{
    if (count == 0) {
        return;
    }
    moor_buf_printf(out, "%s: [", key);
    for (size_t i = 0; i < count; i++) {
        moor_buf_append_text(out, i > 0 ? ", " : "");
        moor_plain_show_text(out, texts[i]);
    }
    moor_buf_append_text(out, "]\n");
}

static void append_resource(struct moor_buf *out, const struct moor_custom_resource *resource)
{
    moor_buf_append_text(out, "- resource: ");
    moor_buf_append(out, resource->kind.resource);
    moor_buf_append_byte(out, '.');
    moor_buf_append(out, resource->kind.group);
    moor_buf_append_byte(out, '\n');
    moor_plain_show(out, &moor_schema_resource_table, resource, "  ", "  ");
    append_texts(out, "  podSpecs", resource->pod_specs.items, resource->pod_specs.count);
    append_texts(out, "  images", resource->images.items, resource->images.count);
}

/* The built-in annotations are comments: the file's format has no form for those in parts. */
static void append_annotations(struct moor_buf *out, const struct moor_policy *policy)
{
    const struct moor_annotation *items = policy->annotations.items;
    for (size_t i = 0; i < policy->own_annotation_count; i++) {
        moor_buf_append_text(out, i == 0 ? "imageAnnotations: [" : ", ");
        moor_plain_show_text(out, items[i].key);
    }
    moor_buf_append_text(out, policy->own_annotation_count > 0 ? "]\n" : "");
    moor_buf_append_text(out, "# built-in image annotations:\n");
    for (size_t i = policy->own_annotation_count; i < policy->annotations.count; i++) {
        moor_buf_append_text(out, "#   ");
        moor_annotation_append_key(out, &items[i]);
        moor_buf_append_byte(out, '\n');
    }
}

/* --- parts ------------------------------------------------------------------------------------ */

/* The receiver of parts; without one, they stay in the buffer. */
struct sink {
    struct moor_buf *buf;
    moor_show_take *take;
    void *context;
};

/* Ends a part.  A policy of 1 MiB is written in small parts, so that a reload takes less memory. */
static void end_part(const struct sink *sink)
{
    if (sink->take != NULL && !sink->buf->failed) {
        sink->take(sink->context, moor_buf_slice(sink->buf));
        moor_buf_clear(sink->buf);
    }
}

static void write_head(const struct sink *sink, const struct moor_policy *policy)
{
    struct moor_buf *out = sink->buf;
    moor_plain_show(out, &moor_schema_policy_table, policy, "", "");
    moor_buf_printf(out, "grammar: %u\nmode: %s\nenvironments:\n", policy->grammar,
                    moor_mode_name(policy->mode));
    for (size_t i = 0; i < policy->environment_count; i++) {
        append_environment(out, &policy->environments[i]);
        end_part(sink);
    }
    moor_buf_append_text(out, "controllers:\n");
    append_users(out, &policy->controllers.users);
    append_requirements(out, &policy->controllers.requirements);
    end_part(sink);
}

static void write_rules(const struct sink *sink, const struct moor_policy *policy)
{
    moor_buf_append_text(sink->buf, "repositories:\n");
    for (size_t i = 0; i < policy->repository_count; i++) {
        if (!is_hidden(policy, i)) {
            append_repository(sink->buf, &policy->repositories[i]);
            end_part(sink);
        }
    }
    moor_buf_append_text(sink->buf, policy->exemption_count > 0 ? "exemptions:\n" : "");
    for (size_t i = 0; i < policy->exemption_count; i++) {
        append_exemption(sink->buf, &policy->exemptions[i]);
        end_part(sink);
    }
}

static void write_resources(const struct sink *sink, const struct moor_policy *policy)
{
    moor_buf_append_text(sink->buf, "customResources:\n");
    for (size_t i = 0; i < policy->custom_resource_count; i++) {
        append_resource(sink->buf, &policy->custom_resources[i]);
        end_part(sink);
    }
    append_texts(sink->buf, "placeholders", policy->placeholders, policy->placeholder_count);
    append_annotations(sink->buf, policy);
    end_part(sink);
}

void moor_policy_show_resources(struct moor_buf *out, const struct moor_policy *policy)
{
    const struct sink sink = {.buf = out};
    write_resources(&sink, policy);
}

/*
 * The digest of a policy is computed over this text.  A change of its form changes the digest of
 * every policy, although no decision changes.
 */
static void write_policy(const struct sink *sink, const struct moor_policy *policy)
{
    write_head(sink, policy);
    write_rules(sink, policy);
    write_resources(sink, policy);
}

int moor_policy_show_parts(struct moor_buf *buf, const struct moor_policy *policy,
                           moor_show_take *take, void *context, struct moor_error *err)
{
    const struct sink sink = {buf, take, context};
    moor_buf_clear(buf);
    write_policy(&sink, policy);
    return moor_buf_check(buf, err);
}

void moor_policy_show(struct moor_buf *out, const struct moor_policy *policy)
{
    const struct sink sink = {.buf = out};
    /* Not a part of the text that is hashed: a digest cannot contain itself. */
    moor_buf_printf(out, "# in force: %s\n", policy->digest);
    write_policy(&sink, policy);
}
