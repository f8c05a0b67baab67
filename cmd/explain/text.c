/* SPDX-License-Identifier: Apache-2.0 */
/* The text output: parts of the reference, a table of decisions, and repairs. */
#include "cmd/explain/text.h"

#include "policy/message.h"

#define LABEL 12 /* width of the labels, without the indentation */

struct context {
    struct moor_page page;
    struct moor_explaining *explaining;
    unsigned label; /* width of the labels */
};

/* Writes a line `  LABEL  TEXT`.  An empty text writes nothing. */
static void put_shaded_row(const struct context *context, const char *label, enum moor_shade shade,
                           struct moor_slice text)
{
    const struct moor_page *page = &context->page;
    unsigned column = context->label + 3;
    if (text.len == 0) {
        return;
    }
    moor_page_pad(page, 0, 2);
    moor_page_cell(page, MOOR_SHADE_DIM, moor_slice_from(label), context->label + 1);
    if (shade == MOOR_SHADE_NONE) {
        moor_page_fold(page, text, column, column);
    } else {
        moor_page_fold_shaded(page, shade, text, column, column);
    }
}

static void put_row(const struct context *context, const char *label, struct moor_slice text)
{
    put_shaded_row(context, label, MOOR_SHADE_NONE, text);
}

/* --- parts ------------------------------------------------------------------------------------ */

static const char *const named[] = {
    [MOOR_LEVEL_NONE] = "none: does not identify an image",
    [MOOR_LEVEL_ROLLING] = "rolling: can point to another image at any time",
    [MOOR_LEVEL_RELEASE] = "release: identifies one release, which its publisher can rebuild",
    [MOOR_LEVEL_BUILD] = "build: identifies one build",
    [MOOR_LEVEL_DIGEST] = "digest: identifies the exact content",
};

static void put_title(const struct context *context)
{
    struct moor_buf escaped;
    moor_buf_init(&escaped, SIZE_MAX);
    moor_page_put(&context->page, MOOR_SHADE_BOLD,
                  moor_escaped(&escaped, context->explaining->text, MOOR_MESSAGE_MAX_IMAGE));
    (void)fputc('\n', context->page.out);
    moor_buf_release(&escaped);
}

/* Shows the repository entry that applies, and the part of it that decided. */
static void put_entry(const struct context *context)
{
    const struct moor_explaining *explaining = context->explaining;
    const struct moor_classification *classification = &explaining->classification;
    struct moor_buf *text = &context->explaining->scratch;
    if (explaining->entry_match.len == 0) {
        return;
    }
    moor_buf_clear(text);
    if (explaining->is_entry_builtin) {
        moor_buf_append_text(text, "built-in entry, match ");
    } else {
        moor_buf_printf(text, "%s:%u: repositories[%zu], match ", explaining->policy_name,
                        (unsigned)classification->repository->line, explaining->entry_index);
    }
    moor_buf_append(text, explaining->entry_match);
    put_row(context, "entry", moor_buf_slice(text));
    moor_buf_clear(text);
    if (classification->pattern != NULL) {
        moor_buf_printf(text, "%s: pattern ", classification->rule);
        moor_buf_append(text, classification->pattern->text);
    } else if (classification->rule != NULL) {
        moor_buf_printf(text, "%s of the entry", classification->rule);
    } else {
        moor_buf_append_text(text, "the form of the reference, which the entry does not change");
    }
    put_row(context, "decided by", moor_buf_slice(text));
}

static void put_parts(const struct context *context)
{
    const struct moor_explaining *explaining = context->explaining;
    const struct moor_classification *classification = &explaining->classification;
    struct moor_buf *text = &context->explaining->scratch;
    put_row(context, "invalid", moor_slice_from(explaining->wrong.text));
    if (explaining->is_valid) {
        put_row(context, "repository", moor_buf_slice(&explaining->name));
        put_row(context, "tag", explaining->reference.tag);
        put_row(context, "digest", explaining->reference.digest);
    }
    moor_buf_clear(text);
    moor_buf_printf(text, "%s: %s", moor_class_name(classification->class),
                    moor_class_meaning(classification->class));
    put_row(context, "class", moor_buf_slice(text));
    put_row(context, "level", moor_slice_from(named[classification->level]));
    put_row(context, "reason", classification->reason);
    put_entry(context);
    if (classification->tag.base_unpinned) {
        put_row(
            context, "note",
            MOOR_SLICE("the tag does not pin the version of the base system, which can change"));
    }
    if (classification->tag.foreign_commit) {
        put_row(context, "note",
                MOOR_SLICE("the commit may be one of the upstream project, not of this image"));
    }
}

/* --- the table of environments ------------------------------------------------------------------
 */

static void put_answer(const struct context *context, const struct moor_explain_answer *answer)
{
    const struct moor_page *page = &context->page;
    const struct moor_requirements *requirements = &answer->requirements;
    moor_page_pad(page, 0, 2);
    moor_page_cell(page, MOOR_SHADE_NONE, moor_slice_from(answer->name), context->label + 1);
    moor_page_cell(page, moor_shade_of(answer->verdict.worst),
                   moor_slice_from(moor_decision_verb(answer->verdict.worst)), 9);
    (void)fprintf(page->out, "%-8s %-8s ", moor_requirement_name(requirements->enforce),
                  moor_requirement_name(requirements->warn));
    const char *mode = answer->environment->mode != MOOR_MODE_ENFORCE
                           ? moor_mode_name(answer->environment->mode)
                           : "";
    const struct moor_exemption *exemption = answer->verdict.images[0].exemption;
    bool has_more = *mode != '\0' || exemption != NULL;
    (void)fprintf(page->out, has_more ? "%-8s" : "%s", moor_requirement_name(requirements->audit));
    (void)fprintf(page->out, *mode != '\0' ? " mode %s" : "%s", mode);
    if (exemption != NULL) {
        (void)fprintf(page->out, " exempt by '%.*s'%s%.*s", MOOR_SLICE_ARGS(exemption->name),
                      exemption->is_permanent ? "" : " until ", MOOR_SLICE_ARGS(exemption->until));
    }
    (void)fputc('\n', page->out);
}

static void put_answers(const struct context *context)
{
    const struct moor_page *page = &context->page;
    moor_page_pad(page, 0, 2);
    moor_page_cell(page, MOOR_SHADE_DIM, MOOR_SLICE("environment"), context->label + 1);
    moor_page_put(page, MOOR_SHADE_DIM, MOOR_SLICE("decision enforce  warn     audit"));
    (void)fputc('\n', page->out);
    for (size_t i = 0; i < context->explaining->answer_count; i++) {
        put_answer(context, &context->explaining->answers[i]);
    }
}

/* --- repairs ------------------------------------------------------------------------------------
 */

static bool is_same_repair(const struct moor_explain_answer *left,
                           const struct moor_explain_answer *right)
{
    return moor_slice_equal(moor_buf_slice(&left->repair), moor_buf_slice(&right->repair));
}

/* Appends `staging, production: ` unless all environments with a repair have the same one. */
static void append_owners(struct moor_buf *out, const struct moor_explaining *explaining,
                          const struct moor_explain_answer *of)
{
    size_t needed = 0;
    size_t same = 0;
    for (size_t i = 0; i < explaining->answer_count; i++) {
        const struct moor_explain_answer *answer = &explaining->answers[i];
        needed += answer->repair.len > 0;
        /*
         * Names are collected even if they are not needed in the end: this is known only after the
         * last one.
         */
        if (is_same_repair(answer, of)) {
            moor_buf_printf(out, "%s%s", same > 0 ? ", " : "", answer->name);
            same++;
        }
    }
    if (same == needed) {
        moor_buf_clear(out);
        return;
    }
    moor_buf_append_text(out, ": ");
}

/* Writes each distinct repair once: environments usually share it. */
static void put_repairs(const struct context *context)
{
    const struct moor_explaining *explaining = context->explaining;
    struct moor_buf *text = &context->explaining->scratch;
    for (size_t i = 0; i < explaining->answer_count; i++) {
        const struct moor_explain_answer *answer = &explaining->answers[i];
        size_t before = 0;
        /* A policy has few environments, so that comparing all pairs is fast. */
        while (before < i && !is_same_repair(&explaining->answers[before], answer)) {
            before++;
        }
        if (before < i || answer->repair.len == 0) {
            continue;
        }
        moor_buf_clear(text);
        append_owners(text, explaining, answer);
        moor_buf_append(text, moor_buf_slice(&answer->repair));
        put_shaded_row(context, "repair", MOOR_SHADE_GOOD, moor_buf_slice(text));
    }
}

/* Long environment names widen the column of labels for the whole page. */
void moor_explain_write_text(FILE *out, struct moor_explaining *explaining,
                             const struct moor_page_style *style)
{
    struct context context = {.explaining = explaining, .label = LABEL};
    moor_page_init(&context.page, out, style);
    for (size_t i = 0; i < explaining->answer_count; i++) {
        unsigned len = (unsigned)strlen(explaining->answers[i].name);
        context.label = len > context.label ? len : context.label;
    }
    if (explaining->references > 1) {
        (void)fputc('\n', out);
    }
    put_title(&context);
    put_parts(&context);
    put_answers(&context);
    put_repairs(&context);
    moor_page_release(&context.page);
}

/* --- summary ------------------------------------------------------------------------------------
 */

/* Appends the count of a decision, after the environment's name if it is the first count. */
static size_t append_count(struct moor_buf *out, const struct moor_explain_answer *answer,
                           enum moor_decision decision, size_t said)
{
    if (answer->counts[decision] == 0) {
        return said;
    }
    if (said == 0) {
        moor_buf_printf(out, "; %s: ", answer->name);
    } else {
        moor_buf_append_text(out, ", ");
    }
    moor_buf_printf(out, "%zu %s", answer->counts[decision], moor_decision_past(decision));
    return said + 1;
}

void moor_explain_finish_text(FILE *out, struct moor_explaining *explaining,
                              const struct moor_page_style *style)
{
    struct moor_page page;
    /* For one reference, the table already shows what a summary would repeat. */
    if (explaining->references < 2) {
        return;
    }
    size_t said = 0;
    moor_page_init(&page, out, style);
    struct moor_buf *text = &page.text;
    moor_buf_printf(text, "%zu references", explaining->references);
    for (size_t i = 0; i < explaining->answer_count; i++) {
        const struct moor_explain_answer *answer = &explaining->answers[i];
        size_t here = append_count(text, answer, MOOR_DECISION_DENY, 0);
        here = append_count(text, answer, MOOR_DECISION_WARN, here);
        said += append_count(text, answer, MOOR_DECISION_AUDIT, here);
    }
    moor_buf_append_text(text, said == 0 ? ", all allowed" : "");
    (void)fputc('\n', out);
    moor_page_fold_scratch(&page, 0);
    moor_page_release(&page);
}
