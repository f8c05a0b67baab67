/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/export/vap_levels.h"

#include "policy/base/array_size.h"
#include "policy/export/cel.h"
#include "policy/export/re2.h"
#include "policy/export/vap_exemptions.h"
#include "policy/export/vap_tags.h"
#include "policy/rules/requirements.h"

#define EXPRESSION_BYTES ((size_t)1024 * 1024)

static void free_buf(struct moor_buf *buf)
{
    moor_buf_release(buf);
}

/* --- what can be decided ---------------------------------------------------------------------- */

static enum moor_decision decide(const struct moor_requirements *requirements, int level,
                                 enum moor_mode mode)
{
    static const enum moor_decision most[] = {[MOOR_MODE_AUDIT] = MOOR_DECISION_AUDIT,
                                              [MOOR_MODE_WARN] = MOOR_DECISION_WARN,
                                              [MOOR_MODE_ENFORCE] = MOOR_DECISION_DENY};
    enum moor_decision found = level < (int)requirements->enforce ? MOOR_DECISION_DENY
                               : level < (int)requirements->warn  ? MOOR_DECISION_WARN
                               : level < (int)requirements->audit ? MOOR_DECISION_AUDIT
                                                                  : MOOR_DECISION_ALLOW;
    return found < most[mode] ? found : most[mode];
}

/* A runtime accepted an image before that a controller or the old object has: see judge.c. */
static struct moor_requirements tolerate(struct moor_requirements requirements)
{
    if (requirements.enforce == MOOR_REQUIREMENT_ANY) {
        requirements.enforce = MOOR_REQUIREMENT_IGNORE;
    }
    return requirements;
}

/* Trying all levels is simpler than comparing requirements, and covers the mode too. */
static bool can_have(const struct moor_vap_case *asked, struct moor_requirements requirements)
{
    for (int level = MOOR_LEVEL_NONE; level <= MOOR_LEVEL_DIGEST; level++) {
        if (decide(&requirements, level, asked->environment->mode) == asked->decision) {
            return true;
        }
    }
    return false;
}

/* The requirements by the name of an image; the environment's own are the last. */
static const struct moor_requirements *by_name(const struct moor_environment *environment,
                                               size_t index)
{
    return index < environment->image_count ? &environment->images[index].requirements
                                            : &environment->requirements;
}

/* Returns whether an image of any field can have the decision, given the requirements by name. */
static bool can_have_in_a_field(const struct moor_vap_case *asked, struct moor_requirements base,
                                bool is_controller)
{
    for (size_t field = 0; field < MOOR_FIELD_COUNT; field++) {
        struct moor_requirements requirements =
            moor_requirements_overlay(base, &asked->environment->fields[field]);
        if (is_controller) {
            requirements = tolerate(
                moor_requirements_lower(requirements, asked->policy->controllers.requirements));
        }
        if (can_have(asked, requirements)) {
            return true;
        }
    }
    return false;
}

bool moor_vap_can_decide(const struct moor_vap_case *asked, bool unchanged)
{
    const struct moor_environment *environment = asked->environment;
    for (size_t i = 0; i <= environment->image_count; i++) {
        const struct moor_requirements base = *by_name(environment, i);
        if (unchanged ? can_have(asked,
                                 tolerate(moor_requirements_overlay(base, &environment->unchanged)))
                      : can_have_in_a_field(asked, base, false)) {
            return true;
        }
    }
    return false;
}

bool moor_vap_can_decide_controller(const struct moor_vap_case *asked)
{
    const struct moor_environment *environment = asked->environment;
    for (size_t i = 0; i <= environment->image_count; i++) {
        if (can_have_in_a_field(asked, *by_name(environment, i), true)) {
            return true;
        }
    }
    return false;
}

/* --- levels ----------------------------------------------------------------------------------- */

static void append_class_levels(struct moor_buf *out)
{
    __attribute__((cleanup(free_buf))) struct moor_buf text;
    moor_buf_init(&text, EXPRESSION_BYTES);
    for (int class = 0; class < MOOR_CLASS_COUNT; class ++) {
        moor_buf_printf(&text, "%s'%s': %d", class == 0 ? "{" : ", ",
                        moor_class_name((enum moor_class) class),
                        (int)moor_class_level((enum moor_class) class));
    }
    moor_buf_append_byte(&text, '}');
    moor_vap_append_variable(out, "levels", moor_buf_slice(&text));
}

/* The written tag is matched whole, as moor_pattern_match() does. */
static int append_pattern(struct moor_buf *out, const struct moor_pattern *pattern,
                          struct moor_error *err)
{
    __attribute__((cleanup(free_buf))) struct moor_buf text;
    if (moor_re2_check(pattern->text, err) != 0) {
        err->line = pattern->line;
        err->column += pattern->column - 1;
        return -1;
    }
    moor_buf_init(&text, EXPRESSION_BYTES);
    /* Without the group, `^a|b$` would match any text that begins with `a`. */
    moor_buf_append_text(&text, "^(?:");
    moor_buf_append(&text, pattern->text);
    moor_buf_append_text(&text, ")$");
    moor_cel_matches(out, "t", moor_buf_slice(&text));
    return moor_buf_check(&text, err);
}

/* Appends whether the tag `t` matches one of the patterns. */
static int append_any(struct moor_buf *out, const struct moor_pattern_list *patterns,
                      struct moor_error *err)
{
    for (size_t i = 0; i < patterns->count; i++) {
        moor_buf_append_text(out, i > 0 ? " || " : "");
        if (append_pattern(out, &patterns->items[i], err) != 0) {
            return -1;
        }
    }
    return 0;
}

static int append_patterns(struct moor_buf *out, const struct moor_repository *repository,
                           struct moor_error *err)
{
    static const enum moor_level levels[] = {[MOOR_PATTERNS_ROLLING] = MOOR_LEVEL_ROLLING,
                                             [MOOR_PATTERNS_BUILD] = MOOR_LEVEL_BUILD,
                                             [MOOR_PATTERNS_RELEASE] = MOOR_LEVEL_RELEASE};

    for (size_t kind = 0; kind < MOOR_PATTERNS_COUNT; kind++) {
        const struct moor_pattern_list *patterns = &repository->patterns[kind];
        if (append_any(out, patterns, err) != 0) {
            return -1;
        }
        if (patterns->count > 0) {
            moor_buf_printf(out, " ? %d : ", (int)levels[kind]);
        }
    }
    return 0;
}

/*
 * Appends what moor_tag_class_by_parts() decides.  For more than three parts, a version that is
 * complete in another way (`8u212`) counts as partial here, which is stricter.
 */
static void append_parts(struct moor_buf *out, const struct moor_repository *repository)
{
    unsigned parts = repository->version_parts;
    if (parts > 3) {
        moor_buf_printf(
            out, "i.c == 'version' && i.s.matches('[0-9]+(?:[.][0-9]+){%u}') ? 2 : ", parts - 1);
    } else if (parts > 0) {
        moor_buf_printf(out,
                        "i.c == 'version' || i.c == 'partial-version' && "
                        "!i.s.matches('[0-9],X(?:[-_,]|$)') && "
                        "i.s.matches('(?:^|[-_,v])[0-9]+(?:[.][0-9]+){%u}') ? 2 : ",
                        parts - 1);
    }
    if (repository->otherwise != MOOR_LEVEL_NONE) {
        moor_buf_printf(out, "%d", (int)repository->otherwise);
    } else {
        moor_buf_append_text(out, parts > 3 ? "i.c == 'version' ? 1 : variables.levels[i.c]"
                                            : "variables.levels[i.c]");
    }
}

/* Appends the entries from `first` to `end`; tags that no entry knows get -1. */
static int append_entries(struct moor_buf *out, const struct moor_policy *policy, size_t first,
                          size_t end, struct moor_error *err)
{
    for (size_t i = first; i < end; i++) {
        moor_buf_append_text(out, "    ");
        if (moor_vap_append_globs(out, "i.n", &policy->repositories[i].match, err) != 0) {
            return -1;
        }
        /* The first character of `i.t` is the colon. */
        moor_buf_append_text(out, " ? [i.t.substring(1)].map(t, ");
        if (append_patterns(out, &policy->repositories[i], err) != 0) {
            return -1;
        }
        append_parts(out, &policy->repositories[i]);
        moor_buf_append_text(out, ")[0] :\n");
    }
    moor_buf_append_text(out,
                         end == policy->repository_count ? "    variables.levels[i.c]" : "    -1");
    return 0;
}

#define KEEP \
    "'x': i.x, 'u': i.u, 'r': i.r, 'ok': i.ok, 'd': i.d, 't': i.t, 'b': i.b, 'n': i.n, 'c': i.c"

/* Nested conditions have a limit, so a variable has this many entries. */
#define ENTRIES_OF_A_VARIABLE 20

/*
 * Appends the level of each image.  A reference with a digest or without a tag has its level by
 * its form; entries for repositories apply to the others.
 */
static int append_levels(struct moor_buf *out, const struct moor_policy *policy,
                         struct moor_error *err)
{
    __attribute__((cleanup(free_buf))) struct moor_buf text;
    moor_buf_init(&text, EXPRESSION_BYTES);
    moor_buf_append_text(
        &text, "variables.classified.map(i, {" KEEP ", 's': i.c in ['invalid', 'digest', "
               "'untagged'] ? '' : i.s,\n  'v': dyn(i.c in ['invalid', 'digest', 'untagged'] "
               "? variables.levels[i.c] : -1)})");
    moor_vap_append_variable(out, "levels0", moor_buf_slice(&text));
    size_t first = 0;
    for (size_t number = 0; first < policy->repository_count || number == 0; number++) {
        size_t end = first + ENTRIES_OF_A_VARIABLE;
        end = end < policy->repository_count ? end : policy->repository_count;
        moor_buf_clear(&text);
        moor_buf_printf(
            &text, "variables.levels%zu.map(i, i.v >= 0 ? i : {" KEEP ", 's': i.s, 'v': dyn(\n",
            number);
        if (append_entries(&text, policy, first, end, err) != 0) {
            return -1;
        }
        moor_buf_append_text(&text, ")})");
        char name[32];
        (void)snprintf(name, sizeof name, "levels%zu", number + 1);
        moor_vap_append_variable(out, end == policy->repository_count ? "leveled" : name,
                                 moor_buf_slice(&text));
        first = end;
    }
    return moor_buf_check(&text, err);
}

/* --- requirements ----------------------------------------------------------------------------- */

enum action {
    ACTION_ENFORCE,
    ACTION_WARN,
    ACTION_AUDIT
};

static int value_of(const struct moor_requirements *requirements, enum action action)
{
    const enum moor_requirement values[] = {requirements->enforce, requirements->warn,
                                            requirements->audit};

    return (int)values[action];
}

static bool is_given(const struct moor_overlay *overlay, enum action action)
{
    const bool given[] = {overlay->has_enforce, overlay->has_warn, overlay->has_audit};
    return given[action];
}

/* Appends the requirement by the name of the image. */
static int append_by_name(struct moor_buf *out, const struct moor_environment *environment,
                          enum action action, struct moor_error *err)
{
    for (size_t i = 0; i < environment->image_count; i++) {
        moor_buf_append_text(out, "i.ok && ");
        if (moor_vap_append_globs(out, "i.n", &environment->images[i].match, err) != 0) {
            return -1;
        }
        moor_buf_printf(out, " ? %d : ", value_of(&environment->images[i].requirements, action));
    }
    moor_buf_printf(out, "%d", value_of(&environment->requirements, action));
    return 0;
}

static int append_new(struct moor_buf *out, const struct moor_environment *environment,
                      enum action action, struct moor_error *err)
{
    for (size_t field = 0; field < MOOR_FIELD_COUNT; field++) {
        const struct moor_overlay *overlay = &environment->fields[field];
        if (is_given(overlay, action)) {
            moor_buf_printf(
                out, "i.x.startsWith('%s/') ? %d : ", moor_field_name((enum moor_field)field),
                value_of(&overlay->requirements, action));
        }
    }
    return append_by_name(out, environment, action, err);
}

/* Appends the requirement for an unchanged image; `any` tolerates what a runtime accepted. */
static int append_unchanged(struct moor_buf *out, const struct moor_environment *environment,
                            enum action action, struct moor_error *err)
{
    const struct moor_overlay *overlay = &environment->unchanged;
    if (is_given(overlay, action)) {
        struct moor_requirements requirements = overlay->requirements;
        requirements = action == ACTION_ENFORCE ? tolerate(requirements) : requirements;
        moor_buf_printf(out, "%d", value_of(&requirements, action));
        return 0;
    }
    return append_by_name(out, environment, action, err);
}

/* Appends the requirement of one action for the record `i`. */
static int append_requirement(struct moor_buf *out, const struct moor_vap_case *asked,
                              enum action action, struct moor_error *err)
{
    int most = value_of(&asked->policy->controllers.requirements, action);
    bool with_controllers = moor_vap_can_decide_controller(asked);
    moor_buf_append_text(out, with_controllers ? "[(" : "(");
    if (moor_vap_can_decide(asked, true)) {
        moor_buf_append_text(out, "i.u ? (");
        if (append_unchanged(out, asked->environment, action, err) != 0) {
            return -1;
        }
        moor_buf_append_text(out, ") : ");
    }
    if (append_new(out, asked->environment, action, err) != 0) {
        return -1;
    }
    moor_buf_append_byte(out, ')');
    if (with_controllers) {
        moor_buf_printf(out, "].map(q, !variables.isController ? q : %s[q, %d].min())[0]",
                        /*
                         * The expression for tolerate(): `enforce: any` accepts an invalid
                         * reference from a controller.
                         */
                        action == ACTION_ENFORCE ? "[q, 1].max() == 1 ? 0 : " : "", most);
    }
    return 0;
}

/* Appends whether the level is below the requirement, which an exemption lowers. */
static int append_below(struct moor_buf *out, const struct moor_vap_case *asked, enum action action,
                        struct moor_error *err)
{
    moor_buf_append_text(out, "i.v < ");
    if (append_requirement(out, asked, action, err) != 0) {
        return -1;
    }
    /* An exemption does not lower `audit`: see moor_exemption_lower(). */
    if (action != ACTION_AUDIT && moor_vap_has_exemptions(asked)) {
        moor_buf_append_text(out, " && i.v < ");
        return moor_vap_append_exempted(out, asked, err);
    }
    return 0;
}

/* Returns the decision of an action under the mode. */
static enum moor_decision decision_of(enum action action, enum moor_mode mode)
{
    static const enum moor_decision decisions[] = {[ACTION_ENFORCE] = MOOR_DECISION_DENY,
                                                   [ACTION_WARN] = MOOR_DECISION_WARN,
                                                   [ACTION_AUDIT] = MOOR_DECISION_AUDIT};
    const struct moor_requirements all = {MOOR_REQUIREMENT_DIGEST, MOOR_REQUIREMENT_DIGEST,
                                          MOOR_REQUIREMENT_DIGEST};
    enum moor_decision most = decide(&all, MOOR_LEVEL_NONE, mode);
    return decisions[action] < most ? decisions[action] : most;
}

/* Appends the condition: below an action with this decision, and not below a stronger one. */
static int append_bad(struct moor_buf *out, const struct moor_vap_case *asked,
                      struct moor_error *err)
{
    size_t wanted = 0;
    for (enum action action = ACTION_ENFORCE; action <= ACTION_AUDIT; action++) {
        enum moor_decision decision = decision_of(action, asked->environment->mode);
        /*
         * Several actions can have one decision, because the mode caps them: in mode `warn`,
         * `enforce` only warns.
         */
        if (decision > asked->decision) {
            moor_buf_append_text(out, "!(");
        } else if (decision == asked->decision) {
            moor_buf_append_text(out, wanted++ == 0 ? "(" : " || ");
        } else {
            break;
        }
        if (append_below(out, asked, action, err) != 0) {
            return -1;
        }
        moor_buf_append_text(out, decision > asked->decision ? ") && " : "");
    }
    moor_buf_append_byte(out, ')');
    return 0;
}

/* Appends the requirement that a message names: that of the first action with the decision. */
static int append_named(struct moor_buf *out, const struct moor_vap_case *asked,
                        struct moor_error *err)
{
    for (enum action action = ACTION_ENFORCE; action < ACTION_AUDIT; action++) {
        if (decision_of(action, asked->environment->mode) == asked->decision) {
            return append_requirement(out, asked, action, err);
        }
    }
    return append_requirement(out, asked, ACTION_AUDIT, err);
}

int moor_vap_append_levels(struct moor_buf *out, const struct moor_vap_case *asked,
                           struct moor_error *err)
{
    __attribute__((cleanup(free_buf))) struct moor_buf text;
    moor_buf_init(&text, EXPRESSION_BYTES);
    append_class_levels(out);
    if (append_levels(out, asked->policy, err) != 0 ||
        moor_vap_append_exemptions(out, asked, moor_vap_can_decide_controller(asked), err) != 0) {
        return -1;
    }
    moor_buf_append_text(&text, "variables.leveled.filter(i, ");
    if (append_bad(&text, asked, err) != 0) {
        return -1;
    }
    moor_buf_append_text(&text, ")");
    moor_vap_append_variable(out, "bad", moor_buf_slice(&text));
    moor_buf_clear(&text);
    moor_buf_append_text(&text,
                         "variables.bad.map(i, {'x': i.x, 'r': i.r, 'b': i.b, 'n': i.n, 'v': i.v,\n"
                         "  'c': i.v == variables.levels[i.c] ? i.c : 'repository', 'q': dyn(");
    if (append_named(&text, asked, err) != 0) {
        return -1;
    }
    moor_buf_append_text(&text, ")})");
    moor_vap_append_variable(out, "explained", moor_buf_slice(&text));
    return moor_buf_check(&text, err);
}
