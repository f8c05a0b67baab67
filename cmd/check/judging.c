/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/check/judging.h"

#include "cmd/check/near_fields.h"
#include "policy/base/array_size.h"

int moor_judging_init(struct moor_judging *out, const struct moor_policy *policy,
                      struct moor_report *report, struct moor_error *err)
{
    *out = (struct moor_judging){.policy = policy, .report = report};
    moor_source_init(&out->source);
    moor_unread_init(&out->unread, report);
    moor_findings_init(&out->findings, report);
    return moor_workspace_init(&out->workspace, err) != 0 ||
                   moor_documents_init(&out->documents, err) != 0 ||
                   moor_images_init(&out->images, policy, &out->workspace.arena, err) != 0
               ? -1
               : 0;
}

void moor_judging_release(struct moor_judging *judging)
{
    moor_images_release(&judging->images);
    moor_findings_release(&judging->findings);
    moor_unread_release(&judging->unread);
    moor_workspace_release(&judging->workspace);
    moor_documents_release(&judging->documents);
    moor_source_release(&judging->source);
}

/* --- images ----------------------------------------------------------------------------------- */

/* Sets the labels of the request's namespace.  Returns whether they are known. */
static bool set_labels(const struct moor_judging *judging, struct moor_request *request)
{
    const struct moor_namespace *known =
        judging->namespaces != NULL && request->namespace.len > 0
            ? moor_namespaces_find(judging->namespaces, request->namespace)
            : NULL;
    request->labels = known != NULL ? known->labels : judging->labels.items;
    request->label_count = known != NULL ? known->label_count : judging->labels.count;
    return known != NULL || judging->labels.count > 0;
}

/* Evaluates a set of images and reports findings.  Returns -1 after an input error. */
static int judge_found(struct moor_judging *judging, struct moor_images_found *found)
{
    struct moor_verdict verdict;
    struct moor_error err = {0};
    const struct moor_judge_context context = {judging->environment, judging->now};
    bool is_labelled = set_labels(judging, &found->request);
    /*
     * Files of other tools are not counted: their namespace is often unknown until they are
     * deployed.
     */
    judging->report->unlabelled += judging->needs_labels && !is_labelled && found->is_object;
    if (moor_judge(&verdict, judging->policy, &found->request, &context, &judging->workspace,
                   &err) != 0) {
        err.offset = found->offset;
        moor_unread_error(&judging->unread, found->document, &err);
        return -1;
    }
    moor_findings_add(&judging->findings, found, &verdict);
    return 0;
}

/* Counts an object without images.  A file of another tool need not have any. */
static void tally_imageless(struct moor_judging *judging, const struct moor_document *document,
                            const struct moor_subject *subject, const struct moor_manifest *value)
{
    bool has_default = subject->type == MOOR_SUBJECT_OBJECT && value->namespace.len == 0;
    const struct moor_report_finding object = {.kind = value->kind,
                                               .namespace = has_default ? judging->namespace
                                                                        : value->namespace,
                                               .name = value->name};
    moor_unread_imageless(&judging->unread, document, subject->offset, &object);
}

/* Evaluates an object or a file of another tool.  A Dockerfile is no JSON value. */
static void judge_subject(struct moor_judging *judging, const struct moor_document *document,
                          const struct moor_subject *subject, const struct moor_manifest *value)
{
    struct moor_images_found found;
    struct moor_error err = {0};
    size_t count = 0;
    int status = 0;
    moor_images_open(&judging->images, document, subject, value, judging->namespace);
    while ((status = moor_images_next(&found, &judging->images, &err)) > 0) {
        moor_unread_images(&judging->unread, &found);
        /*
         * A Dockerfile was counted as a value before it was read.  Without FROM, it counts as an
         * empty file.
         */
        judging->values -= found.is_empty;
        count += moor_images_count(&found);
        if (moor_images_must_judge(&found) && judge_found(judging, &found) != 0) {
            return;
        }
    }
    if (status < 0) {
        moor_unread_error(&judging->unread, document, &err);
        return;
    }
    if (count == 0 && subject->type != MOOR_SUBJECT_OTHER) {
        tally_imageless(judging, document, subject, value);
    }
    /*
     * Only a complete object is counted, and only then is a suppression in it known to be unused.
     */
    judging->report->objects++;
    moor_suppressions_end_object(&judging->findings.suppressions, judging->report, document,
                                 subject->offset);
}

/* Reports misspelled and misplaced fields, whose images are not found. */
static void report_near_fields(struct moor_judging *judging, const struct moor_document *document,
                               const struct moor_subject *subject,
                               const struct moor_manifest *value)
{
    struct moor_near_fields fields;
    struct moor_error err = {0};
    if (subject->kind->is_raw) {
        return; /* its reader ignores the case of names */
    }
    moor_near_fields_open(&fields, value->json, subject->kind);
    while (moor_near_fields_next(&fields, &err)) {
        /*
         * A near field is an error, because the API server would ignore or reject it and its image
         * would never be seen.
         */
        err.offset += subject->offset;
        moor_unread_error(&judging->unread, document, &err);
        err = (struct moor_error){0};
    }
}

/* --- values ----------------------------------------------------------------------------------- */

static bool is_included(const struct moor_judging *judging, enum moor_input_format format)
{
    return format != MOOR_INPUT_FORMAT_COUNT && (judging->formats & moor_input_bit(format)) != 0;
}

/* Evaluates a file of another tool, or counts it. */
static void judge_other(struct moor_judging *judging, const struct moor_document *document,
                        struct moor_subject *subject, const struct moor_manifest *value)
{
    /* Values of a chart have no mark, so they are recognized only in a file that the user names. */
    if (subject->format == MOOR_INPUT_FORMAT_COUNT && judging->is_operand && value->is_object &&
        (is_included(judging, MOOR_INPUT_HELM_VALUES) || moor_subject_is_values(document, value))) {
        subject->format = MOOR_INPUT_HELM_VALUES;
    }
    if (is_included(judging, subject->format)) {
        judging->recognised++;
        judge_subject(judging, document, subject, value);
    } else {
        moor_unread_other(&judging->unread, document->path, subject->format);
    }
}

/* Evaluates a value of a document: an object, an item of a list, or a file of another tool. */
static void judge_value(struct moor_judging *judging, const struct moor_document *document,
                        const struct moor_manifest *value)
{
    struct moor_subject subject;
    struct moor_error err = {0};
    bool is_item = judging->manifests.has_lists;
    /* `values` and `recognised` decide later whether the file contained anything at all. */
    judging->values += !value->is_null || is_item;
    judging->recognised += value->is_object && value->kind.len > 0 && value->has_api_version;
    if (moor_subject_classify(&subject, judging->policy, document, value, is_item, &err) != 0 ||
        moor_suppressions_object(&judging->findings.suppressions, value->json, &err) != 0) {
        err.offset = subject.offset;
        moor_unread_error(&judging->unread, document, &err);
        return;
    }
    switch (subject.type) {
    case MOOR_SUBJECT_NOTHING:
        return;
    case MOOR_SUBJECT_OBJECT:
        report_near_fields(judging, document, &subject, value);
        judge_subject(judging, document, &subject, value);
        return;
    case MOOR_SUBJECT_FORMAT:
        judge_subject(judging, document, &subject, value);
        return;
    case MOOR_SUBJECT_PLAIN_KIND:
        moor_report_tally(judging->report, MOOR_UNJUDGED_PLAIN_KIND, value->kind);
        return;
    case MOOR_SUBJECT_UNKNOWN_KIND:
        moor_unread_kind(&judging->unread, value);
        return;
    case MOOR_SUBJECT_OTHER:
        judge_other(judging, document, &subject, value);
        return;
    }
}

/* --- documents -------------------------------------------------------------------------------- */

static void judge_dockerfile(struct moor_judging *judging, const struct moor_document *document)
{
    static const struct moor_subject subject = {.type = MOOR_SUBJECT_OTHER,
                                                .format = MOOR_INPUT_DOCKERFILE};
    judging->values++;
    judge_subject(judging, document, &subject, NULL);
}

/* Evaluates the objects of a manifest, or the value of another tool's file. */
static void judge_values(struct moor_judging *judging, const struct moor_document *document)
{
    struct moor_arena *arena = &judging->workspace.arena;
    struct moor_manifest value;
    struct moor_error err = {0};
    int status = 0;
    moor_arena_reset(arena);
    moor_manifest_open(&judging->manifests, document->text, arena);
    while ((status = moor_manifest_next(&value, &judging->manifests, &err)) > 0) {
        judge_value(judging, document, &value);
        /*
         * Each value is evaluated alone, so that the arena has to hold the images of one value
         * only.
         */
        moor_arena_reset(arena);
    }
    if (status < 0) {
        err.offset = judging->manifests.error_offset;
        moor_unread_error(&judging->unread, document, &err);
    }
    judging->values += judging->manifests.has_lists;
    judging->recognised += judging->manifests.has_lists;
}

static void judge_document(struct moor_judging *judging, const struct moor_document *document)
{
    size_t objects = judging->report->objects;
    if (!document->is_whole) {
        judge_values(judging, document);
    } else {
        judge_dockerfile(judging, document);
    }
    moor_suppressions_end_document(&judging->findings.suppressions, judging->report, document,
                                   judging->report->objects > objects);
}

/* Prepares the mapping of positions from the output of a renderer to its templates. */
static void begin_document(struct moor_judging *judging, const struct moor_document *document)
{
    const struct moor_positions *positions = document->positions;
    if (judging->rendering != NULL) {
        uint32_t line =
            positions != NULL && positions->count > 0 ? positions->items[0].position.line : 0;
        moor_rendering_document(judging->rendering, line);
    }
}

/*
 * Returns whether a file that is not JSON in spite of its name is a file of another tool, such as a
 * tsconfig.json with comments.  A manifest has an apiVersion, and a task definition its containers.
 */
static bool is_other_json(const struct moor_judging *judging, struct moor_slice path)
{
    static const char *const signs[] = {"\"apiVersion\"", "\"containerDefinitions\"",
                                        "\"taskDefinition\""};
    struct moor_slice text = moor_buf_slice(&judging->source.bytes);
    bool is_meant = judging->is_operand || !moor_slice_ends_with(path, MOOR_SLICE(".json"));
    for (size_t i = 0; !is_meant && i < MOOR_ARRAY_SIZE(signs); i++) {
        is_meant = memmem(text.ptr, text.len, signs[i], strlen(signs[i])) != NULL;
    }
    return !is_meant;
}

/* Counts or reports a document that cannot be parsed. */
static void pass_document(struct moor_judging *judging, const struct moor_document *document,
                          const struct moor_error *err)
{
    if (is_other_json(judging, document->path)) {
        judging->values++;
        moor_unread_other(&judging->unread, document->path, MOOR_INPUT_FORMAT_COUNT);
    } else {
        moor_report_add_input_error(judging->report, document->path, err);
    }
    /* The comments of a document that cannot be parsed cannot be told from its text. */
    judging->findings.suppressions.is_certain = false;
}

/* --- files ------------------------------------------------------------------------------------ */

static void begin_file(struct moor_judging *judging, struct moor_slice path)
{
    struct moor_slice text = moor_buf_slice(&judging->source.bytes);
    unsigned dockerfile = moor_input_bit(MOOR_INPUT_DOCKERFILE);
    judging->report->files++;
    judging->values = 0;
    judging->recognised = 0;
    judging->findings.rendering = judging->rendering;
    moor_unread_file(&judging->unread, judging->rendering);
    if (judging->rendering != NULL) {
        moor_rendering_open(judging->rendering, text);
    }
    moor_suppressions_file(&judging->findings.suppressions, text, judging->rendering != NULL);
    /* A Dockerfile is neither YAML nor JSON, so its name decides before its content is parsed. */
    moor_documents_open(&judging->documents, &judging->source, path,
                        moor_input_is_named(judging->formats & dockerfile, path));
}

/* The command before the pipe may have printed something else than manifests. */
static void fail_stdin(struct moor_report *report)
{
    struct moor_error err = {0};
    (void)moor_error_set(&err, MOOR_ERROR_VALUE,
                         "standard input contains no Kubernetes object: check the output of the "
                         "command before the pipe");
    moor_report_add_input_error(report, MOOR_SLICE("-"), &err);
}

void moor_judging_file(struct moor_judging *judging, struct moor_slice path)
{
    struct moor_report *report = judging->report;
    size_t first = report->finding_count;
    size_t before = report->input_error_count;
    struct moor_document document;
    struct moor_error err = {0};
    int status = 0;
    begin_file(judging, path);
    while ((status = moor_documents_next(&document, &judging->documents, &err)) != 0) {
        document.is_in_chart = judging->is_in_chart;
        if (status > 0) {
            begin_document(judging, &document);
            judge_document(judging, &document);
        } else {
            pass_document(judging, &document, &err);
        }
        err = (struct moor_error){0};
    }
    moor_suppressions_end_file(&judging->findings.suppressions, report, path);
    /*
     * A file with an error was not read completely, so its baseline entries must not become stale.
     */
    if (report->input_error_count == before) {
        moor_report_add_read(report, path);
        if (judging->is_stdin && judging->recognised == 0) {
            fail_stdin(report);
        } else if (judging->values == 0) {
            moor_report_tally(report, MOOR_UNJUDGED_EMPTY, path);
        }
    }
    /*
     * Findings are in the order of path expressions until here; users read a file from top to
     * bottom.
     */
    moor_report_sort(report, first);
}
