/* SPDX-License-Identifier: Apache-2.0 */
/* The machine-readable outputs: tab-separated values, JSON lines and findings. */
#include "cmd/explain/data.h"

#include "cmd/report/json_output.h"
#include "policy/message.h"

void moor_explain_begin_tsv(FILE *out)
{
    (void)fputs("reference\tclass\tlevel\trepository\n", out);
}

void moor_explain_write_tsv(FILE *out, struct moor_explaining *explaining,
                            const struct moor_page_style *style)
{
    (void)style;
    struct moor_buf *line = &explaining->scratch;
    moor_buf_clear(line);
    /* An invalid reference can contain a tab, which would add a column. */
    moor_escape_append(line, explaining->text, explaining->text.len);
    moor_buf_append_byte(line, '\t');
    moor_buf_append_text(line, moor_class_name(explaining->classification.class));
    moor_buf_append_byte(line, '\t');
    moor_buf_append_text(line, moor_level_name(explaining->classification.level));
    moor_buf_append_byte(line, '\t');
    moor_buf_append(line, moor_buf_slice(&explaining->name));
    moor_buf_append_byte(line, '\n');
    (void)fwrite(line->ptr, 1, line->len, out);
}

/* --- json ------------------------------------------------------------------------------------- */

/* A repair is a member of its own, so that `environments` maps names to decisions only. */
static void set_answers(struct moor_json_writer *json, const struct moor_explaining *explaining)
{
    bool has_repair = false;
    moor_json_key(json, "environments");
    moor_json_object_begin(json);
    for (size_t i = 0; i < explaining->answer_count; i++) {
        const struct moor_explain_answer *answer = &explaining->answers[i];
        moor_json_member_text(json, answer->name, moor_decision_verb(answer->verdict.worst));
        has_repair = has_repair || answer->repair.len > 0;
    }
    moor_json_object_end(json);
    if (!has_repair) {
        return;
    }
    moor_json_key(json, "repairs");
    moor_json_object_begin(json);
    for (size_t i = 0; i < explaining->answer_count; i++) {
        const struct moor_explain_answer *answer = &explaining->answers[i];
        if (answer->repair.len > 0) {
            moor_json_member_string(json, answer->name, moor_buf_slice(&answer->repair));
        }
    }
    moor_json_object_end(json);
}

static void put_entry(struct moor_json_writer *json, const struct moor_explaining *explaining)
{
    const struct moor_classification *classification = &explaining->classification;
    if (explaining->entry_match.len == 0) {
        return;
    }
    moor_json_output_object(json, "entry");
    moor_json_member_bool(json, "builtIn", explaining->is_entry_builtin);
    moor_json_member_u64(json, "index", explaining->entry_index);
    /* A built-in entry is in no file, so that it has no line. */
    if (!explaining->is_entry_builtin) {
        moor_json_member_u64(json, "line", classification->repository->line);
    }
    moor_json_output_member(json, "match", explaining->entry_match);
    if (classification->rule != NULL) {
        moor_json_member_text(json, "rule", classification->rule);
    }
    if (classification->pattern != NULL) {
        moor_json_output_member(json, "pattern", classification->pattern->text);
    }
    moor_json_object_end(json);
}

void moor_explain_write_json(FILE *out, struct moor_explaining *explaining,
                             const struct moor_page_style *style)
{
    (void)style;
    struct moor_json_output output;
    struct moor_json_writer *json = &output.json;
    const struct moor_classification *classification = &explaining->classification;
    /* Each reference is one line, so that the output is JSON lines and works in a pipe. */
    moor_json_output_init(&output, out, 0);
    moor_json_object_begin(json);
    moor_json_member_u64(json, "version", 1);
    moor_json_output_member(json, "reference", explaining->text);
    moor_json_output_member(json, "repository", moor_buf_slice(&explaining->name));
    /* An invalid reference has no parts; those of the reference before must not appear. */
    if (explaining->is_valid) {
        moor_json_output_member(json, "tag", explaining->reference.tag);
        moor_json_output_member(json, "digest", explaining->reference.digest);
    }
    moor_json_output_member(json, "reason", classification->reason);
    put_entry(json, explaining);
    moor_json_output_member(json, "error", moor_slice_from(explaining->wrong.text));
    moor_json_member_text(json, "class", moor_class_name(classification->class));
    moor_json_member_text(json, "level", moor_level_name(classification->level));
    moor_json_member_bool(json, "baseUnpinned", classification->tag.base_unpinned);
    moor_json_member_bool(json, "foreignCommit", classification->tag.foreign_commit);
    set_answers(json, explaining);
    moor_json_object_end(json);
    moor_json_output_end(&output);
}

/* --- findings --------------------------------------------------------------------------------- */

/* A reference has no file, so the line of standard input or the operand is its position. */
static void report_answer(struct moor_explaining *explaining,
                          const struct moor_explain_answer *answer, struct moor_slice image)
{
    struct moor_buf *reason = &explaining->scratch;
    moor_buf_clear(reason);
    moor_message_append_reason(reason, &answer->verdict, &answer->verdict.images[0]);
    const struct moor_report_finding finding = {
        .file = explaining->source,
        .position = {.line = explaining->line,
                     .column = 1,
                     .width = (uint32_t)explaining->text.len},
        .document = 1,
        .kind = MOOR_SLICE("environment"),
        .name = answer->environment->name,
        .container = image,
        .image = image,
        .class = moor_class_name(explaining->classification.class),
        .level = moor_level_name(explaining->classification.level),
        .decision = answer->verdict.worst,
        .environment = answer->environment->name,
        .reason = moor_buf_slice(reason),
        .repair = moor_buf_slice(&answer->repair),
    };
    moor_report_add(explaining->report, &finding);
}

void moor_explain_report(struct moor_explaining *explaining)
{
    struct moor_buf escaped;
    moor_buf_init(&escaped, SIZE_MAX);
    /*
     * The line of standard input can be long and contain anything, and a report shows it in each
     * finding.
     */
    struct moor_slice image = moor_escaped(&escaped, explaining->text, MOOR_MESSAGE_MAX_IMAGE);
    for (size_t i = 0; i < explaining->answer_count; i++) {
        if (explaining->answers[i].verdict.worst >= MOOR_DECISION_AUDIT) {
            report_answer(explaining, &explaining->answers[i], image);
        } else {
            explaining->report->counts[MOOR_DECISION_ALLOW]++;
        }
    }
    explaining->report->objects++;
    moor_buf_release(&escaped);
}
