/* SPDX-License-Identifier: Apache-2.0 */
/* What is explained, for people: the parts, a table of what the environments answer, the repair. */
#include "cmd/explain/explain.h"

#include "policy/message.h"

#define LABEL 12 /* columns of the labels to the left, two before them not counted */

enum shade {
    SHADE_NONE,
    SHADE_TITLE,
    SHADE_DIM,
    SHADE_GOOD,
    SHADE_NOTE,
    SHADE_WARNING,
    SHADE_ERROR
};

struct page {
    FILE *out;
    const struct moor_report_style *style;
    struct moor_explaining *explaining;
    int label; /* columns of the labels to the left */
};

static const enum shade shade_of[] = {
    [MOOR_DECISION_SKIP] = SHADE_GOOD,  [MOOR_DECISION_ALLOW] = SHADE_GOOD,
    [MOOR_DECISION_AUDIT] = SHADE_NOTE, [MOOR_DECISION_WARN] = SHADE_WARNING,
    [MOOR_DECISION_DENY] = SHADE_ERROR,
};

static const char *const codes[] = {
    [SHADE_NONE] = "\x1b[0m",     [SHADE_TITLE] = "\x1b[1m", [SHADE_DIM] = "\x1b[2m",
    [SHADE_GOOD] = "\x1b[32m",    [SHADE_NOTE] = "\x1b[36m", [SHADE_WARNING] = "\x1b[1;33m",
    [SHADE_ERROR] = "\x1b[1;31m",
};

/* Prints `text` in at least `width` columns. */
static void put_shaded(const struct page *page, enum shade shade, int width, const char *text)
{
    bool is_shaded = page->style->colour && shade != SHADE_NONE;
    int padding = width - (int)strlen(text);
    (void)fprintf(page->out, "%s%s%s%*s", is_shaded ? codes[shade] : "", text,
                  is_shaded ? codes[SHADE_NONE] : "", padding > 0 ? padding : 0, "");
}

static unsigned characters(struct moor_slice text)
{
    unsigned count = 0;
    for (size_t i = 0; i < text.len; i++) {
        count += ((unsigned char)text.ptr[i] & 0xC0U) != 0x80U;
    }
    return count;
}

/* Prints `text` from the column behind a label on, folded between words where there is a width. */
static void put_folded(const struct page *page, struct moor_slice text)
{
    unsigned start = (unsigned)page->label + 3;
    unsigned column = start;
    for (size_t at = 0; at < text.len;) {
        const char *space = memchr(text.ptr + at, ' ', text.len - at);
        size_t end = space != NULL ? (size_t)(space - text.ptr) : text.len;
        struct moor_slice word = moor_slice_sub(text, at, end);
        unsigned width = characters(word);
        if (at > 0 && page->style->columns > 0 && column + 1 + width > page->style->columns) {
            (void)fprintf(page->out, "\n%*s", (int)start, "");
            column = start;
        } else if (at > 0) {
            (void)fputc(' ', page->out);
            column++;
        }
        (void)fwrite(word.ptr, 1, word.len, page->out);
        column += width;
        at = end + 1;
    }
    (void)fputc('\n', page->out);
}

/* A line `  label  text`; none without a text. */
static void put_shaded_row(const struct page *page, const char *label, enum shade shade,
                           struct moor_slice text)
{
    bool is_shaded = page->style->colour && shade != SHADE_NONE;
    if (text.len == 0) {
        return;
    }
    struct moor_buf escaped;
    moor_buf_init(&escaped, SIZE_MAX);
    text = moor_escaped(&escaped, text, text.len);
    (void)fputs("  ", page->out);
    put_shaded(page, SHADE_DIM, page->label + 1, label);
    (void)fputs(is_shaded ? codes[shade] : "", page->out);
    put_folded(page, text);
    (void)fputs(is_shaded ? codes[SHADE_NONE] : "", page->out);
    moor_buf_release(&escaped);
}

static void put_row(const struct page *page, const char *label, struct moor_slice text)
{
    put_shaded_row(page, label, SHADE_NONE, text);
}

/* --- parts ------------------------------------------------------------------------------------ */

static const char *const named[] = {
    [MOOR_LEVEL_NONE] = "none: it names nothing",
    [MOOR_LEVEL_ROLLING] = "rolling: it names whatever it points at today",
    [MOOR_LEVEL_RELEASE] = "release: it names one release, which its publisher may rebuild",
    [MOOR_LEVEL_BUILD] = "build: it names one build",
    [MOOR_LEVEL_DIGEST] = "digest: it names these bytes",
};

static void put_title(const struct page *page)
{
    struct moor_buf escaped;
    moor_buf_init(&escaped, SIZE_MAX);
    moor_escape_append(&escaped, page->explaining->text, MOOR_MESSAGE_MAX_IMAGE);
    moor_buf_append_byte(&escaped, '\0');
    put_shaded(page, SHADE_TITLE, 0, escaped.ptr != NULL ? escaped.ptr : "");
    (void)fputc('\n', page->out);
    moor_buf_release(&escaped);
}

static void put_parts(const struct page *page)
{
    const struct moor_explaining *explaining = page->explaining;
    const struct moor_classification *classification = &explaining->classification;
    struct moor_buf *text = &page->explaining->scratch;
    put_row(page, "refused", moor_slice_from(explaining->wrong.text));
    if (explaining->is_valid) {
        put_row(page, "repository", moor_buf_slice(&explaining->name));
        put_row(page, "tag", explaining->reference.tag);
        put_row(page, "digest", explaining->reference.digest);
    }
    moor_buf_clear(text);
    moor_buf_printf(text, "%s: %s", moor_class_name(classification->class),
                    moor_class_meaning(classification->class));
    put_row(page, "class", moor_buf_slice(text));
    put_row(page, "level", moor_slice_from(named[classification->level]));
    put_row(page, "reason", classification->reason);
    if (classification->tag.base_unpinned) {
        put_row(page, "note",
                MOOR_SLICE("its base system is not named with its number and can move"));
    }
    if (classification->tag.foreign_commit) {
        put_row(page, "note", MOOR_SLICE("the commit may be the upstream's, not this image's"));
    }
}

/* --- the table of environments ------------------------------------------------------------------
 */

static void put_answer(const struct page *page, const struct moor_explain_answer *answer)
{
    const struct moor_requirements *requirements = &answer->requirements;
    (void)fprintf(page->out, "  %-*s ", page->label, answer->name);
    put_shaded(page, shade_of[answer->decision], 8, moor_trial_word(answer->decision));
    (void)fprintf(page->out, "%-8s %-8s ", moor_requirement_name(requirements->enforce),
                  moor_requirement_name(requirements->warn));
    const char *mode = answer->environment->mode != MOOR_MODE_ENFORCE
                           ? moor_mode_name(answer->environment->mode)
                           : "";
    bool has_more = *mode != '\0' || answer->exemption != NULL;
    (void)fprintf(page->out, has_more ? "%-8s" : "%s", moor_requirement_name(requirements->audit));
    (void)fprintf(page->out, *mode != '\0' ? " mode %s" : "%s", mode);
    if (answer->exemption != NULL) {
        (void)fprintf(page->out, " exempt by '%.*s'", MOOR_SLICE_ARGS(answer->exemption->name));
    }
    (void)fputc('\n', page->out);
}

static void put_answers(const struct page *page)
{
    (void)fputs("  ", page->out);
    put_shaded(page, SHADE_DIM, page->label + 1, "environment");
    put_shaded(page, SHADE_DIM, 0, "says    enforce  warn     audit");
    (void)fputc('\n', page->out);
    for (size_t i = 0; i < page->explaining->answer_count; i++) {
        put_answer(page, &page->explaining->answers[i]);
    }
}

/* --- repairs ------------------------------------------------------------------------------------
 */

static bool is_same_repair(const struct moor_explain_answer *left,
                           const struct moor_explain_answer *right)
{
    return moor_slice_equal(moor_buf_slice(&left->repair), moor_buf_slice(&right->repair));
}

/* `staging, production: ` where not all that need a repair need this one. */
static void append_owners(struct moor_buf *out, const struct moor_explaining *explaining,
                          const struct moor_explain_answer *of)
{
    size_t needed = 0;
    size_t same = 0;
    for (size_t i = 0; i < explaining->answer_count; i++) {
        const struct moor_explain_answer *answer = &explaining->answers[i];
        needed += answer->repair.len > 0;
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

/* Each repair once. */
static void put_repairs(const struct page *page)
{
    const struct moor_explaining *explaining = page->explaining;
    struct moor_buf *text = &page->explaining->scratch;
    for (size_t i = 0; i < explaining->answer_count; i++) {
        const struct moor_explain_answer *answer = &explaining->answers[i];
        size_t before = 0;
        while (before < i && !is_same_repair(&explaining->answers[before], answer)) {
            before++;
        }
        if (before < i || answer->repair.len == 0) {
            continue;
        }
        moor_buf_clear(text);
        append_owners(text, explaining, answer);
        moor_buf_append(text, moor_buf_slice(&answer->repair));
        put_shaded_row(page, "repair", SHADE_GOOD, moor_buf_slice(text));
    }
}

void moor_explain_write_text(FILE *out, struct moor_explaining *explaining,
                             const struct moor_report_style *style)
{
    struct page page = {.out = out, .style = style, .explaining = explaining, .label = LABEL};
    for (size_t i = 0; i < explaining->answer_count; i++) {
        int len = (int)strlen(explaining->answers[i].name);
        page.label = len > page.label ? len : page.label;
    }
    if (explaining->references > 1) {
        (void)fputc('\n', out);
    }
    put_title(&page);
    put_parts(&page);
    put_answers(&page);
    put_repairs(&page);
}

/* --- summary ------------------------------------------------------------------------------------
 */

static size_t append_count(struct moor_buf *out, const struct moor_explain_answer *answer,
                           enum moor_decision decision, const char *verb, size_t said)
{
    if (answer->counts[decision] == 0) {
        return said;
    }
    if (said == 0) {
        moor_buf_printf(out, "; %s %s %zu", answer->name, verb, answer->counts[decision]);
    } else {
        moor_buf_printf(out, ", %s %zu", verb, answer->counts[decision]);
    }
    return said + 1;
}

void moor_explain_finish_text(FILE *out, struct moor_explaining *explaining,
                              const struct moor_report_style *style)
{
    struct page page = {.out = out, .style = style, .explaining = explaining, .label = -3};
    struct moor_buf *text = &explaining->scratch;
    if (explaining->references < 2) {
        return;
    }
    size_t said = 0;
    moor_buf_clear(text);
    moor_buf_printf(text, "%zu references", explaining->references);
    for (size_t i = 0; i < explaining->answer_count; i++) {
        const struct moor_explain_answer *answer = &explaining->answers[i];
        size_t here = append_count(text, answer, MOOR_DECISION_DENY, "denies", 0);
        here = append_count(text, answer, MOOR_DECISION_WARN, "warns of", here);
        said += append_count(text, answer, MOOR_DECISION_AUDIT, "records", here);
    }
    moor_buf_append_text(text, said == 0 ? ", all admitted" : "");
    (void)fputc('\n', out);
    put_folded(&page, moor_buf_slice(text));
}
