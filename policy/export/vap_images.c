/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/export/vap_images.h"

#include "policy/base/array_size.h"
#include "policy/export/cel.h"
#include "policy/export/re2.h"
#include "policy/export/vap_tags.h"

#define EXPRESSION_BYTES ((size_t)512 * 1024)

static void free_buf(struct moor_buf *buf)
{
    moor_buf_release(buf);
}

/* --- a Pod specification ---------------------------------------------------------------------- */

/* The lists of containers in a Pod specification. */
static const enum moor_field containers[] = {MOOR_FIELD_CONTAINERS, MOOR_FIELD_INIT_CONTAINERS,
                                             MOOR_FIELD_EPHEMERAL_CONTAINERS};

/* Appends the images of the specification `s`, which is an optional value, as a list of texts. */
static void append_pod_spec(struct moor_buf *out)
{
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(containers); i++) {
        /*
         * A line end in a text is replaced: after the texts are joined, it would begin an image of
         * its own.
         */
        const char *name = moor_field_name(containers[i]);
        moor_buf_printf(out,
                        "s.?%s.orValue([]).map(c, '%s/' + c.?name.orValue('') + ' ' + "
                        "c.?image.orValue('').replace('\\n', ' ')) +\n    ",
                        name, name);
    }
    moor_buf_printf(
        out,
        "s.?volumes.orValue([]).filter(v, has(v.image)).map(v, '%s/' + "
        "v.?name.orValue('') + ' ' + v.image.?reference.orValue('').replace('\\n', ' '))",
        moor_field_name(MOOR_FIELD_IMAGE_VOLUMES));
}

/* The same as a text with a line for each image, shorter: many custom resources have one. */
static void append_short_pod_spec(struct moor_buf *out)
{
    moor_buf_append_text(out, "].map(s, [");
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(containers); i++) {
        moor_buf_printf(out, "%s'%s'", i > 0 ? ", " : "", moor_field_name(containers[i]));
    }
    moor_buf_printf(out,
                    "].map(f, s[?f].orValue([]).map(c, f + '/' + c.?name.orValue('') + ' ' + "
                    "c.?image.orValue('').replace('\\n', ' ')).join('\\n')).join('\\n') + '\\n' + "
                    "s.?volumes.orValue([]).filter(v, has(v.image)).map(v, '%s/' + "
                    "v.?name.orValue('') + ' ' + v.image.?reference.orValue('').replace('\\n', "
                    "' ')).join('\\n'))[0]",
                    moor_field_name(MOOR_FIELD_IMAGE_VOLUMES));
}

/* --- built-in kinds --------------------------------------------------------------------------- */

/*
 * Appends `.?spec.?template`: the members on the way to the Pod specification of a kind.  No way is
 * longer than six members, so the recursion is bounded by the tables.
 */
// NOLINTNEXTLINE(misc-no-recursion)
static bool append_way(struct moor_buf *out, const struct moor_path_node *node)
{
    size_t before = out->len;
    for (size_t i = 0; i < node->child_count; i++) {
        const struct moor_path_node *child = &node->children[i];
        moor_buf_append_text(out, ".?");
        moor_buf_append(out, child->key);
        if (child->children == moor_path_pod_spec.children ||
            (child->children != NULL && child->step == MOOR_PATH_MEMBER &&
             append_way(out, child))) {
            return true;
        }
        moor_buf_truncate(out, before);
    }
    return false;
}

/* Appends the specification, or the metadata beside it, of the object `o`, by its resource. */
static void append_by_resource(struct moor_buf *out, bool metadata)
{
    size_t count = 0;
    const struct moor_kind *kinds = moor_kind_all(&count);
    for (size_t i = 0; i < count; i++) {
        moor_buf_append_text(out, "variables.resource == '");
        moor_buf_append(out, kinds[i].resource);
        moor_buf_append_byte(out, '.');
        moor_buf_append(out, kinds[i].group);
        moor_buf_append_text(out, "' ? o");
        (void)append_way(out, kinds[i].root);
        if (metadata) {
            moor_buf_truncate(out, out->len - strlen(".?spec"));
            moor_buf_append_text(out, ".?metadata");
        }
        moor_buf_append_text(out, " :\n      ");
    }
    moor_buf_append_text(out, "optional.none()");
}

bool moor_vap_has_annotation(const struct moor_annotation *annotation)
{
    return annotation->ending.len == 0 &&
           (annotation->form == MOOR_ANNOTATION_IMAGE || annotation->form == MOOR_ANNOTATION_NAME);
}

/* Appends the keys of the annotations of this form, as a list. */
static void append_keys(struct moor_buf *out, const struct moor_annotation_list *annotations,
                        enum moor_annotation_form form)
{
    size_t count = 0;
    moor_buf_append_byte(out, '[');
    for (size_t i = 0; i < annotations->count; i++) {
        const struct moor_annotation *item = &annotations->items[i];
        if (moor_vap_has_annotation(item) && item->form == form) {
            moor_buf_append_text(out, count++ > 0 ? ", " : "");
            moor_cel_string(out, item->key);
        }
    }
}

/* Appends the images of annotations.  A name without `/` and `:` is completed by the injector. */
static void append_annotations(struct moor_buf *out, const struct moor_policy *policy)
{
    static const enum moor_annotation_form forms[] = {MOOR_ANNOTATION_IMAGE, MOOR_ANNOTATION_NAME};

    moor_buf_append_text(out, "[");
    append_by_resource(out, true);
    moor_buf_append_text(out, "].map(m, m.?annotations.orValue({})).map(a,\n    ");
    for (size_t form = 0; form < MOOR_ARRAY_SIZE(forms); form++) {
        append_keys(out, &policy->annotations, forms[form]);
        moor_buf_printf(out, "].filter(k, k in a%s).map(k, '%s/' + k + ' ' + a[k])%s",
                        form == 1 ? " && a[k].matches('[/:]')"
                                  : " && a[k].matches('[^ \\t\\n\\r]')",
                        moor_field_name(MOOR_FIELD_ANNOTATIONS), form == 0 ? " +\n    " : ")[0]");
    }
}

/* --- custom resources ------------------------------------------------------------------------- */

/* An expression that is being written; `depth` counts the lists on the way. */
struct walk {
    struct moor_buf *out;
    struct moor_slice rest;  /* the steps that remain */
    struct moor_slice field; /* the field of the images: the last list decides */
    struct moor_slice tag;   /* the member with the tag, if the image is in two members */
    bool is_pod_spec;
    unsigned depth;
};

/* Takes the next member from the expression.  Returns false at the end. */
static bool next_step(struct walk *walk, struct moor_slice *out)
{
    size_t at = 0;
    if (walk->rest.len > 0 && walk->rest.ptr[0] == '.') {
        walk->rest = moor_slice_sub(walk->rest, 1, walk->rest.len);
    }
    if (moor_slice_starts_with(walk->rest, MOOR_SLICE("[*]"))) {
        at = 3;
    } else {
        while (at < walk->rest.len && walk->rest.ptr[at] != '.' && walk->rest.ptr[at] != '[') {
            at++;
        }
    }
    *out = moor_slice_sub(walk->rest, 0, at);
    walk->rest = moor_slice_sub(walk->rest, at, walk->rest.len);
    return out->len > 0;
}

static const char *field_of(struct moor_slice list)
{
    static const enum moor_field fields[] = {MOOR_FIELD_INIT_CONTAINERS,
                                             MOOR_FIELD_EPHEMERAL_CONTAINERS};

    for (size_t i = 0; i < MOOR_ARRAY_SIZE(fields); i++) {
        if (moor_slice_is(list, moor_field_name(fields[i]))) {
            return moor_field_name(fields[i]);
        }
    }
    return moor_field_name(moor_slice_is(list, "volumes") ? MOOR_FIELD_IMAGE_VOLUMES
                                                          : MOOR_FIELD_CONTAINERS);
}

/* Opens a traversal of all items of a list, or members of an object, that `chain` leads to. */
static void append_each(struct walk *walk, const struct moor_buf *chain, bool members)
{
    unsigned depth = ++walk->depth;
    moor_buf_append_text(walk->out, members ? "[" : "");
    moor_buf_append(walk->out, moor_buf_slice(chain));
    moor_buf_printf(walk->out,
                    members ? ".orValue({})].map(m, m.map(k, m[k]))[0].map(o%u, "
                            : ".orValue([]).map(o%u, ",
                    depth);
}

/* Joins the repository at `chain` and the tag beside it; `parent` is the object that has both. */
static void append_halves(const struct walk *walk, const struct moor_buf *chain,
                          struct moor_slice parent, const char *holder)
{
    moor_buf_append_text(walk->out, "[[");
    moor_buf_append(walk->out, moor_buf_slice(chain));
    moor_buf_append_text(walk->out, ", ");
    moor_buf_append(walk->out, parent);
    moor_buf_printf(
        walk->out,
        /*
         * A custom resource may have any type here, and an operation on another type would be an
         * error.  A tag with a colon is a digest: see moor_frame_join().
         */
        "[?'%.*s']]].filter(v, v.all(h, h.hasValue() && type(h.value()) == string && "
        "h.value() != '')).map(v, '%s/' + dyn(%s).?name.orValue('') + ' ' + (v[0].value() + "
        "(v[1].value().matches('^[^@]*:[^@]*$') ? '@' : ':') + "
        "v[1].value()).replace('\\n', ' ')).join('\\n')",
        MOOR_SLICE_ARGS(walk->tag), field_of(walk->field), holder);
}

static void append_images(const struct walk *walk, const struct moor_buf *chain, const char *holder)
{
    moor_buf_append_byte(walk->out, '[');
    moor_buf_append(walk->out, moor_buf_slice(chain));
    if (walk->is_pod_spec) {
        append_short_pod_spec(walk->out);
        return;
    }
    moor_buf_printf(walk->out,
                    "].filter(v, v.hasValue() && type(v.value()) == string).map(v, '%s/' + "
                    "dyn(%s).?name.orValue('') + ' ' + v.value().replace('\\n', ' ')).join('\\n')",
                    field_of(walk->field), holder);
}

/* Appends a text with a line for each image that the expression finds in the object `o`. */
static void append_expression(struct moor_buf *out, struct moor_slice expression, bool is_pod_spec)
{
    __attribute__((cleanup(free_buf))) struct moor_buf chain;
    struct walk walk = {.out = out, .rest = expression, .is_pod_spec = is_pod_spec};
    struct moor_slice step;
    struct moor_slice last = {0};
    char holder[16] = "o";
    size_t parent = 0; /* length of the chain before the last member */
    const char *colon = memchr(expression.ptr, ':', expression.len);
    if (colon != NULL) {
        size_t at = (size_t)(colon - expression.ptr);
        walk.rest = moor_slice_sub(expression, 0, at);
        walk.tag = moor_slice_sub(expression, at + 1, expression.len);
    }
    moor_buf_init(&chain, EXPRESSION_BYTES);
    moor_buf_append_text(&chain, "optional.of(dyn(o))");
    while (next_step(&walk, &step)) {
        bool items = moor_slice_is(step, "[*]");
        if (items || moor_slice_is(step, "*")) {
            walk.field = last;
            append_each(&walk, &chain, !items);
            (void)snprintf(holder, sizeof holder, "o%u", walk.depth);
            moor_buf_clear(&chain);
            moor_buf_printf(&chain, "optional.of(dyn(%s))", holder);
        } else {
            parent = chain.len;
            moor_buf_printf(&chain, "[?'%.*s']", MOOR_SLICE_ARGS(step));
            last = step;
        }
    }
    if (walk.tag.len > 0) {
        append_halves(&walk, &chain, moor_slice_sub(moor_buf_slice(&chain), 0, parent), holder);
    } else {
        append_images(&walk, &chain, holder);
    }
    for (unsigned i = 0; i < walk.depth; i++) {
        moor_buf_append_text(out, ").join('\\n')");
    }
    out->failed = out->failed || chain.failed;
}

static void append_paths(struct moor_buf *out, const struct moor_path_list *paths, bool is_pod_spec,
                         size_t *count)
{
    for (size_t i = 0; i < paths->count; i++) {
        moor_buf_append_text(out, (*count)++ > 0 ? ",\n    " : "");
        append_expression(out, paths->items[i], is_pod_spec);
    }
}

static bool is_same_list(const struct moor_path_list *left, const struct moor_path_list *right)
{
    for (size_t i = 0; i < left->count && left->count == right->count; i++) {
        if (!moor_slice_equal(left->items[i], right->items[i])) {
            return false;
        }
    }
    return left->count == right->count;
}

static bool is_same(const struct moor_custom_resource *left,
                    const struct moor_custom_resource *right)
{
    return is_same_list(&left->pod_specs, &right->pod_specs) &&
           is_same_list(&left->images, &right->images);
}

/*
 * Returns whether an earlier resource has the same expressions.  Many resources have only
 * `spec.template.spec`: one expression for all of them keeps the policy far from the limits of the
 * API server.
 */
static bool is_repeated(const struct moor_policy *policy, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (is_same(&policy->custom_resources[i], &policy->custom_resources[index])) {
            return true;
        }
    }
    return false;
}

/*
 * The API server compiles each expression of a policy when it starts, so a well-known resource with
 * many of them is left out.  The Pods that its controller creates are evaluated.
 */
#define MOST_EXPRESSIONS 3

bool moor_vap_has_resource(const struct moor_custom_resource *resource)
{
    return resource->line > 0 ||
           resource->pod_specs.count + resource->images.count <= MOST_EXPRESSIONS;
}

/* Appends the resources with the same expressions as the one at `index`, as texts. */
static void append_names(struct moor_buf *out, const struct moor_policy *policy, size_t index,
                         size_t *count)
{
    for (size_t i = index; i < policy->custom_resource_count; i++) {
        const struct moor_kind *kind = &policy->custom_resources[i].kind;
        if (is_same(&policy->custom_resources[i], &policy->custom_resources[index])) {
            moor_buf_printf(out, "%s'%.*s.%.*s'", (*count)++ > 0 ? ", " : "",
                            MOOR_SLICE_ARGS(kind->resource), MOOR_SLICE_ARGS(kind->group));
        }
    }
}

static void append_custom(struct moor_buf *out, const struct moor_policy *policy, size_t index)
{
    const struct moor_custom_resource *resource = &policy->custom_resources[index];
    size_t count = 0;
    moor_buf_append_text(out, "variables.resource in [");
    append_names(out, policy, index, &count);
    count = 0;
    moor_buf_append_text(out, "] ? [\n    ");
    append_paths(out, &resource->pod_specs, true, &count);
    append_paths(out, &resource->images, false, &count);
    moor_buf_append_text(out, "].join('\\n').split('\\n').filter(x, x != '') :\n  ");
}

/* --- the variables ---------------------------------------------------------------------------- */

static void append_variable(struct moor_buf *out, const char *name, const struct moor_buf *text)
{
    moor_vap_append_variable(out, name, moor_buf_slice(text));
    out->failed = out->failed || text->failed;
}

/* Appends the texts that are not evaluated in a template: blanks, placeholders and variables. */
static void append_skipped(struct moor_buf *out, const struct moor_policy *policy)
{
    __attribute__((cleanup(free_buf))) struct moor_buf pattern;
    moor_buf_init(&pattern, EXPRESSION_BYTES);
    moor_buf_append_text(&pattern, "^[^ ]* (?:[ \\t\\n\\x0b\\f\\r]*");
    for (size_t i = 0; i < policy->placeholder_count; i++) {
        moor_buf_append_byte(&pattern, '|');
        moor_re2_literal(&pattern, policy->placeholders[i]);
    }
    moor_buf_append_text(&pattern, ")$");
    moor_cel_matches(out, "x", moor_buf_slice(&pattern));
    moor_buf_append_text(out, " || variables.isCustom && ");
    moor_cel_matches(out, "x", MOOR_SLICE("(?s)[{][{].*[}][}]|[$][(].*[)]"));
    out->failed = out->failed || pattern.failed;
}

/* The API server limits an expression to 100,000 characters, and nested conditions. */
#define LONGEST_EXPRESSION      40000
#define RESOURCES_OF_A_VARIABLE 20

/*
 * Appends a variable for the custom resources from `*next` on, and moves `*next` past those that
 * fit.  `route` receives the condition that chooses the variable.
 */
static void append_custom_variable(struct moor_buf *out, const struct moor_policy *policy,
                                   size_t *next, size_t number, struct moor_buf *route)
{
    __attribute__((cleanup(free_buf))) struct moor_buf text;
    char name[32];
    size_t count = 0;
    moor_buf_init(&text, EXPRESSION_BYTES);
    /*
     * Only one of these variables is evaluated for a request, because variables are evaluated when
     * they are used.
     */
    (void)snprintf(name, sizeof name, "custom%zu", number);
    moor_buf_append_text(&text, "variables.objects.map(o,\n  ");
    moor_buf_append_text(route, "variables.resource in [");
    for (size_t used = 0; *next < policy->custom_resource_count && used < RESOURCES_OF_A_VARIABLE &&
                          text.len < LONGEST_EXPRESSION;
         (*next)++) {
        if (moor_vap_has_resource(&policy->custom_resources[*next]) &&
            !is_repeated(policy, *next)) {
            append_custom(&text, policy, *next);
            append_names(route, policy, *next, &count);
            used++;
        }
    }
    moor_buf_printf(route, "] ? variables.%s :\n", name);
    moor_buf_append_text(&text, "[])");
    append_variable(out, name, &text);
}

/* Appends `found`: for the object and the old object, a list of their images. */
static void append_lists(struct moor_buf *out, const struct moor_policy *policy)
{
    __attribute__((cleanup(free_buf))) struct moor_buf text;
    size_t next = 0;
    moor_buf_init(&text, EXPRESSION_BYTES);
    /* Both objects are in one list, so that the long expressions for their images appear once. */
    moor_vap_append_variable(out, "objects",
                             MOOR_SLICE("oldObject == null ? [object] : [object, oldObject]"));
    for (size_t number = 0; next < policy->custom_resource_count; number++) {
        append_custom_variable(out, policy, &next, number, &text);
    }
    moor_buf_append_text(&text, "variables.objects.map(o,\n  [");
    append_by_resource(&text, false);
    moor_buf_append_text(&text, "].map(s,\n    ");
    append_pod_spec(&text);
    moor_buf_append_text(&text, ")[0] +\n  ");
    append_annotations(&text, policy);
    moor_buf_append_text(&text, ")");
    append_variable(out, "found", &text);
}

void moor_vap_append_images(struct moor_buf *out, const struct moor_policy *policy,
                            bool with_unchanged)
{
    __attribute__((cleanup(free_buf))) struct moor_buf text;
    moor_buf_init(&text, EXPRESSION_BYTES);
    moor_vap_append_variable(
        out, "resource", MOOR_SLICE("request.resource.resource + '.' + request.resource.group"));
    moor_vap_append_variable(out, "isTemplate", MOOR_SLICE("variables.resource != 'pods.'"));
    moor_vap_append_variable(out, "isCustom",
                             MOOR_SLICE("!(request.resource.group in ['', 'apps', 'batch'])"));
    append_lists(out, policy);
    moor_vap_append_variable(out, "old",
                             MOOR_SLICE("variables.found.size() > 1 ? variables.found[1] : []"));
    moor_buf_append_text(&text, "(variables.isTemplate ? variables.found[0].filter(x, !(");
    append_skipped(&text, policy);
    moor_buf_append_text(&text, ")) : variables.found[0])");
    if (with_unchanged) {
        moor_buf_append_text(&text, "\n  .filter(x, !variables.isBuiltinUpdate || "
                                    "!(x in variables.old))");
    } else {
        /* Most updates change no image; comparing the lists costs less than each image. */
        moor_buf_append_text(&text, "\n  .filter(x, variables.found[0] != variables.old && "
                                    "!(x in variables.old))");
    }
    append_variable(out, "evaluated", &text);
    moor_vap_append_variable(
        out, "images",
        with_unchanged
            ? MOOR_SLICE("variables.evaluated.map(x, {'x': dyn(x), 'u': dyn(x in variables.old)})")
            : MOOR_SLICE("variables.evaluated.map(x, {'x': dyn(x), 'u': dyn(false)})"));
}
