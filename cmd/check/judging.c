/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/check/judging.h"

#include "cmd/check/documents.h"
#include "policy/message.h"

#define TEXT_MAX ((size_t)64 * 1024)

int moor_judging_init(struct moor_judging *out, const struct moor_policy *policy,
                      struct moor_report *report, struct moor_error *err)
{
    *out = (struct moor_judging){.policy = policy, .report = report};
    moor_source_init(&out->source);
    for (size_t i = 0; i < sizeof out->texts / sizeof *out->texts; i++) {
        moor_buf_init(&out->texts[i], TEXT_MAX);
    }
    return moor_workspace_init(&out->workspace, err) != 0 ? -1
                                                          : moor_yaml_json_init(&out->yaml, err);
}

void moor_judging_release(struct moor_judging *judging)
{
    for (size_t i = 0; i < sizeof judging->texts / sizeof *judging->texts; i++) {
        moor_buf_release(&judging->texts[i]);
    }
    moor_workspace_release(&judging->workspace);
    moor_yaml_json_release(&judging->yaml);
    moor_source_release(&judging->source);
}

/* --- places ----------------------------------------------------------------------------------- */

/* The bytes of the string at `at`, quotes included; of anything else, one. */
static size_t string_length(struct moor_slice text, size_t at)
{
    if (at >= text.len || text.ptr[at] != '"') {
        return 1;
    }
    size_t end = at + 1;
    while (end < text.len && text.ptr[end] != '"') {
        end += text.ptr[end] == '\\' ? 2 : 1;
    }
    return end + 1 < text.len ? end + 1 - at : text.len - at;
}

/* The bytes up to the next blank. */
static size_t word_length(struct moor_slice text, size_t at)
{
    size_t end = at;
    while (end < text.len && (unsigned char)text.ptr[end] > ' ') {
        end++;
    }
    return end - at;
}

struct moor_position moor_document_position(struct moor_judging *judging,
                                            const struct moor_document *document, size_t offset)
{
    if (document->positions != NULL) {
        return moor_positions_find(document->positions, offset);
    }
    size_t len = document->format == MOOR_INPUT_DOCKERFILE ? word_length(document->json, offset)
                                                           : string_length(document->json, offset);
    return moor_source_position(&judging->source, document->start + offset, len);
}

void moor_document_input_error(struct moor_judging *judging, const struct moor_document *document,
                               size_t offset, const char *text)
{
    struct moor_position position = moor_document_position(judging, document, offset);
    struct moor_error err = {.line = position.line, .column = position.column};
    judging->faults++;
    if (judging->faults > MOOR_JUDGING_MAX_FAULTS + 1) {
        return;
    }
    (void)moor_error_set(&err, MOOR_ERROR_VALUE, "%s",
                         judging->faults <= MOOR_JUDGING_MAX_FAULTS
                             ? text
                             : "more errors follow in this file, which are not listed");
    moor_report_add_input_error(judging->report, document->file, &err);
}

/* --- findings --------------------------------------------------------------------------------- */

enum {
    TEXT_REASON,
    TEXT_REPAIR,
    TEXT_IMAGE,
    TEXT_PATH
};

static enum moor_severity severity_of(enum moor_decision decision)
{
    return decision == MOOR_DECISION_DENY   ? MOOR_SEVERITY_ERROR
           : decision == MOOR_DECISION_WARN ? MOOR_SEVERITY_WARNING
                                            : MOOR_SEVERITY_NOTE;
}

/* What is the same for all findings of one object. */
static struct moor_report_finding finding_of(const struct moor_document *document,
                                             const struct moor_verdict *verdict)
{
    const struct moor_request *request = verdict->request;
    return (struct moor_report_finding){.file = document->file,
                                        .document = document->index,
                                        .kind = request->kind,
                                        .namespace = request->namespace,
                                        .name = request->name,
                                        .environment = verdict->environment->name};
}

static void add_finding(struct moor_judging *judging, const struct moor_document *document,
                        struct moor_report_finding *finding, size_t offset)
{
    finding->position = moor_document_position(judging, document, offset);
    finding->line = moor_source_line(&judging->source, finding->position.line);
    moor_report_add(judging->report, finding);
    for (size_t i = 0; i < sizeof judging->texts / sizeof *judging->texts; i++) {
        judging->report->failed = judging->report->failed || judging->texts[i].failed;
        moor_buf_clear(&judging->texts[i]);
    }
}

static void add_image(struct moor_judging *judging, const struct moor_document *document,
                      const struct moor_verdict *verdict, const struct moor_image_verdict *image)
{
    struct moor_report_finding finding = finding_of(document, verdict);
    struct moor_buf *texts = judging->texts;
    moor_message_append_reason(&texts[TEXT_REASON], verdict, image);
    if (document->format == MOOR_INPUT_FORMAT_COUNT && image->class == MOOR_CLASS_INVALID &&
        image->image->text.len > 0 &&
        memmem(image->image->text.ptr, image->image->text.len, "{{", 2) != NULL) {
        moor_buf_append_text(&texts[TEXT_REPAIR], "this is a template: render it first, as in "
                                                  "'helm template CHART | tagmoor check -'");
    } else {
        moor_message_append_image_repair(&texts[TEXT_REPAIR], image);
    }
    moor_escape_append(&texts[TEXT_IMAGE], image->image->text, MOOR_MESSAGE_MAX_IMAGE);
    moor_object_append_path(&texts[TEXT_PATH], image->image);
    finding.path = moor_buf_slice(&texts[TEXT_PATH]);
    finding.container = image->image->name;
    finding.image = moor_buf_slice(&texts[TEXT_IMAGE]);
    finding.class = moor_class_name(image->class);
    finding.level = moor_level_name(image->level);
    finding.severity = severity_of(image->decision);
    finding.reason = moor_buf_slice(&texts[TEXT_REASON]);
    finding.repair = moor_buf_slice(&texts[TEXT_REPAIR]);
    add_finding(judging, document, &finding, document->object + image->image->offset);
}

/* What stands where a text should: a number is a frequent mistake, and looks right. */
static const char *wrong_type(struct moor_slice json, size_t offset)
{
    char first = offset < json.len ? json.ptr[offset] : '\0';
    return first == '{'   ? "a mapping stands here"
           : first == '[' ? "a list stands here"
           : first == '"' ? "a text stands here"
           : first == 't' || first == 'f'
               ? "without quotes this is true or false, no text: put quotes around it"
           : first == '-' || (first >= '0' && first <= '9')
               ? "without quotes this is a number, no text: put quotes around it"
               : "";
}

static void add_fault(struct moor_judging *judging, const struct moor_document *document,
                      const struct moor_verdict *verdict)
{
    struct moor_report_finding finding = finding_of(document, verdict);
    const struct moor_object *object = &verdict->request->object;
    bool is_malformed = verdict->fault == MOOR_FAULT_MALFORMED;
    size_t offset = document->object + (is_malformed ? object->malformed_offset : 0);
    moor_message_append_fault(&judging->texts[TEXT_REASON], verdict);
    finding.reason = moor_buf_slice(&judging->texts[TEXT_REASON]);
    finding.repair =
        is_malformed ? moor_slice_from(wrong_type(document->json, offset)) : (struct moor_slice){0};
    finding.path = is_malformed ? object->malformed : (struct moor_slice){0};
    finding.class = moor_fault_name(verdict->fault);
    finding.level = moor_level_name(MOOR_LEVEL_NONE);
    finding.severity = severity_of(verdict->fault_decision);
    add_finding(judging, document, &finding, offset);
}

static void report_verdict(struct moor_judging *judging, const struct moor_document *document,
                           const struct moor_verdict *verdict)
{
    struct moor_report *report = judging->report;
    report->objects++;
    report->passed += verdict->counts[MOOR_DECISION_ALLOW];
    if (verdict->fault != MOOR_FAULT_NONE) {
        add_fault(judging, document, verdict);
    }
    for (size_t i = 0; i < verdict->image_count; i++) {
        const struct moor_image_verdict *image = &verdict->images[i];
        if (image->decision >= MOOR_DECISION_AUDIT) {
            add_image(judging, document, verdict, image);
        } else if (image->decision == MOOR_DECISION_SKIP) {
            moor_report_tally(report, MOOR_UNJUDGED_IMAGE, verdict->request->kind);
        }
    }
}

/* --- judging ---------------------------------------------------------------------------------- */

void moor_document_judge(struct moor_judging *judging, const struct moor_document *document,
                         struct moor_request *request)
{
    struct moor_verdict verdict;
    struct moor_error err = {0};
    const struct moor_namespace *known =
        judging->namespaces != NULL && request->namespace.len > 0
            ? moor_namespaces_find(judging->namespaces, request->namespace)
            : NULL;
    if (known != NULL) {
        request->labels = known->labels;
        request->label_count = known->label_count;
    }
    const struct moor_occasion occasion = {judging->environment, judging->now};
    if (moor_judge(&verdict, judging->policy, request, &occasion, &judging->workspace, &err) != 0) {
        moor_document_input_error(judging, document, document->object, err.text);
        return;
    }
    report_verdict(judging, document, &verdict);
}

int moor_document_read(struct moor_judging *judging, const struct moor_document *document,
                       struct moor_slice object, const struct moor_kind *kind,
                       struct moor_request *request)
{
    struct moor_json_reader reader;
    struct moor_error err = {0};
    request->operation = MOOR_OPERATION_CREATE;
    request->holds = kind;
    moor_json_reader_init(&reader, object);
    if (moor_object_read(&request->object, &reader, kind, &judging->policy->annotations,
                         &judging->workspace.arena, &err) != 0) {
        moor_document_input_error(judging, document,
                                  document->object + (size_t)(reader.at - reader.start), err.text);
        return -1;
    }
    return 0;
}
