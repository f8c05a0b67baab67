/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/export/vap_exemptions.h"

#include "policy/base/array_size.h"
#include "policy/export/cel.h"
#include "policy/export/re2.h"
#include "policy/export/vap_tags.h"
#include "policy/rules/exemption.h"

#define EXPRESSION_BYTES ((size_t)1024 * 1024)

static void free_buf(struct moor_buf *buf)
{
    moor_buf_release(buf);
}

static const struct moor_glob_list *globs_of(const struct moor_exemption *exemption,
                                             enum moor_exemption_key key)
{
    return &exemption->match[key];
}

/* Returns whether the exemption is in force and covers the environment. */
static bool is_relevant(const struct moor_vap_case *asked, const struct moor_exemption *exemption)
{
    const struct moor_glob_list *globs = globs_of(exemption, MOOR_EXEMPTION_ENVIRONMENTS);
    /* Decided now, because expressions have no clock: the comment of the export names the end. */
    return !moor_exemption_is_over(exemption, asked->now) &&
           (globs->count == 0 ||
            moor_glob_list_match(globs, asked->environment->name, asked->matcher));
}

bool moor_vap_has_exemptions(const struct moor_vap_case *asked)
{
    for (size_t i = 0; i < asked->policy->exemption_count; i++) {
        if (is_relevant(asked, &asked->policy->exemptions[i])) {
            return true;
        }
    }
    return false;
}

/* --- conditions on the request ---------------------------------------------------------------- */

/*
 * The request is the same for all images, so that its conditions become a variable, which the API
 * server evaluates once.
 */
static bool has_request_keys(const struct moor_exemption *exemption)
{
    static const enum moor_exemption_key keys[] = {MOOR_EXEMPTION_NAMESPACES, MOOR_EXEMPTION_KINDS,
                                                   MOOR_EXEMPTION_NAMES, MOOR_EXEMPTION_USERS,
                                                   MOOR_EXEMPTION_GROUPS};

    for (size_t i = 0; i < MOOR_ARRAY_SIZE(keys); i++) {
        if (globs_of(exemption, keys[i])->count > 0) {
            return true;
        }
    }
    return false;
}

/* The subjects of the keys; a key with two is true if one of them matches. */
static const struct {
    enum moor_exemption_key key;
    const char *before;
    const char *subject;
    const char *other; /* or NULL */
    const char *after;
} subjects[] = {
    {MOOR_EXEMPTION_NAMESPACES, "", "request.namespace", NULL, ""},
    {MOOR_EXEMPTION_KINDS, "", "request.kind.kind",
     "(request.kind.kind + '.' + request.kind.group)", ""},
    {MOOR_EXEMPTION_NAMES, "", "request.name", "variables.stem", ""},
    {MOOR_EXEMPTION_USERS, "", "request.userInfo.username", NULL, ""},
    {MOOR_EXEMPTION_GROUPS, "request.userInfo.?groups.orValue([]).exists(g, ", "g", NULL, ")"},
};

static int append_request(struct moor_buf *out, const struct moor_exemption *exemption,
                          bool with_controllers, struct moor_error *err)
{
    const char *join = "";
    bool is_workload = globs_of(exemption, MOOR_EXEMPTION_KINDS)->count > 0 ||
                       globs_of(exemption, MOOR_EXEMPTION_NAMES)->count > 0;
    /* For controllers, these keys are about the owner, which is not evaluated here. */
    if (is_workload && with_controllers) {
        moor_buf_append_text(out, "!variables.isController");
        join = " && ";
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(subjects); i++) {
        const struct moor_glob_list *globs = globs_of(exemption, subjects[i].key);
        if (globs->count == 0) {
            continue;
        }
        /*
         * In parentheses, because a key with two subjects is joined by `||` inside and by `&&`
         * outside.
         */
        moor_buf_printf(out, "%s(%s", join, subjects[i].before);
        if (moor_vap_append_globs(out, subjects[i].subject, globs, err) != 0) {
            return -1;
        }
        moor_buf_append_text(out, subjects[i].other != NULL ? " || " : "");
        if (subjects[i].other != NULL &&
            moor_vap_append_globs(out, subjects[i].other, globs, err) != 0) {
            return -1;
        }
        moor_buf_printf(out, "%s)", subjects[i].after);
        join = " && ";
    }
    return 0;
}

int moor_vap_append_exemptions(struct moor_buf *out, const struct moor_vap_case *asked,
                               bool with_controllers, struct moor_error *err)
{
    __attribute__((cleanup(free_buf))) struct moor_buf text;
    moor_buf_init(&text, EXPRESSION_BYTES);
    if (!moor_vap_has_exemptions(asked)) {
        return 0;
    }
    /* The name of a generated object without its random end: see stem_of() in exemption.c. */
    moor_vap_append_variable(
        out, "stem",
        MOOR_SLICE("[object.metadata.?generateName.orValue('')].map(g, request.name != '' && "
                   "!request.name.startsWith(g) ? '' : g.find('^.*[^-]'))[0]"));
    for (size_t i = 0; i < asked->policy->exemption_count; i++) {
        const struct moor_exemption *exemption = &asked->policy->exemptions[i];
        if (!is_relevant(asked, exemption) || !has_request_keys(exemption)) {
            continue;
        }
        moor_buf_clear(&text);
        if (append_request(&text, exemption, with_controllers, err) != 0 ||
            moor_buf_check(&text, err) != 0) {
            return -1;
        }
        char name[32];
        (void)snprintf(name, sizeof name, "exemption%zu", i);
        moor_vap_append_variable(out, name, moor_buf_slice(&text));
    }
    return 0;
}

/* --- conditions on the image ------------------------------------------------------------------ */

static int append_part(struct moor_buf *out, const char *subject, const struct moor_glob *glob,
                       struct moor_error *err)
{
    struct moor_glob copy = *glob;
    const struct moor_glob_list list = {&copy, 1};
    if (glob->text.len == 0) {
        return 0;
    }
    /* A glob for a tag does not cover a reference without one, even if it is `*`. */
    moor_buf_printf(out, " && %s != '' && ", subject);
    return moor_vap_append_globs(out, subject, &list, err);
}

static int append_image(struct moor_buf *out, const struct moor_image_glob *glob,
                        struct moor_error *err)
{
    moor_buf_append_text(out, "i.ok");
    /* `i.t` and `i.d` begin with their separator, as they are cut from the reference. */
    return append_part(out, "i.n", &glob->name, err) != 0 ||
                   append_part(out, "i.t.replace(':', '')", &glob->tag, err) != 0 ||
                   append_part(out, "i.d.replace('@', '')", &glob->digest, err) != 0
               ? -1
               : 0;
}

/* Appends a condition for each image glob; a text that is no reference is separate. */
static int append_images(struct moor_buf *out, const struct moor_exemption *exemption, bool invalid,
                         struct moor_error *err)
{
    size_t count = 0;
    moor_buf_append_text(out, "(");
    for (size_t i = 0; i < exemption->images.count; i++) {
        const struct moor_image_glob *glob = &exemption->images.items[i];
        if (glob->is_invalid != invalid) {
            continue;
        }
        moor_buf_append_text(out, count++ > 0 ? " || " : "");
        if (invalid) {
            moor_buf_append_text(out, "!i.ok && i.r == ");
            moor_cel_string(out, glob->text);
        } else if (append_image(out, glob, err) != 0) {
            return -1;
        }
    }
    /*
     * Without a list, the exemption covers every valid reference; with a list of the other kind
     * only, it covers none of this kind.
     */
    moor_buf_append_text(out, count > 0 ? ")" : exemption->images.count > 0 ? "false)" : "i.ok)");
    return 0;
}

/* The names of fields are few, so that their globs are matched now. */
static void append_fields(struct moor_buf *out, const struct moor_vap_case *asked,
                          const struct moor_glob_list *globs)
{
    size_t count = 0;
    moor_buf_append_text(out, " && i.x.find('^[^/]*') in [");
    for (size_t i = 0; i < MOOR_FIELD_COUNT; i++) {
        const char *name = moor_field_name((enum moor_field)i);
        if (moor_glob_list_match(globs, moor_slice_from(name), asked->matcher)) {
            moor_buf_printf(out, "%s'%s'", count++ > 0 ? ", " : "", name);
        }
    }
    moor_buf_append_byte(out, ']');
}

static int append_exemption(struct moor_buf *out, const struct moor_vap_case *asked, size_t index,
                            bool invalid, struct moor_error *err)
{
    const struct moor_exemption *exemption = &asked->policy->exemptions[index];
    const struct moor_glob_list *fields = globs_of(exemption, MOOR_EXEMPTION_FIELDS);
    const struct moor_glob_list *names = globs_of(exemption, MOOR_EXEMPTION_CONTAINERS);
    if (append_images(out, exemption, invalid, err) != 0) {
        return -1;
    }
    if (has_request_keys(exemption)) {
        moor_buf_printf(out, " && variables.exemption%zu", index);
    }
    if (fields->count > 0) {
        append_fields(out, asked, fields);
    }
    if (names->count > 0) {
        moor_buf_append_text(out, " && ");
        return moor_vap_append_globs(out, "i.x.find('/[^ ]*').substring(1)", names, err);
    }
    return 0;
}

static bool has_invalid(const struct moor_exemption *exemption)
{
    for (size_t i = 0; i < exemption->images.count; i++) {
        if (exemption->images.items[i].is_invalid) {
            return true;
        }
    }
    return false;
}

/* Appends the exemptions that lower to this requirement, `ignore` being that of invalid texts. */
static int append_group(struct moor_buf *out, const struct moor_vap_case *asked,
                        enum moor_requirement enforce, struct moor_error *err)
{
    /* `enforce` of an exemption is at least `any`, so that `ignore` is free for this use. */
    bool invalid = enforce == MOOR_REQUIREMENT_IGNORE;
    size_t count = 0;
    for (size_t i = 0; i < asked->policy->exemption_count; i++) {
        const struct moor_exemption *exemption = &asked->policy->exemptions[i];
        bool is_in = invalid ? has_invalid(exemption) : exemption->enforce == enforce;
        if (!is_in || !is_relevant(asked, exemption)) {
            continue;
        }
        moor_buf_append_text(out, count++ > 0 ? " ||\n    " : "");
        if (append_exemption(out, asked, i, invalid, err) != 0) {
            return -1;
        }
    }
    if (count > 0) {
        moor_buf_printf(out, " ? %d :\n    ", (int)enforce);
    }
    return 0;
}

int moor_vap_append_exempted(struct moor_buf *out, const struct moor_vap_case *asked,
                             struct moor_error *err)
{
    moor_buf_append_byte(out, '(');
    for (enum moor_requirement enforce = MOOR_REQUIREMENT_IGNORE; enforce < MOOR_REQUIREMENT_DIGEST;
         enforce++) {
        if (append_group(out, asked, enforce, err) != 0) {
            return -1;
        }
    }
    /*
     * 5 is above every level, so that an image without an exemption is below it, and the comparison
     * changes nothing.
     */
    moor_buf_append_text(out, "5)");
    return 0;
}
