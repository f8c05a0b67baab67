/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/file/build_exemptions.h"
#include "policy/base/array_size.h"
#include "policy/base/nearest.h"
#include "policy/base/timestamp.h"
#include "policy/base/utf8.h"
#include "policy/file/build_globs.h"
#include "policy/file/image_glob_warn.h"
#include "policy/file/plain.h"
#include "policy/file/quote.h"
#include "policy/object/kinds.h"
#include "policy/object/path.h"
#include "policy/rules/exemption.h"

/* Minimum length of a reason, in characters: shorter texts explain nothing to a later reader. */
#define MIN_REASON     8
#define MAX_NAME_BYTES 63

/* The state that the functions share. */
struct context {
    struct moor_policy *policy;
    struct moor_matcher *matcher;
    struct moor_diagnostics *diagnostics;
    struct moor_error *err;
};

static void free_matcher(struct moor_matcher *const *matcher)
{
    moor_matcher_free(*matcher);
}

/* --- checks ----------------------------------------------------------------------------------- */

/* The name is the value of a metric label and of a log field. */
static bool is_name(struct moor_slice name)
{
    for (size_t i = 0; i < name.len; i++) {
        char byte = name.ptr[i];
        bool is_word = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                       (byte >= '0' && byte <= '9');
        bool is_mark = byte == '-' || byte == '_' || byte == '.';
        if (!is_word && (i == 0 || !is_mark)) {
            return false;
        }
    }
    return name.len > 0 && name.len <= MAX_NAME_BYTES;
}

static void check_name(const struct context *context, const struct moor_schema_exemption *schemas,
                       size_t index)
{
    const struct moor_yaml_node *name = schemas[index].name.at;
    if (name == NULL) {
        return;
    }
    if (!is_name(name->text)) {
        moor_diagnostics_error(context->diagnostics, name,
                               "'name' must be 1 to 63 letters, digits, '-', '_' and '.', starting "
                               "with a letter or digit, because it is part of logs and metrics; "
                               "not '%s'",
                               moor_quote(name->text).text);
        return;
    }
    for (size_t i = 0; i < index; i++) {
        const struct moor_yaml_node *other = schemas[i].name.at;
        if (other != NULL && moor_slice_equal(other->text, name->text)) {
            moor_diagnostics_error(context->diagnostics, name,
                                   "duplicate exemption '%s', first on line %u",
                                   moor_quote(name->text).text, (unsigned)other->line);
            return;
        }
    }
}

static void check_reason(const struct context *context, const struct moor_yaml_node *reason)
{
    /* Characters and not bytes, as `minLength` of the JSON Schema counts. */
    if (reason != NULL && moor_utf8_count(reason->text) < MIN_REASON) {
        moor_diagnostics_error(context->diagnostics, reason,
                               "'reason' has fewer than %d characters: explain why this is "
                               "exempt",
                               MIN_REASON);
    }
}

/* The kinds of Kubernetes, then those of the policy; returns NULL after the last. */
static const struct moor_kind *kind_at(const struct context *context, size_t index)
{
    size_t count = 0;
    const struct moor_kind *kinds = moor_kind_all(&count);
    if (index < count) {
        return &kinds[index];
    }
    return index - count < context->policy->custom_resource_count
               ? &context->policy->custom_resources[index - count].kind
               : NULL;
}

/* The known word that is close to the text; the last one if there are several. */
struct suggestion {
    struct moor_slice word;
};

static void suggest(struct suggestion *suggestion, struct moor_slice written,
                    struct moor_slice known)
{
    if (moor_nearest_is_close(written, known, moor_nearest_distance(written, known))) {
        suggestion->word = known;
    }
}

static void refuse_unknown(const struct context *context, const struct moor_yaml_node *item,
                           const struct suggestion *suggestion, const char *noun, const char *hint)
{
    struct moor_quoted written = moor_quote(item->text);
    if (suggestion->word.len > 0) {
        moor_diagnostics_error(context->diagnostics, item, "unknown %s '%s', did you mean '%s'?",
                               noun, written.text, moor_quote(suggestion->word).text);
        return;
    }
    moor_diagnostics_error(context->diagnostics, item, "unknown %s '%s': %s", noun, written.text,
                           hint);
}

static void check_kind(const struct context *context, struct moor_glob *glob,
                       const struct moor_yaml_node *item)
{
    const struct moor_glob_list globs = {glob, 1};
    const struct moor_kind *kind = NULL;
    struct suggestion suggestion = {{0}};
    for (size_t i = 0; (kind = kind_at(context, i)) != NULL; i++) {
        if (moor_exemption_kind_matches(&globs, kind->kind, kind->group, context->matcher)) {
            return;
        }
        suggest(&suggestion, item->text, kind->kind);
    }
    refuse_unknown(context, item, &suggestion, "kind",
                   "if it contains images, add it to 'customResources'");
}

static void check_field(const struct context *context, struct moor_glob *glob,
                        const struct moor_yaml_node *item)
{
    struct suggestion suggestion = {{0}};
    for (size_t i = 0; i < MOOR_FIELD_COUNT; i++) {
        struct moor_slice field = moor_slice_from(moor_field_name((enum moor_field)i));
        if (moor_glob_match(glob, field, context->matcher)) {
            return;
        }
        suggest(&suggestion, item->text, field);
    }
    refuse_unknown(context, item, &suggestion, "field",
                   "the fields are containers, initContainers, ephemeralContainers, imageVolumes "
                   "and annotations");
}

static void check_environment(const struct context *context, struct moor_glob *glob,
                              const struct moor_yaml_node *item)
{
    struct suggestion suggestion = {{0}};
    for (size_t i = 0; i < context->policy->environment_count; i++) {
        struct moor_slice name = context->policy->environments[i].name;
        if (moor_glob_match(glob, name, context->matcher)) {
            return;
        }
        suggest(&suggestion, item->text, name);
    }
    refuse_unknown(context, item, &suggestion, "environment", "name an environment of this file");
}

/* A glob that matches nothing known can never apply, so it must be a typo. */
static void check_known(const struct context *context, const struct moor_glob_list *globs,
                        const struct moor_yaml_node *list,
                        void (*check)(const struct context *, struct moor_glob *,
                                      const struct moor_yaml_node *))
{
    /*
     * The lists have the same order: moor_build_globs() keeps an item for each node, even on
     * errors.
     */
    const struct moor_yaml_node *item = list != NULL ? list->first : NULL;
    for (size_t i = 0; item != NULL && i < globs->count; i++, item = item->next) {
        check(context, &globs->items[i], item);
    }
}

/* --- building --------------------------------------------------------------------------------- */

/* Every exemption expires or is explicitly permanent: a forgotten one would weaken the policy. */
static int build_end(const struct context *context, struct moor_exemption *out,
                     const struct moor_schema_exemption *schema)
{
    const struct moor_yaml_node *expires = schema->expires.at;
    if (out->is_permanent == (expires != NULL)) {
        /* A value of the wrong type has its own error already, and is not a missing end. */
        bool is_refused =
            expires == NULL &&
            (moor_yaml_get(schema->at, "expires") != NULL ||
             (moor_yaml_get(schema->at, "permanent") != NULL && schema->permanent.at == NULL));
        if (!is_refused) {
            moor_diagnostics_error(context->diagnostics, schema->at,
                                   expires != NULL
                                       ? "an exemption has both 'expires' and 'permanent: true': "
                                         "remove one of them"
                                       : "an exemption has no end: add 'expires', such as "
                                         "2027-03-31, or 'permanent: true'");
        }
        return 0;
    }
    if (expires == NULL) {
        return 0;
    }
    struct moor_error wrong = {0};
    out->line = expires->line;
    out->column = expires->column;
    if (moor_timestamp_parse(&out->expires, expires->text, &wrong) != 0) {
        moor_diagnostics_error(context->diagnostics, expires, "'expires' must be %s, not '%s'",
                               wrong.text, moor_quote(expires->text).text);
    }
    return moor_arena_copy(&context->policy->arena, &out->until, expires->text, context->err);
}

/* An invalid reference is matched by its text, so its spelling must not change. */
static int copy_image(const struct context *context, struct moor_slice *out,
                      const struct moor_yaml_node *item)
{
    struct moor_reference reference;
    struct moor_arena *arena = &context->policy->arena;
    return moor_image_glob_is_literal(item->text) &&
                   moor_reference_parse(&reference, item->text, NULL) != 0
               ? moor_arena_copy(arena, out, item->text, context->err)
               : moor_build_respelled(out, item, arena, context->diagnostics, context->err);
}

static int build_images(const struct context *context, struct moor_image_glob_list *out,
                        const struct moor_yaml_node *list)
{
    if (list == NULL) {
        return 0;
    }
    out->items = moor_arena_alloc(&context->policy->arena, list->count * sizeof *out->items);
    if (out->items == NULL) {
        return moor_error_set(context->err, MOOR_ERROR_MEMORY, "no memory for %zu globs",
                              list->count);
    }
    for (const struct moor_yaml_node *item = list->first; item != NULL; item = item->next) {
        struct moor_error wrong = {0};
        struct moor_slice text;
        bool is_invalid = false;
        if (copy_image(context, &text, item) != 0) {
            return -1;
        }
        struct moor_image_glob *glob = &out->items[out->count];
        if (moor_image_glob_compile(glob, &is_invalid, text, &wrong) != 0) {
            moor_diagnostics_error(context->diagnostics, item, "%s", wrong.text);
            continue;
        }
        size_t bytes = moor_glob_size(&glob->name) + moor_glob_size(&glob->tag) +
                       moor_glob_size(&glob->digest);
        if (!moor_build_charge(&context->policy->arena, bytes, item, context->diagnostics)) {
            moor_image_glob_release(glob);
            continue;
        }
        out->count++;
        if (is_invalid) {
            moor_diagnostics_warning(context->diagnostics, item,
                                     "'%s' is not a valid reference (%s): only this exact text is "
                                     "exempt",
                                     moor_quote(text).text, wrong.text);
        } else {
            moor_image_glob_warn(item, text, context->diagnostics);
        }
    }
    return 0;
}

static int build_match(const struct context *context, struct moor_exemption *out,
                       const struct moor_schema_match *schema)
{
    if (schema->at != NULL && schema->at->count == 0) {
        moor_diagnostics_error(context->diagnostics, schema->at,
                               "'match' is empty, which would exempt everything: add a condition");
    }
    for (size_t i = 0; i < MOOR_EXEMPTION_KEY_COUNT; i++) {
        if (moor_build_globs(&out->match[i], NULL, &schema->keys[i], &context->policy->arena,
                             context->diagnostics, context->err) != 0) {
            return -1;
        }
    }

    static const struct {
        enum moor_exemption_key key;
        void (*check)(const struct context *, struct moor_glob *, const struct moor_yaml_node *);
        /* Only names of closed sets: namespaces, users and objects can be created after the policy.
         */
    } checks[] = {
        {MOOR_EXEMPTION_KINDS, check_kind},
        {MOOR_EXEMPTION_FIELDS, check_field},
        {MOOR_EXEMPTION_ENVIRONMENTS, check_environment},
    };

    for (size_t i = 0; i < MOOR_ARRAY_SIZE(checks); i++) {
        enum moor_exemption_key key = checks[i].key;
        check_known(context, &out->match[key], schema->keys[key].at, checks[i].check);
    }
    return build_images(context, &out->images, schema->images.at);
}

static int build_exemption(const struct context *context, struct moor_exemption *out,
                           const struct moor_schema_exemption *schema)
{
    if (schema->at == NULL) {
        return 0;
    }
    check_reason(context, schema->reason.at);
    out->enforce =
        schema->enforce.at != NULL
            ? (enum moor_requirement)(schema->enforce.number + (unsigned)MOOR_REQUIREMENT_ANY)
            : MOOR_REQUIREMENT_ANY;
    if (moor_plain_build(out, &moor_schema_exemption_table, schema, &context->policy->arena,
                         context->diagnostics, context->err) != 0 ||
        build_end(context, out, schema) != 0) {
        return -1;
    }
    return build_match(context, out, &schema->match);
}

int moor_build_exemptions(struct moor_policy *policy, const struct moor_key_list *list,
                          struct moor_diagnostics *diagnostics, struct moor_error *err)
{
    __attribute__((cleanup(free_matcher))) struct moor_matcher *matcher = moor_matcher_new();
    struct context context = {
        .policy = policy, .matcher = matcher, .diagnostics = diagnostics, .err = err};
    if (list->count == 0) {
        return 0;
    }
    policy->exemptions = moor_arena_alloc(&policy->arena, list->count * sizeof *policy->exemptions);
    if (policy->exemptions == NULL || matcher == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for %zu exemptions", list->count);
    }
    const struct moor_schema_exemption *schemas = list->items;
    for (size_t i = 0; i < list->count; i++) {
        /* Counted before it is built, so that a release frees the globs of a failed exemption. */
        policy->exemption_count++;
        check_name(&context, schemas, i);
        if (build_exemption(&context, &policy->exemptions[i], &schemas[i]) != 0) {
            return -1;
        }
    }
    return 0;
}
