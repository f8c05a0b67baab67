/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Harbor: tag immutability rules of a project.  A tag is immutable if an enabled rule matches both
 * repository and tag.  Patterns have the syntax of doublestar: `*`, `**`, `?` and `{a,b}`.
 *
 * The rules are alternatives, so the entry for one scope may be written without the others: it
 * trusts fewer tags.
 */
#include "cmd/import_harbor.h"

#include "policy/base/array_size.h"
#include "policy/base/pattern.h"
#include "policy/file/keys.h"

#include <string.h>

#define PATTERN_MAX_BYTES 512

/* A rule in the words of a policy. */
struct rule {
    struct moor_slice scope; /* doublestar pattern for the repository, within the project */
    struct moor_slice tags;  /* doublestar pattern for the tag */
    bool excludes;           /* tags that match are mutable, and all others are immutable */
};

/* --- patterns --------------------------------------------------------------------------------- */

static bool has_only(struct moor_slice text, const char *known)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\0' || strchr(known, text.ptr[i]) == NULL) {
            return false;
        }
    }
    return text.len > 0 && text.len <= PATTERN_MAX_BYTES / 4;
}

#define LETTERS  "abcdefghijklmnopqrstuvwxyz0123456789"
#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* Returns whether each `{` has a `}`, with no other `{` between them. */
static bool has_flat_braces(struct moor_slice text)
{
    bool is_open = false;
    for (size_t i = 0; i < text.len; i++) {
        bool is_wrong = (text.ptr[i] == '{' && is_open) || (text.ptr[i] == '}' && !is_open) ||
                        (text.ptr[i] == ',' && !is_open);
        if (is_wrong) {
            return false;
        }
        is_open = text.ptr[i] == '{' || (is_open && text.ptr[i] != '}');
    }
    return !is_open;
}

/* Returns the regular expression for a byte that is special in doublestar, or NULL. */
static const char *special_of(char byte, bool in_braces)
{
    static const struct {
        char byte;
        const char *text;
    } specials[] = {{'*', ".*"}, {'?', "."}, {'.', "\\."}, {'{', "(?:"}, {'}', ")"}};

    for (size_t i = 0; i < MOOR_ARRAY_SIZE(specials); i++) {
        if (specials[i].byte == byte) {
            return specials[i].text;
        }
    }
    return in_braces && byte == ',' ? "|" : NULL;
}

/* Appends a regular expression for the tags that the pattern matches; a tag has no slash. */
static void append_tags(struct moor_buf *out, struct moor_slice text)
{
    bool in_braces = false;
    for (size_t i = 0; i < text.len; i++) {
        char byte = text.ptr[i];
        const char *special = special_of(byte, in_braces);
        in_braces = byte == '{' || (in_braces && byte != '}');
        if (special == NULL) {
            moor_buf_append_byte(out, byte);
        } else if (byte != '*' || i == 0 || text.ptr[i - 1] != '*') {
            moor_buf_append_text(out, special);
        }
    }
}

/* Returns whether the two bytes at `at` are a whole segment of the path. */
static bool is_segment(struct moor_slice glob, size_t at)
{
    return (at == 0 || glob.ptr[at - 1] == '/') && (at + 2 == glob.len || glob.ptr[at + 2] == '/');
}

/* Returns whether `**` in the glob is a whole segment of the path: elsewhere it means `*`. */
static bool has_plain_stars(struct moor_slice glob)
{
    for (size_t i = 0; i + 1 < glob.len; i++) {
        bool is_double = glob.ptr[i] == '*' && glob.ptr[i + 1] == '*';
        if (is_double && !is_segment(glob, i)) {
            return false;
        }
        i += is_double;
    }
    return true;
}

/* Removes the braces around a list of alternatives, `{a,b}`; other braces are left out. */
static struct moor_slice alternatives_of(struct moor_slice scope)
{
    bool is_list = scope.len > 2 && scope.ptr[0] == '{' && scope.ptr[scope.len - 1] == '}';
    return is_list ? moor_slice_sub(scope, 1, scope.len - 1) : scope;
}

/* Takes the next alternative from `rest`.  Returns false at the end. */
static bool next_alternative(struct moor_slice *out, struct moor_slice *rest)
{
    const char *comma = rest->len > 0 ? memchr(rest->ptr, ',', rest->len) : NULL;
    size_t len = comma != NULL ? (size_t)(comma - rest->ptr) : rest->len;
    *out = moor_slice_sub(*rest, 0, len);
    *rest = moor_slice_sub(*rest, len + (comma != NULL ? 1 : 0), rest->len);
    return out->len > 0;
}

/* --- rules ------------------------------------------------------------------------------------ */

/* Returns the only selector of a list, or NULL: Harbor's own pages create one. */
static const json_t *only_one(const json_t *list)
{
    return json_array_size(list) == 1 ? json_array_get(list, 0) : NULL;
}

static const char *check_scope(struct moor_slice scope)
{
    struct moor_slice rest = alternatives_of(scope);
    struct moor_slice glob;
    if (!has_only(rest, LETTERS "._/*?-,") ||
        (rest.len == scope.len && memchr(rest.ptr, ',', rest.len) != NULL)) {
        return "a glob of a policy has no equal";
    }
    while (next_alternative(&glob, &rest)) {
        if (!has_plain_stars(glob)) {
            return "a glob of a policy has no equal";
        }
    }
    return NULL;
}

/* Reads a rule.  Returns why a policy cannot express it, or NULL. */
static const char *read_rule(struct rule *out, const json_t *object)
{
    const json_t *tags = only_one(json_object_get(object, "tag_selectors"));
    const json_t *scope =
        only_one(json_object_get(json_object_get(object, "scope_selectors"), "repository"));
    if (tags == NULL || scope == NULL) {
        return "it does not have one selector for tags and one for repositories";
    }
    struct moor_slice decoration = moor_import_text(tags, "decoration");
    *out = (struct rule){.scope = moor_import_text(scope, "pattern"),
                         .tags = moor_import_text(tags, "pattern"),
                         .excludes = moor_slice_is(decoration, "excludes")};
    if (!moor_slice_is(moor_import_text(tags, "kind"), "doublestar") ||
        !moor_slice_is(moor_import_text(scope, "kind"), "doublestar") ||
        (!out->excludes && !moor_slice_is(decoration, "matches"))) {
        return "its kind or decoration is unknown";
    }
    if (!moor_slice_is(moor_import_text(scope, "decoration"), "repoMatches")) {
        return "an entry has no globs for repositories that it does not match";
    }
    if (!has_only(out->tags, LETTERS CAPITALS "._*?{,}-") || !has_flat_braces(out->tags)) {
        return "its pattern for tags may have another meaning in a policy";
    }
    return check_scope(out->scope);
}

/* --- entries ---------------------------------------------------------------------------------- */

static void append_matches(struct moor_import *import, struct moor_slice scope)
{
    struct moor_slice rest = alternatives_of(scope);
    struct moor_slice glob;
    struct moor_buf before;
    moor_buf_init(&before, 4096);
    moor_buf_append_text(&before, import->project);
    moor_buf_append_byte(&before, '/');
    moor_buf_append_byte(&before, '\0');
    while (!before.failed && next_alternative(&glob, &rest)) {
        moor_import_match(import, before.ptr, glob, "");
    }
    import->out.failed = import->out.failed || before.failed;
    moor_buf_release(&before);
}

/* Appends the patterns of the rules with this scope that have `excludes`, or have it not. */
static size_t append_patterns(struct moor_import *import, const struct rule *rules, size_t count,
                              struct moor_slice scope, bool excludes)
{
    struct moor_slice patterns[MOOR_KEYS_MAX_ITEMS];
    struct moor_buf texts;
    size_t found = 0;
    moor_buf_init(&texts, MOOR_IMPORT_MAX_BYTES);
    /* The room is reserved, so that the patterns do not move. */
    bool has_room =
        moor_buf_extend(&texts, (size_t)MOOR_KEYS_MAX_ITEMS * PATTERN_MAX_BYTES) != NULL;
    moor_buf_clear(&texts);
    for (size_t i = 0; has_room && i < count && found < MOOR_KEYS_MAX_ITEMS; i++) {
        if (rules[i].excludes == excludes && moor_slice_equal(rules[i].scope, scope)) {
            size_t start = texts.len;
            append_tags(&texts, rules[i].tags);
            patterns[found++] = moor_slice_sub(moor_buf_slice(&texts), start, texts.len);
        }
    }
    moor_import_patterns(import, excludes ? "rolling" : "build", patterns, found);
    import->out.failed = import->out.failed || texts.failed;
    moor_buf_release(&texts);
    return found;
}

static bool is_first(const struct rule *rules, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (moor_slice_equal(rules[i].scope, rules[index].scope)) {
            return false;
        }
    }
    return true;
}

/* Rules with the same scope share an entry. */
static void append_entries(struct moor_import *import, const struct rule *rules, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!is_first(rules, i)) {
            continue;
        }
        moor_import_begin(import);
        append_matches(import, rules[i].scope);
        moor_import_reason(import, "Harbor: tag immutability rule");
        bool has_others = append_patterns(import, rules, count, rules[i].scope, true) > 0;
        (void)append_patterns(import, rules, count, rules[i].scope, false);
        if (has_others) {
            moor_import_otherwise(import);
        }
    }
}

int moor_import_harbor(struct moor_import *out, const json_t *root, struct moor_error *err)
{
    struct rule rules[MOOR_KEYS_MAX_ITEMS];
    size_t count = 0;
    if (moor_import_check_project(out, err) != 0) {
        return -1;
    }
    if (!json_is_array(root) || json_array_size(root) > MOOR_KEYS_MAX_ITEMS) {
        return moor_error_set(err, MOOR_ERROR_VALUE,
                              "no list of at most %d rules: give the answer of "
                              "/api/v2.0/projects/NAME/immutabletagrules",
                              MOOR_KEYS_MAX_ITEMS);
    }
    for (size_t i = 0; i < json_array_size(root); i++) {
        const json_t *object = json_array_get(root, i);
        if (!json_is_object(object)) {
            return moor_error_set(err, MOOR_ERROR_VALUE, "rule %zu is not an object", i);
        }
        if (json_is_true(json_object_get(object, "disabled"))) {
            continue;
        }
        struct rule rule = {0};
        const char *reason = read_rule(&rule, object);
        if (reason != NULL) {
            moor_import_leave(out, moor_slice_from(out->project), rule.tags, reason);
        } else {
            rules[count++] = rule;
        }
    }
    append_entries(out, rules, count);
    return 0;
}
