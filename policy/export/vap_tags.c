/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/export/vap_tags.h"

#include "policy/export/cel.h"
#include "policy/image/class.h"
#include "policy/image/reference.h"
#include "policy/image/reference_name.h"
#include "policy/image/tag_patterns.h"
#include "policy/image/tag_words.h"

/* Maximum length of an expression; the rules take the most. */
#define EXPRESSION_BYTES    ((size_t)256 * 1024)

/* The API server limits the cost of a variable; this keeps 800 images under the limit. */
#define RULES_OF_A_VARIABLE 16

/* The grammar of moor_reference_parse(); lengths are compared separately. */
#define HEX                 "[0-9a-f]"
#define DIGEST              "(?:sha256:" HEX "{64}|sha384:" HEX "{96}|sha512:" HEX "{128})"
#define HOST_PART           "[A-Za-z0-9]+(?:-+[A-Za-z0-9]+)*"
#define DOMAIN              "(?:" HOST_PART "(?:[.]" HOST_PART ")*|\\[[0-9a-fA-F]*:[0-9a-fA-F:]*\\])(?::[0-9]+)?"
#define PATH_PART           "[a-z0-9]+(?:(?:[.]|_|__|-+)[a-z0-9]+)*"
#define TAG                 "[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
#define REFERENCE           "^(?:" DOMAIN "/)?" PATH_PART "(?:/" PATH_PART ")*(?::" TAG ")?(?:@" DIGEST ")?$"
/* An identifier of an image on the node: see refuse_image_id() in reference.c. */
#define IMAGE_ID            "^(?:[0-9a-fA-F]{64}|sha(?:256|384|512):[0-9a-fA-F]*)$"

/*
 * Members of a record that the next variable keeps.  A record cannot be extended in CEL, so each
 * variable copies the members that later ones need.  The members have several types, which a
 * literal of the API server's CEL allows only as `dyn`.
 */
#define KEEP                "'x': i.x, 'u': i.u, 'r': i.r, 'ok': i.ok, 'd': i.d, 't': i.t"
#define KEEP_NAME           KEEP ", 'b': i.b, 'n': i.n"

void moor_vap_append_variable(struct moor_buf *out, const char *name, struct moor_slice expression)
{
    moor_buf_printf(out, "  - name: %s\n    expression:", name);
    moor_cel_block(out, expression, 6);
}

static void free_buf(struct moor_buf *buf)
{
    moor_buf_release(buf);
}

static void append_plain(struct moor_buf *out, const char *name, const char *expression)
{
    moor_vap_append_variable(out, name, moor_slice_from(expression));
}

static void take(struct moor_buf *out, const char *name, struct moor_buf *expression)
{
    moor_vap_append_variable(out, name, moor_buf_slice(expression));
    out->failed = out->failed || expression->failed;
}

static void matches(struct moor_buf *out, const char *subject, const char *pattern)
{
    moor_cel_matches(out, subject, moor_slice_from(pattern));
}

/* --- references ------------------------------------------------------------------------------- */

static void append_references(struct moor_buf *out, const struct moor_policy *policy)
{
    __attribute__((cleanup(free_buf))) struct moor_buf text;
    moor_buf_init(&text, EXPRESSION_BYTES);
    append_plain(
        out, "references",
        "variables.images.map(i, {'x': i.x, 'u': i.u, 'r': dyn(i.x.substring(i.x.indexOf(' ') "
        "+ 1))})");
    moor_buf_append_text(&text, "variables.references.map(i, {'x': i.x, 'u': i.u, 'r': i.r,\n"
                                "  'ok': dyn(");
    matches(&text, "i.r", REFERENCE);
    moor_buf_append_text(&text, " && !");
    matches(&text, "i.r", IMAGE_ID);
    moor_buf_append_text(&text, " && !i.r.matches('/[^:@]{256}|^[^/:@]{248}')");
    moor_buf_printf(&text, " && i.r.size() <= %d", MOOR_REFERENCE_MAX_BYTES);
    /* In a Pod, nothing replaces a placeholder later. */
    moor_buf_append_text(&text, " && (variables.isTemplate || !(i.r in ");
    moor_cel_strings(&text, policy->placeholders, policy->placeholder_count);
    moor_buf_append_text(&text, "))),\n  'd': dyn(i.r.find('@.*$')), "
                                "'t': dyn(i.r.find('^[^@]*').find(':[^:/]*$'))})");
    take(out, "parsed", &text);
}

/* Writes the canonical name as moor_reference_append_name() does, in three variables. */
static void append_names(struct moor_buf *out)
{
    __attribute__((cleanup(free_buf))) struct moor_buf text;
    moor_buf_init(&text, EXPRESSION_BYTES);
    /* Three variables, because a record cannot refer to its own members. */
    append_plain(out, "repositories",
                 "variables.parsed.map(i, {" KEEP ",\n"
                 "  'b': dyn(i.r.substring(0, i.r.size() - i.d.size() - i.t.size()))})");
    append_plain(out, "registries",
                 "variables.repositories.map(i, {" KEEP ", 'b': i.b,\n"
                 "  'h': dyn(i.b.matches('^(?:[^/]*[.:A-Z][^/]*|localhost)/') ? "
                 "i.b.find('^[^/]*').lowerAscii() : '')})");
    moor_buf_append_text(
        &text,
        "variables.registries.map(i, {" KEEP ", 'b': i.b,\n"
        "  'n': dyn(i.h == '' ? 'docker.io/' + (i.b.contains('/') ? '' : 'library/') + i.b :\n"
        "    i.h.contains('_') ? i.b :\n"
        "    [i.h.find(':[0-9]+$')].map(p, [i.h.substring(0, i.h.size() - p.size())].map(h,\n"
        "      p != '' && !p.matches('^:0*443$') ? h + ':' + p.find('[1-9][0-9]*$|0$') + "
        "i.b.find('/.*$') :\n"
        "      h in ");
    size_t count = 0;
    const char *const *hosts = moor_reference_hub_hosts(&count);
    for (size_t i = 0; i < count; i++) {
        moor_buf_append_text(&text, i == 0 ? "[" : ", ");
        moor_cel_string(&text, moor_slice_from(hosts[i]));
    }
    moor_buf_append_text(&text,
                         "] ? 'docker.io/' + (i.b.matches('/.*/') ? '' : 'library/') + "
                         "i.b.find('/.*$').substring(1) :\n"
                         "      h + (h.matches('[.:]|^localhost$') ? '' : ':443') + i.b.find('/.*$"
                         "'))[0])[0])})");
    take(out, "named", &text);
}

/* --- signs ------------------------------------------------------------------------------------ */

static void append_sign(struct moor_buf *out, const char *word, char sign)
{
    moor_buf_append_text(out, out->len > 1 ? ", " : "");
    moor_cel_string(out, moor_slice_from(word));
    moor_buf_printf(out, ": '%c'", sign);
}

static void append_words(struct moor_buf *out)
{
    __attribute__((cleanup(free_buf))) struct moor_buf text;
    moor_buf_init(&text, EXPRESSION_BYTES);
    moor_buf_append_byte(&text, '{');
    append_sign(&text, "-", '-');
    append_sign(&text, "_", '_');
    append_sign(&text, ".", ',');
    for (size_t i = 0; i < moor_tag_named_word_count; i++) {
        append_sign(&text, moor_tag_named_words[i].text, moor_tag_named_words[i].sign);
    }
    for (size_t i = 0; i < moor_tag_word_count; i++) {
        append_sign(&text, moor_tag_words[i].text, moor_tag_sign(i));
    }
    moor_buf_append_byte(&text, '}');
    take(out, "words", &text);
}

/* Step 1 of tag_patterns.h. */
static void append_signs(struct moor_buf *out)
{
    __attribute__((cleanup(free_buf))) struct moor_buf text;
    moor_buf_init(&text, EXPRESSION_BYTES);
    append_words(out);
    append_plain(out, "tags",
                 "variables.named.map(i, {" KEEP_NAME ",\n"
                 "  'l': dyn(i.ok && i.d == '' ? i.t.replace(':', '').lowerAscii() : '')})");
    moor_buf_append_text(&text,
                         "variables.tags.map(i, {" KEEP_NAME ", 'l': i.l, 's': dyn(i.l.findAll(");
    moor_cel_string(&text, moor_slice_from(MOOR_TAG_CUT));
    moor_buf_append_text(&text, ").map(k,\n  k in variables.words ? variables.words[k] : "
                                "k.matches('^[0-9]') ? k :\n  k.matches('^[a-z]') ? "
                                "(k.matches('^[a-f]+$') ? 'h' : 'w') :\n"
                                "  variables.words[k.charAt(k.size() - 1)]).join(''))})");
    take(out, "signs", &text);
}

/* Appends the pieces of a part in which signs of stages become `o`, and perhaps numbers `#`. */
static void append_pieces(struct moor_buf *out, const char *number)
{
    moor_buf_printf(out,
                    "k.findAll('" MOOR_TAG_PIECES "').map(d, %sd.matches('^" MOOR_TAG_STAGES
                    "') ? 'o' : d).join('')",
                    number);
}

/* Step 2. */
static void append_parts(struct moor_buf *out)
{
    __attribute__((cleanup(free_buf))) struct moor_buf text;
    moor_buf_init(&text, EXPRESSION_BYTES);
    moor_buf_append_text(&text, "variables.signs.map(i, {" KEEP_NAME
                                ", 'l': i.l, 's': i.s, 'p': dyn(i.s.findAll(");
    moor_cel_string(&text, moor_slice_from(moor_tag_parts));
    moor_buf_append_text(&text, ").map(k,\n  ");
    matches(&text, "k", moor_tag_updated);
    moor_buf_append_text(&text, " ? k :\n  ");
    matches(&text, "k", moor_tag_taken);
    moor_buf_append_text(&text, " ?\n    ");
    append_pieces(&text, "d.matches('^[0-9]') ? '#' : ");
    moor_buf_append_text(&text, " :\n  ");
    matches(&text, "k", moor_tag_no_stage);
    moor_buf_append_text(&text, " ?\n    ");
    append_pieces(&text, "");
    moor_buf_append_text(&text, " : k).join(''))})");
    take(out, "parts", &text);
}

/* The two corrections at the end of step 2. */
static void append_corrections(struct moor_buf *out)
{
    __attribute__((cleanup(free_buf))) struct moor_buf text;
    moor_buf_init(&text, EXPRESSION_BYTES);
    moor_buf_append_text(&text, "variables.parts.map(i, {" KEEP_NAME ", 'l': i.l,\n  's': dyn("
                                "i.p.contains('#') && !i.p.matches('[0-9]') && ");
    matches(&text, "i.s", moor_tag_given_back);
    moor_buf_append_text(&text, " ?\n    i.s.find(");
    moor_cel_string(&text, moor_slice_from(moor_tag_given_back));
    moor_buf_append_text(&text, ") + i.p.substring(i.p.find(");
    moor_cel_string(&text, moor_slice_from(moor_tag_given_place));
    moor_buf_append_text(&text, ").size()) : i.p)})");
    take(out, "corrected", &text);
    moor_buf_clear(&text);
    moor_buf_append_text(&text, "variables.corrected.map(i, {" KEEP_NAME ", 'l': i.l,\n  's': dyn("
                                "i.s.contains('H') && ");
    matches(&text, "i.s", moor_tag_headers);
    moor_buf_append_text(&text, " ? i.s.replace('H', 'o') : i.s),\n"
                                "  'c': dyn(!i.ok ? 'invalid' : i.d != '' ? 'digest' : "
                                "i.t == '' ? 'untagged' : '')})");
    take(out, "classes0", &text);
}

/* --- rules ------------------------------------------------------------------------------------ */

static void append_condition(struct moor_buf *out, const struct moor_tag_condition *condition)
{
    static const char *const subjects[] = {
        [MOOR_TAG_OF_TEXT] = "i.l", [MOOR_TAG_OF_SIGNS] = "i.s", [MOOR_TAG_OF_PIECE] = "p"};
    moor_buf_append_text(out, condition->is_negated ? "!" : "");
    matches(out, subjects[condition->subject], condition->pattern);
}

/* Appends the conditions about pieces of the tag, or all others. */
static void append_conditions(struct moor_buf *out, const struct moor_tag_rule *rule, bool pieces)
{
    size_t count = 0;
    for (size_t i = 0; i < MOOR_TAG_CONDITIONS && rule->conditions[i].pattern != NULL; i++) {
        if ((rule->conditions[i].subject == MOOR_TAG_OF_PIECE) == pieces) {
            moor_buf_append_text(out, count++ > 0 ? " && " : "");
            append_condition(out, &rule->conditions[i]);
        }
    }
}

static bool has_kind(const struct moor_tag_rule *rule, bool pieces)
{
    for (size_t i = 0; i < MOOR_TAG_CONDITIONS && rule->conditions[i].pattern != NULL; i++) {
        if ((rule->conditions[i].subject == MOOR_TAG_OF_PIECE) == pieces) {
            return true;
        }
    }
    return false;
}

static void append_rule(struct moor_buf *out, const struct moor_tag_rule *rule)
{
    moor_buf_append_text(out, "    ");
    /*
     * The conditions about the whole tag come first, because they are cheaper than a loop over
     * pieces, and `&&` skips the rest.
     */
    append_conditions(out, rule, false);
    if (has_kind(rule, true)) {
        moor_buf_append_text(out, has_kind(rule, false) ? " && " : "");
        moor_buf_append_text(out, "i.l.findAll('" MOOR_TAG_LONG_PIECE "').exists(p, ");
        append_conditions(out, rule, true);
        moor_buf_append_byte(out, ')');
    }
    moor_buf_printf(out, " ? '%s' :\n", moor_class_name(rule->class));
}

/* Step 3.  Each variable applies some of the rules to the tags that have no class yet. */
static void append_rules(struct moor_buf *out)
{
    __attribute__((cleanup(free_buf))) struct moor_buf text;
    moor_buf_init(&text, EXPRESSION_BYTES);
    char name[32];
    for (size_t first = 0, number = 0; first < moor_tag_rule_count; number++) {
        size_t end = first + RULES_OF_A_VARIABLE;
        bool is_last = end >= moor_tag_rule_count;
        moor_buf_clear(&text);
        moor_buf_printf(&text,
                        "variables.classes%zu.map(i, i.c != '' ? i : {" KEEP_NAME
                        ", 'l': i.l, 's': i.s, 'c': dyn(\n",
                        number);
        for (size_t i = first; i < end && i < moor_tag_rule_count; i++) {
            append_rule(&text, &moor_tag_rules[i]);
        }
        moor_buf_printf(&text, "    '%s')})", is_last ? moor_class_name(MOOR_CLASS_UNKNOWN) : "");
        (void)snprintf(name, sizeof name, "classes%zu", number + 1);
        take(out, is_last ? "classified" : name, &text);
        first = end;
    }
}

void moor_vap_append_tags(struct moor_buf *out, const struct moor_policy *policy)
{
    append_references(out, policy);
    append_names(out);
    append_signs(out);
    append_parts(out);
    append_corrections(out);
    append_rules(out);
}
