/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/check/findings.h"

#include "cmd/evidence/repair.h"
#include "policy/base/array_size.h"
#include "policy/message.h"

#define TEXT_MAX ((size_t)64 * 1024)

enum {
    TEXT_REASON,
    TEXT_REPAIR,
    TEXT_IMAGE,
    TEXT_PATH
};

void moor_findings_init(struct moor_findings *out, struct moor_report *report)
{
    *out = (struct moor_findings){.report = report};
    moor_suppressions_init(&out->suppressions);
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(out->texts); i++) {
        moor_buf_init(&out->texts[i], TEXT_MAX);
    }
}

void moor_findings_release(struct moor_findings *findings)
{
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(findings->texts); i++) {
        moor_buf_release(&findings->texts[i]);
    }
    moor_suppressions_release(&findings->suppressions);
}

/* --- where: the position of a finding -------------------------------------------------------- */

/* Adds the finding, whose cause is at `offset` in the object, and clears the texts. */
static void add(struct moor_findings *findings, const struct moor_images_found *found,
                size_t offset, struct moor_report_finding *finding)
{
    const struct moor_document *document = found->document;
    finding->file = document->path;
    finding->document = document->index;
    finding->position = moor_document_position(document, found->offset + offset);
    finding->line = moor_source_line(document->source, finding->position.line);
    /* Images in a string have the annotations of the object that contains the string. */
    bool is_inner = found->outer != NULL;
    /*
     * Suppressions are applied first: they are written for the position in the input, which
     * rendering changes.
     */
    moor_suppressions_apply(&findings->suppressions, findings->report,
                            is_inner ? found->outer : document,
                            is_inner ? found->outer_offset : found->offset,
                            is_inner ? found->string_offset : offset, finding);
    if (findings->rendering != NULL) {
        moor_rendering_place(findings->rendering, finding);
    }
    moor_report_add(findings->report, finding);
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(findings->texts); i++) {
        findings->report->failed |= findings->texts[i].failed;
        moor_buf_clear(&findings->texts[i]);
    }
}

/* --- what: the texts of a finding ------------------------------------------------------------- */

/* Returns a finding with the members that all findings of one object share. */
static struct moor_report_finding finding_of(const struct moor_verdict *verdict)
{
    const struct moor_request *request = verdict->request;
    return (struct moor_report_finding){.kind = request->kind,
                                        .namespace = request->namespace,
                                        .name = request->name,
                                        .environment = verdict->environment->name};
}

/* Returns what the reader of images in parts noted about the image, or NULL. */
static const struct moor_image_note *note_of(const struct moor_images_found *found,
                                             const struct moor_image_verdict *image)
{
    return found->notes != NULL ? &found->notes[image->image - found->request.object.images] : NULL;
}

/* Tells the observer about the image, if there is one. */
static void observe(const struct moor_findings *findings, const struct moor_images_found *found,
                    const struct moor_image_verdict *image, bool is_suppressed)
{
    const struct moor_observer *observer = findings->observer;
    if (observer != NULL) {
        const struct moor_observed_image observed = {found, image, note_of(found, image),
                                                     is_suppressed};
        observer->on_image(observer->context, &observed);
    }
}

/* The forms that other programs replace in an image, and how the result is checked. */
static const struct {
    const char *opening;
    const char *closing;
    const char *repair;
} placeholders[] = {
    {"{{", "",
     "this is a template: render it first, for example with 'helm template CHART | tagmoor check "
     "-'"},
    {"${", "}",
     "this is a placeholder: replace it first, for example with 'envsubst <FILE | tagmoor check "
     "-'"},
    {"$(", ")",
     "this is a placeholder: replace it first; --render builds kustomizations, which replace it"},
    {"%", "%", "this is a placeholder: replace it first, as in 'COMMAND | tagmoor check -'"},
    {"<", ">", "this is a placeholder: replace it first, as in 'COMMAND | tagmoor check -'"},
};

/* Returns the offset after `part` in the text from `start` on, or 0. */
static size_t end_of(struct moor_slice text, size_t start, const char *part)
{
    struct moor_slice rest = moor_slice_sub(text, start, text.len);
    const char *at = rest.len > 0 ? memmem(rest.ptr, rest.len, part, strlen(part)) : NULL;
    return at != NULL ? (size_t)(at - text.ptr) + strlen(part) : 0;
}

/* Returns the repair for a placeholder in the image of a Kubernetes object, or NULL. */
static const char *placeholder_repair(const struct moor_images_found *found,
                                      const struct moor_image_verdict *image)
{
    struct moor_slice text = image->image->text;
    /*
     * Formats of other tools have placeholders by design, which their readers count as unresolved.
     */
    bool is_invalid = found->is_object && image->class == MOOR_CLASS_INVALID;
    for (size_t i = 0; is_invalid && i < MOOR_ARRAY_SIZE(placeholders); i++) {
        size_t end = end_of(text, 0, placeholders[i].opening);
        /* A lone `%` or `<` is a typing error, not a placeholder. */
        bool is_closed =
            placeholders[i].closing[0] == '\0' || end_of(text, end, placeholders[i].closing) > 0;
        if (end > 0 && is_closed) {
            return placeholders[i].repair;
        }
    }
    return NULL;
}

static void append_image(struct moor_buf *texts, const struct moor_verdict *verdict,
                         const struct moor_image_verdict *image)
{
    moor_message_append_reason(&texts[TEXT_REASON], verdict, image);
    moor_escape_append(&texts[TEXT_IMAGE], image->image->text, MOOR_MESSAGE_MAX_IMAGE);
    moor_object_append_path(&texts[TEXT_PATH], image->image);
}

static void append_repair(const struct moor_findings *findings, struct moor_buf *out,
                          const struct moor_images_found *found,
                          const struct moor_image_verdict *image)
{
    const char *repair = placeholder_repair(found, image);
    if (repair != NULL) {
        moor_buf_append_text(out, repair);
    } else {
        moor_message_append_image_repair(out, image);
        moor_repair_complete(out, findings->evidence, image->image->text,
                             image->level == MOOR_LEVEL_ROLLING);
    }
}

static void add_image(struct moor_findings *findings, const struct moor_images_found *found,
                      const struct moor_verdict *verdict, const struct moor_image_verdict *image)
{
    struct moor_buf *texts = findings->texts;
    struct moor_report_finding finding = finding_of(verdict);
    const struct moor_image_note *note = note_of(found, image);
    append_image(texts, verdict, image);
    append_repair(findings, &texts[TEXT_REPAIR], found, image);
    finding.path = moor_buf_slice(&texts[TEXT_PATH]);
    finding.container = image->image->name;
    finding.image = moor_buf_slice(&texts[TEXT_IMAGE]);
    finding.class = moor_class_name(image->class);
    finding.level = moor_level_name(image->level);
    finding.decision = image->decision;
    finding.reason = moor_buf_slice(&texts[TEXT_REASON]);
    finding.repair = moor_buf_slice(&texts[TEXT_REPAIR]);
    finding.is_guessed = note != NULL && note->is_guessed;
    add(findings, found, image->image->offset, &finding);
    observe(findings, found, image, finding.suppression != MOOR_SUPPRESSION_NONE);
}

/* Returns the decision for an image that no requirement but `ignore` accepts. */
static enum moor_decision decision_for_none(const struct moor_environment *environment)
{
    static const enum moor_decision most[] = {
        [MOOR_MODE_AUDIT] = MOOR_DECISION_AUDIT,
        [MOOR_MODE_WARN] = MOOR_DECISION_WARN,
        [MOOR_MODE_ENFORCE] = MOOR_DECISION_DENY,
    };
    const struct moor_requirements *asked = &environment->requirements;
    /*
     * The strictest requirement decides first; the mode of the environment then limits its effect.
     */
    enum moor_decision decision = asked->enforce > MOOR_REQUIREMENT_IGNORE ? MOOR_DECISION_DENY
                                  : asked->warn > MOOR_REQUIREMENT_IGNORE  ? MOOR_DECISION_WARN
                                  : asked->audit > MOOR_REQUIREMENT_IGNORE ? MOOR_DECISION_AUDIT
                                                                           : MOOR_DECISION_ALLOW;
    return decision < most[environment->mode] ? decision : most[environment->mode];
}

/* Appends the reason and the repair for a tag that was written as `written`. */
static void append_number(struct moor_buf *texts, const struct moor_image_note *note,
                          struct moor_slice written)
{
    moor_buf_append_text(&texts[TEXT_REASON], "the tag ");
    moor_escape_append(&texts[TEXT_REASON], written, MOOR_MESSAGE_MAX_IMAGE);
    if (note->is_text_required) {
        moor_buf_append_text(&texts[TEXT_REASON],
                             " is a number in YAML, and kustomize accepts only strings");
    } else {
        moor_buf_append_text(&texts[TEXT_REASON],
                             " is not a string in YAML, and Helm prints it as ");
        moor_escape_append(&texts[TEXT_REASON], note->rendered, MOOR_MESSAGE_MAX_IMAGE);
    }
    moor_buf_append_text(&texts[TEXT_REPAIR], "put it in quotes: \"");
    moor_escape_append(&texts[TEXT_REPAIR], written, MOOR_MESSAGE_MAX_IMAGE);
    moor_buf_append_text(&texts[TEXT_REPAIR], "\"");
}

/* Appends the image with the tag as it is written, because the finding is about that. */
static void append_written(struct moor_buf *out, struct moor_slice image, struct moor_slice written)
{
    const char *slash = memrchr(image.ptr, '/', image.len);
    size_t name = slash != NULL ? (size_t)(slash - image.ptr) : 0;
    const char *colon = memchr(image.ptr + name, ':', image.len - name);
    size_t end = colon != NULL ? (size_t)(colon - image.ptr) + 1 : image.len;
    moor_escape_append(out, moor_slice_sub(image, 0, end), MOOR_MESSAGE_MAX_IMAGE);
    moor_escape_append(out, written, MOOR_MESSAGE_MAX_IMAGE);
}

/*
 * Adds a finding for a tag that YAML reads as a number, if the number is not printed as it is
 * written.  The image is evaluated with the printed tag, which is why it needs a finding of its
 * own.
 */
static void add_number(struct moor_findings *findings, const struct moor_images_found *found,
                       const struct moor_verdict *verdict, const struct moor_image_verdict *image)
{
    const struct moor_image_note *note = note_of(found, image);
    struct moor_report_finding finding = finding_of(verdict);
    struct moor_buf *texts = findings->texts;
    if (note == NULL || note->rendered.len == 0) {
        return;
    }
    struct moor_slice written =
        moor_document_scalar(found->document, found->offset + note->tag_offset);
    finding.decision = decision_for_none(verdict->environment);
    if (finding.decision == MOOR_DECISION_ALLOW || written.len == 0 ||
        (moor_slice_equal(written, note->rendered) && !note->is_text_required)) {
        return;
    }
    append_number(texts, note, written);
    append_written(&texts[TEXT_IMAGE], image->image->text, written);
    finding.path = note->tag_path;
    finding.container = image->image->name;
    finding.image = moor_buf_slice(&texts[TEXT_IMAGE]);
    finding.class = MOOR_REPORT_NUMBER_TAG;
    finding.level = moor_level_name(MOOR_LEVEL_NONE);
    finding.reason = moor_buf_slice(&texts[TEXT_REASON]);
    finding.repair = moor_buf_slice(&texts[TEXT_REPAIR]);
    finding.is_guessed = note->is_guessed;
    add(findings, found, note->tag_offset, &finding);
}

/* Explains a value of the wrong type.  A number is a frequent mistake, and looks like a string. */
static const char *wrong_type(struct moor_slice json, size_t offset)
{
    char first = offset < json.len ? json.ptr[offset] : '\0';
    return first == '{'                   ? "this is a mapping"
           : first == '['                 ? "this is a list"
           : first == '"'                 ? "this is a string"
           : first == 't' || first == 'f' ? "without quotes, this is a boolean: put it in quotes"
           : first == '-' || (first >= '0' && first <= '9')
               ? "without quotes, this is a number: put it in quotes"
               : "";
}

/* Adds a finding for a malformed or too large object. */
static void add_fault(struct moor_findings *findings, const struct moor_images_found *found,
                      const struct moor_verdict *verdict)
{
    const struct moor_object *object = &found->request.object;
    struct moor_report_finding finding = finding_of(verdict);
    struct moor_buf *reason = &findings->texts[TEXT_REASON];
    bool is_malformed = verdict->fault == MOOR_FAULT_MALFORMED;
    size_t offset = is_malformed ? object->malformed_offset : 0;
    moor_message_append_fault(reason, verdict);
    finding.reason = moor_buf_slice(reason);
    if (is_malformed) {
        finding.repair = moor_slice_from(wrong_type(found->document->text, found->offset + offset));
        finding.path = object->malformed;
    }
    finding.class = moor_fault_name(verdict->fault);
    finding.level = moor_level_name(MOOR_LEVEL_NONE);
    finding.decision = verdict->fault_decision;
    add(findings, found, offset, &finding);
}

void moor_findings_add(struct moor_findings *findings, const struct moor_images_found *found,
                       const struct moor_verdict *verdict)
{
    struct moor_report *report = findings->report;
    report->counts[MOOR_DECISION_ALLOW] += verdict->counts[MOOR_DECISION_ALLOW];
    if (verdict->fault != MOOR_FAULT_NONE) {
        add_fault(findings, found, verdict);
    }
    for (size_t i = 0; i < verdict->image_count; i++) {
        const struct moor_image_verdict *image = &verdict->images[i];
        add_number(findings, found, verdict, image);
        moor_exemption_uses_add(&report->exemptions, image);
        if (image->decision >= MOOR_DECISION_AUDIT) {
            add_image(findings, found, verdict, image);
        } else if (image->is_skipped) {
            moor_report_tally(report, MOOR_UNJUDGED_IMAGE, verdict->request->kind);
        } else {
            observe(findings, found, image, false);
        }
    }
}
