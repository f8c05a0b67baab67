/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/export/webhook_parts.h"

#include "policy/base/array_size.h"
#include "policy/export/cel.h"
#include "policy/export/re2.h"

#include <stdlib.h>

#define EXPRESSION_BYTES ((size_t)4 * 1024 * 1024)

/* The expressions; the chart knows them by their names. */
enum expression {
    NO_MIRROR_POD,
    ROLLBACK,
    USER_IN,
    USER_MATCHES,
    MAY_BRING_IMAGE,
    ANNOTATION_CHANGED,
    ANNOTATION_WITH_PREFIX_CHANGED,
    HAS_IMAGES_OUTSIDE
};

static const struct {
    const char *name;
    const char *text;
} expressions[] = {
    [NO_MIRROR_POD] = {"isNoMirrorPod", MOOR_CEL_NO_MIRROR_POD},
    /*
     * An update of a Deployment by Kubernetes itself.  Only a rollback changes its spec: the
     * controller copies the template of an old ReplicaSet, which a user names in an annotation.
     */
    [ROLLBACK] = {"isRollback",
                  "request.operation == \"UPDATE\" && request.resource.group == \"apps\" && "
                  "request.resource.resource == \"deployments\" && request.userInfo.username in "
                  "[\"system:serviceaccount:kube-system:deployment-controller\","
                  "\"system:kube-controller-manager\"]"},
    [USER_IN] = {"isUserIn", "request.userInfo.username in %s"},
    [USER_MATCHES] = {"userMatches", "request.userInfo.username.matches(%s)"},
    /* Images are in `spec`, in the `template` of a PodTemplate, in the `data` of a
     * ControllerRevision and in annotations of the object itself. */
    [MAY_BRING_IMAGE] = {"mayBringImage",
                         "request.operation != \"UPDATE\" || object.?spec != oldObject.?spec || "
                         "object.?template != oldObject.?template || object.?data != "
                         "oldObject.?data"},
    [ANNOTATION_CHANGED] = {"annotationChanged",
                            "%s.exists(k, object.metadata.?annotations[?k].orValue(\"\") != "
                            "oldObject.metadata.?annotations[?k].orValue(\"\"))"},
    [ANNOTATION_WITH_PREFIX_CHANGED] = {"annotationWithPrefixChanged",
                                        "object.metadata.?annotations.orValue({}).exists(k, "
                                        "k.startsWith(%s) && object.metadata.annotations[k] != "
                                        "oldObject.metadata.?annotations[?k].orValue(\"\"))"},
    [HAS_IMAGES_OUTSIDE] = {"hasImagesOutsideSpec",
                            "(request.resource.resource + \".\" + request.resource.group) in %s"},
};

static void free_buf(struct moor_buf *buf)
{
    moor_buf_release(buf);
}

/* Appends an expression with `argument` in the place of `%s`. */
static void append_filled(struct moor_buf *out, enum expression which, struct moor_slice argument)
{
    const char *text = expressions[which].text;
    const char *place = strstr(text, "%s");
    size_t before = place != NULL ? (size_t)(place - text) : strlen(text);
    moor_buf_append(out, (struct moor_slice){text, before});
    if (place != NULL) {
        moor_buf_append(out, argument);
        moor_buf_append_text(out, place + 2);
    }
}

/* Appends a text to a list.  The caller writes the brackets. */
static void append_item(struct moor_buf *list, struct moor_slice text)
{
    moor_buf_append_text(list, list->len > 0 ? "," : "");
    moor_cel_json_string(list, text);
}

/* Appends an expression about the items of a list. */
static void append_about(struct moor_buf *out, enum expression which, const struct moor_buf *items)
{
    __attribute__((cleanup(free_buf))) struct moor_buf list;
    moor_buf_init(&list, EXPRESSION_BYTES);
    moor_buf_append_byte(&list, '[');
    moor_buf_append(&list, moor_buf_slice(items));
    moor_buf_append_byte(&list, ']');
    append_filled(out, which, moor_buf_slice(&list));
    out->failed = out->failed || items->failed || list.failed;
}

/* --- controllers ------------------------------------------------------------------------------ */

/* Returns whether an earlier item has the same text. */
static bool is_repeated_user(const struct moor_glob_list *users, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (moor_slice_equal(users->items[i].text, users->items[index].text)) {
            return true;
        }
    }
    return false;
}

/* Appends whether the user matches one of the globs with special characters. */
static int append_user_globs(struct moor_buf *out, const struct moor_glob_list *users,
                             struct moor_error *err)
{
    __attribute__((cleanup(free_buf))) struct moor_buf pattern;
    __attribute__((cleanup(free_buf))) struct moor_buf literal;
    moor_buf_init(&pattern, EXPRESSION_BYTES);
    moor_buf_init(&literal, EXPRESSION_BYTES);
    for (size_t i = 0; i < users->count; i++) {
        if (users->items[i].kind == MOOR_GLOB_LITERAL) {
            continue;
        }
        moor_buf_clear(&pattern);
        moor_buf_clear(&literal);
        /* `matches` of CEL searches in the text, so that the pattern needs both ends. */
        moor_buf_append_text(&pattern, "(?s)^");
        if (moor_re2_glob(&pattern, users->items[i].text, err) != 0) {
            return -1;
        }
        moor_buf_append_byte(&pattern, '$');
        moor_cel_json_string(&literal, moor_buf_slice(&pattern));
        moor_buf_append_text(out, " || ");
        append_filled(out, USER_MATCHES, moor_buf_slice(&literal));
    }
    out->failed = out->failed || pattern.failed || literal.failed;
    return 0;
}

int moor_webhook_append_controller(struct moor_buf *out, const struct moor_policy *policy,
                                   struct moor_error *err)
{
    __attribute__((cleanup(free_buf))) struct moor_buf names;
    const struct moor_glob_list *users = &policy->controllers.users;
    moor_buf_init(&names, EXPRESSION_BYTES);
    for (size_t i = 0; i < users->count; i++) {
        if (users->items[i].kind == MOOR_GLOB_LITERAL && !is_repeated_user(users, i)) {
            append_item(&names, users->items[i].text);
        }
    }
    moor_buf_append_byte(out, '(');
    append_about(out, USER_IN, &names);
    if (append_user_globs(out, users, err) != 0) {
        return -1;
    }
    /* A rollback must be evaluated like a request of a user: see ROLLBACK. */
    moor_buf_append_text(out, ") && !(");
    append_filled(out, ROLLBACK, MOOR_SLICE(""));
    moor_buf_append_byte(out, ')');
    return 0;
}

/* --- images ----------------------------------------------------------------------------------- */

void moor_webhook_append_no_mirror_pod(struct moor_buf *out)
{
    append_filled(out, NO_MIRROR_POD, MOOR_SLICE(""));
}

/* Appends the whole keys of a list, except for those that are in `builtin` too. */
static void append_keys(struct moor_buf *out, const struct moor_annotation_list *list,
                        const struct moor_annotation_list *builtin)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct moor_annotation *known =
            list == builtin ? NULL : moor_annotation_find(builtin, list->items[i].key);
        if (list->items[i].ending.len == 0 && (known == NULL || known->ending.len > 0)) {
            append_item(out, list->items[i].key);
        }
    }
}

/* Returns whether the key of an item ends with any text, and no earlier item begins like it. */
static bool is_new_prefix(const struct moor_annotation_list *list, size_t index)
{
    const struct moor_annotation *items = list->items;
    for (size_t i = 0; i < index; i++) {
        if (items[i].ending.len > 0 && moor_slice_equal(items[i].key, items[index].key)) {
            return false;
        }
    }
    return items[index].ending.len > 0;
}

static bool is_outside(const struct moor_path_list *paths)
{
    const struct moor_slice spec = MOOR_SLICE("spec");
    for (size_t i = 0; i < paths->count; i++) {
        struct moor_slice path = paths->items[i];
        /* `specification.image` begins with `spec`, but is another member. */
        char next = path.len > spec.len ? path.ptr[spec.len] : '.';
        if (!moor_slice_starts_with(path, spec) || (next != '.' && next != '[')) {
            return true;
        }
    }
    return false;
}

/* Appends `PLURAL.GROUP` of the custom resources with images outside of `spec`. */
static void append_outside(struct moor_buf *out, const struct moor_policy *policy)
{
    __attribute__((cleanup(free_buf))) struct moor_buf name;
    moor_buf_init(&name, EXPRESSION_BYTES);
    for (size_t i = 0; i < policy->custom_resource_count; i++) {
        const struct moor_custom_resource *resource = &policy->custom_resources[i];
        if (is_outside(&resource->pod_specs) || is_outside(&resource->images)) {
            moor_buf_clear(&name);
            moor_buf_append(&name, resource->kind.resource);
            moor_buf_append_byte(&name, '.');
            moor_buf_append(&name, resource->kind.group);
            append_item(out, moor_buf_slice(&name));
        }
    }
    out->failed = out->failed || name.failed;
}

/* Appends whether an annotation changed whose key has one of the beginnings. */
static void append_prefixes(struct moor_buf *out, const struct moor_annotation_list *builtin)
{
    __attribute__((cleanup(free_buf))) struct moor_buf literal;
    moor_buf_init(&literal, EXPRESSION_BYTES);
    for (size_t i = 0; i < builtin->count; i++) {
        if (!is_new_prefix(builtin, i)) {
            continue;
        }
        moor_buf_clear(&literal);
        moor_cel_json_string(&literal, builtin->items[i].key);
        moor_buf_append_text(out, " || ");
        append_filled(out, ANNOTATION_WITH_PREFIX_CHANGED, moor_buf_slice(&literal));
    }
    out->failed = out->failed || literal.failed;
}

void moor_webhook_append_may_bring_image(struct moor_buf *out, const struct moor_policy *policy)
{
    __attribute__((cleanup(free_buf))) struct moor_buf items;
    const struct moor_annotation_list builtin = moor_annotation_builtin();
    moor_buf_init(&items, EXPRESSION_BYTES);
    append_filled(out, MAY_BRING_IMAGE, MOOR_SLICE(""));
    append_keys(&items, &builtin, &builtin);
    /* The list of the policy includes the built-in keys, which append_keys() leaves out here. */
    append_keys(&items, &policy->annotations, &builtin);
    moor_buf_append_text(out, " || ");
    append_about(out, ANNOTATION_CHANGED, &items);
    append_prefixes(out, &builtin);
    moor_buf_clear(&items);
    append_outside(&items, policy);
    if (items.len > 0) {
        moor_buf_append_text(out, " || ");
        append_about(out, HAS_IMAGES_OUTSIDE, &items);
    }
}

/* --- rules ------------------------------------------------------------------------------------ */

static void begin_rule(struct moor_buf *out, struct moor_slice group, bool any_version)
{
    moor_buf_append_text(out, "  - apiGroups: [");
    moor_cel_yaml_string(out, group);
    moor_buf_printf(out, "]\n    apiVersions: [%s]\n    resources: [",
                    any_version ? "\"*\"" : "v1");
}

static void end_rule(struct moor_buf *out, const char *operations, const char *scope)
{
    moor_buf_printf(out, "]\n    operations: [%s]\n", operations);
    if (scope != NULL) {
        moor_buf_printf(out, "    scope: \"%s\"\n", scope);
    }
}

/* Appends a rule for each group, and one for the only subresource that can introduce an image. */
static void append_builtin_rules(struct moor_buf *out, const char *scope)
{
    size_t count = 0;
    const struct moor_kind *kinds = moor_kind_all(&count);
    for (size_t i = 0; i < count; i++) {
        bool is_first = i == 0 || !moor_slice_equal(kinds[i].group, kinds[i - 1].group);
        bool is_last = i + 1 == count || !moor_slice_equal(kinds[i].group, kinds[i + 1].group);
        if (is_first) {
            begin_rule(out, kinds[i].group, false);
        }
        moor_buf_append_text(out, is_first ? "" : ", ");
        moor_buf_append(out, kinds[i].resource);
        if (is_last) {
            end_rule(out, "CREATE, UPDATE", scope);
        }
        if (is_last && kinds[i].group.len == 0) {
            begin_rule(out, kinds[i].group, false);
            moor_buf_append_text(out, "pods/ephemeralcontainers");
            end_rule(out, "UPDATE", scope);
        }
    }
}

static int compare_resources(const void *left, const void *right)
{
    const struct moor_kind *one = left;
    const struct moor_kind *other = right;
    int order = moor_slice_compare(one->group, other->group);
    return order != 0 ? order : moor_slice_compare(one->resource, other->resource);
}

static void free_kinds(struct moor_kind *const *kinds)
{
    free(*kinds);
}

/* Appends the groups of custom resources in order, as rules or as lists by group. */
static void append_custom(struct moor_buf *out, const struct moor_policy *policy, bool is_own_only,
                          const char *scope, bool is_rule)
{
    size_t count = 0;
    __attribute__((cleanup(free_kinds))) struct moor_kind *kinds =
        calloc(policy->custom_resource_count + 1, sizeof *kinds);
    if (kinds == NULL) {
        out->failed = true;
        return;
    }
    for (size_t i = 0; i < policy->custom_resource_count; i++) {
        /* Built-in entries have no line. */
        if (!is_own_only || policy->custom_resources[i].line > 0) {
            kinds[count++] = policy->custom_resources[i].kind;
        }
    }
    /*
     * Sorted, so that each group is one rule and the output does not depend on the order of the
     * file.
     */
    qsort(kinds, count, sizeof *kinds, compare_resources);
    for (size_t i = 0; i < count; i++) {
        bool is_first = i == 0 || !moor_slice_equal(kinds[i].group, kinds[i - 1].group);
        bool is_last = i + 1 == count || !moor_slice_equal(kinds[i].group, kinds[i + 1].group);
        if (is_first && is_rule) {
            begin_rule(out, kinds[i].group, true);
        } else if (is_first) {
            moor_buf_printf(out, "  %.*s: [", MOOR_SLICE_ARGS(kinds[i].group));
        }
        moor_buf_append_text(out, is_first ? "" : ", ");
        moor_buf_append(out, kinds[i].resource);
        if (is_last && is_rule) {
            end_rule(out, "CREATE, UPDATE", scope);
        } else if (is_last) {
            moor_buf_append_text(out, "]\n");
        }
    }
}

void moor_webhook_append_rules(struct moor_buf *out, const struct moor_policy *policy,
                               bool is_own_only, const char *scope)
{
    append_builtin_rules(out, scope);
    append_custom(out, policy, is_own_only, scope, true);
}

/* --- facts ------------------------------------------------------------------------------------ */

static void append_list(struct moor_buf *out, const char *name, const struct moor_buf *items)
{
    moor_buf_printf(out, "%s: [", name);
    moor_buf_append(out, moor_buf_slice(items));
    moor_buf_append_text(out, "]\n");
    out->failed = out->failed || items->failed;
}

void moor_webhook_append_parts(struct moor_buf *out, const struct moor_policy *policy)
{
    __attribute__((cleanup(free_buf))) struct moor_buf items;
    const struct moor_annotation_list builtin = moor_annotation_builtin();
    moor_buf_init(&items, EXPRESSION_BYTES);
    moor_buf_append_text(out, "rules:\n");
    append_builtin_rules(out, NULL);
    moor_buf_append_text(out, "customResources:\n");
    append_custom(out, policy, false, NULL, false);
    for (size_t i = 0; i < policy->controllers.builtin_count; i++) {
        append_item(&items, policy->controllers.users.items[i].text);
    }
    append_list(out, "controllers", &items);
    moor_buf_clear(&items);
    append_keys(&items, &builtin, &builtin);
    append_list(out, "annotations", &items);
    moor_buf_clear(&items);
    for (size_t i = 0; i < builtin.count; i++) {
        if (is_new_prefix(&builtin, i)) {
            append_item(&items, builtin.items[i].key);
        }
    }
    append_list(out, "annotationPrefixes", &items);
    moor_buf_append_text(out, "expressions:\n");
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(expressions); i++) {
        moor_buf_printf(out, "  %s: ", expressions[i].name);
        moor_cel_yaml_string(out, moor_slice_from(expressions[i].text));
        moor_buf_append_byte(out, '\n');
    }
}
