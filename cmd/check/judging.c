/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/check/judging.h"

#include "policy/base/array_size.h"
#include "policy/json/reader.h"
#include "policy/object/reader.h"

/* A document of 50 MB with an image in every second line needs less. */
#define PARTS_MAX_BYTES ((size_t)256 * 1024 * 1024)

int moor_judging_init(struct moor_judging *out, const struct moor_policy *policy,
                      struct moor_report *report, struct moor_error *err)
{
    *out = (struct moor_judging){.policy = policy, .report = report};
    moor_source_init(&out->source);
    moor_findings_init(&out->findings, report);
    moor_unread_init(&out->unread, report);
    moor_arena_init(&out->parts, PARTS_MAX_BYTES);
    return moor_workspace_init(&out->workspace, err) != 0 ||
                   moor_documents_init(&out->documents, err) != 0 ||
                   moor_embedded_init(&out->embedded, err) != 0 ||
                   moor_format_images_init(&out->images, err) != 0
               ? -1
               : 0;
}

void moor_judging_release(struct moor_judging *judging)
{
    moor_unread_release(&judging->unread);
    moor_embedded_release(&judging->embedded);
    moor_arena_release(&judging->parts);
    moor_findings_release(&judging->findings);
    moor_workspace_release(&judging->workspace);
    moor_documents_release(&judging->documents);
    moor_format_images_release(&judging->images);
    moor_source_release(&judging->source);
}

/* --- objects ---------------------------------------------------------------------------------- */

/*
 * Evaluates `request`, whose object was read, and reports findings.  Returns -1 after an input
 * error.
 */
static int judge_request(struct moor_judging *judging, const struct moor_document *document,
                         const struct moor_subject *subject, struct moor_request *request)
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
    } else if (judging->labels.count > 0) {
        request->labels = judging->labels.items;
        request->label_count = judging->labels.count;
    }
    judging->report->unlabelled += judging->needs_labels && known == NULL &&
                                   judging->labels.count == 0 &&
                                   subject->type == MOOR_SUBJECT_OBJECT;
    const struct moor_judge_context context = {judging->environment, judging->now};
    if (moor_judge(&verdict, judging->policy, request, &context, &judging->workspace, &err) != 0) {
        err.offset = subject->offset;
        moor_unread_error(&judging->unread, document, &err);
        return -1;
    }
    moor_findings_add(&judging->findings, document, subject, &verdict);
    return 0;
}

static void judge_object(struct moor_judging *judging, const struct moor_document *document,
                         const struct moor_subject *subject, const struct moor_manifest *value)
{
    struct moor_request request = {
        .operation = MOOR_OPERATION_CREATE,
        .group = value->group,
        .kind = value->kind,
        .namespace = value->namespace.len > 0 ? value->namespace : judging->namespace,
        .name = value->name,
        .resource = subject->kind->resource,
        .holds = subject->kind,
    };
    struct moor_json_reader reader;
    struct moor_error err = {0};
    moor_json_reader_init(&reader, value->json);
    if (moor_object_read(&request.object, &reader, subject->kind, &judging->policy->annotations,
                         &judging->workspace.arena, &err) != 0) {
        err.offset = subject->offset + (size_t)(reader.at - reader.start);
        moor_unread_error(&judging->unread, document, &err);
        return;
    }
    if (request.object.image_count == 0 && request.object.malformed.len == 0) {
        const struct moor_report_finding seen = {
            .kind = request.kind, .namespace = request.namespace, .name = request.name};
        moor_unread_imageless(&judging->unread, document, subject->offset, &seen);
    }
    judging->report->objects += judge_request(judging, document, subject, &request) == 0;
}

/* Counts the images that the file does not determine, and reports where it is malformed. */
static void tally_unread(struct moor_judging *judging, const struct moor_document *document,
                         struct moor_slice kind, const struct moor_format_unread *unread)
{
    for (size_t i = 0; i < unread->unknown; i++) {
        moor_report_tally(judging->report, MOOR_UNJUDGED_IMAGE, kind);
    }
    moor_buf_clear(&judging->unread.name);
    moor_buf_append_text(&judging->unread.name, "template ");
    moor_buf_append(&judging->unread.name, document->path);
    for (size_t i = 0; i < unread->templates; i++) {
        moor_report_tally(judging->report, MOOR_UNJUDGED_IMAGE,
                          moor_buf_slice(&judging->unread.name));
    }
    judging->values -= unread->is_empty;
    if (unread->malformed.code != MOOR_ERROR_NONE) {
        moor_unread_error(&judging->unread, document, &unread->malformed);
    }
}

/* Evaluates the images of one path expression in a file of another tool. */
static int judge_part(struct moor_judging *judging, const struct moor_document *document,
                      const struct moor_subject *subject, size_t part)
{
    const struct moor_kind *kind = moor_format_images_kind(&judging->images, subject->format, part);
    struct moor_request request = {
        .operation = MOOR_OPERATION_CREATE, .kind = kind->kind, .holds = kind};
    struct moor_error err = {0};
    struct moor_format_unread unread;
    moor_arena_reset(&judging->workspace.arena);
    const struct moor_format_part source = {document, subject->format, part};
    if (moor_format_images_read(&request.object, &unread, &judging->images, &source,
                                &judging->workspace.arena, &err) != 0) {
        moor_unread_error(&judging->unread, document, &err);
        return -1;
    }
    tally_unread(judging, document, kind->kind, &unread);
    return request.object.image_count > 0 ? judge_request(judging, document, subject, &request) : 0;
}

/* --- images in parts -------------------------------------------------------------------------- */

static void tally_images(struct moor_judging *judging, enum moor_unjudged why,
                         struct moor_slice kind, size_t count)
{
    for (; count > 0; count--) {
        moor_report_tally(judging->report, why, kind);
    }
}

/* Evaluates the images of one value, such as the values of a HelmRelease. */
static int judge_shaped(struct moor_judging *judging, struct moor_shaped *shaped,
                        const struct moor_subject *subject, struct moor_request *request)
{
    struct moor_values_found found;
    struct moor_error err = {0};
    moor_values_found_clear(&found);
    if (moor_shapes_read(&found, shaped, &judging->embedded, &judging->parts, &err) != 0) {
        err.offset += subject->offset;
        moor_unread_error(&judging->unread, shaped->document, &err);
        return -1;
    }
    tally_images(judging, MOOR_UNJUDGED_IMAGE, request->kind, found.unresolved);
    tally_images(judging, MOOR_UNJUDGED_TAG, request->kind, found.untagged);
    judging->found += found.unresolved + found.untagged + found.object.image_total;
    if (found.object.image_total == 0) {
        return 0;
    }
    struct moor_subject read = *subject;
    read.notes = found.notes;
    if (shaped->read.text.ptr != shaped->document->text.ptr) {
        read.offset = 0;
        read.outer = shaped->document;
        read.outer_offset = subject->offset;
        read.string_offset =
            (size_t)(shaped->selected->json.ptr - shaped->document->text.ptr) - subject->offset;
    }
    request->object = found.object;
    return judge_request(judging, &shaped->read, &read, request);
}

/* Evaluates the images at one path expression, which are written in parts. */
static int judge_parts(struct moor_judging *judging, const struct moor_document *document,
                       const struct moor_subject *subject, const struct moor_manifest *value,
                       size_t part)
{
    const struct moor_format *row = moor_format_row(subject->format);
    const struct moor_kind *kind = moor_format_images_kind(&judging->images, subject->format, part);
    struct moor_request request = {.operation = MOOR_OPERATION_CREATE,
                                   .group = value->group,
                                   .kind = subject->type == MOOR_SUBJECT_FORMAT ? value->kind
                                                                                : kind->kind,
                                   .name = value->name,
                                   .holds = kind};
    struct moor_lookup values;
    struct moor_error err = {0};
    moor_arena_reset(&judging->parts);
    if (moor_shapes_namespace(&request.namespace, row, value, &judging->parts, &err) != 0 ||
        moor_lookup_find(&values, value->json, row->paths[part].expression, &judging->parts,
                         &err) != 0) {
        err.offset = subject->offset;
        moor_unread_error(&judging->unread, document, &err);
        return -1;
    }
    if (request.namespace.len == 0) {
        request.namespace = judging->namespace;
    }
    for (size_t i = 0; i < values.count; i++) {
        struct moor_shaped shaped = {.shape = row->paths[part].shape,
                                     .document = document,
                                     .base = subject->offset,
                                     .selected = &values.items[i]};
        if (judge_shaped(judging, &shaped, subject, &request) != 0) {
            return -1;
        }
    }
    return 0;
}

/* Evaluates a file of another tool, or an object of a kind that is a format.  A Dockerfile is no
 * JSON value. */
static void judge_format(struct moor_judging *judging, const struct moor_document *document,
                         const struct moor_subject *subject, const struct moor_manifest *value)
{
    const struct moor_format *row = moor_format_row(subject->format);
    size_t parts = moor_format_images_parts(subject->format);
    judging->found = 0;
    for (size_t part = 0; part < parts; part++) {
        bool is_text = value == NULL || row->paths[part].shape == MOOR_FORMAT_TEXT;
        int status = is_text ? judge_part(judging, document, subject, part)
                             : judge_parts(judging, document, subject, value, part);
        if (status != 0) {
            return;
        }
    }
    if (subject->type == MOOR_SUBJECT_FORMAT && judging->found == 0) {
        const struct moor_report_finding seen = {
            .kind = value->kind, .namespace = value->namespace, .name = value->name};
        moor_unread_imageless(&judging->unread, document, subject->offset, &seen);
    }
    judging->report->objects++;
}

/* --- values, documents, files ----------------------------------------------------------------- */

static bool is_included(const struct moor_judging *judging, enum moor_input_format format)
{
    return format != MOOR_INPUT_FORMAT_COUNT && (judging->formats & moor_input_bit(format)) != 0;
}

/* Evaluates a file of another tool.  With --include helm-values, an operand can have any name. */
static void judge_other(struct moor_judging *judging, const struct moor_document *document,
                        struct moor_subject *subject, const struct moor_manifest *value)
{
    if (subject->format == MOOR_INPUT_FORMAT_COUNT && judging->is_operand && value->is_object &&
        is_included(judging, MOOR_INPUT_HELM_VALUES)) {
        subject->format = MOOR_INPUT_HELM_VALUES;
    }
    if (!is_included(judging, subject->format)) {
        moor_unread_other(&judging->unread, document->path, subject->format);
        return;
    }
    judging->recognised++;
    judge_format(judging, document, subject, value);
}

/* Evaluates a value of a document: an object, an item of a list, or a file of another tool. */
static void judge_value(struct moor_judging *judging, const struct moor_document *document,
                        const struct moor_manifest *value)
{
    struct moor_subject subject;
    struct moor_error err = {0};
    bool is_item = judging->manifests.has_lists;
    int status = moor_subject_classify(&subject, judging->policy, document, value, is_item, &err);
    /* `values` and `recognised` decide later whether the file contained anything at all. */
    judging->values += !value->is_null || is_item;
    judging->recognised += value->is_object && value->kind.len > 0 && value->has_api_version;
    if (status != 0) {
        err.offset = subject.offset;
        moor_unread_error(&judging->unread, document, &err);
        return;
    }
    if (moor_suppressions_object(&judging->findings.suppressions, value->json, &err) != 0) {
        err.offset = subject.offset;
        moor_unread_error(&judging->unread, document, &err);
        return;
    }
    switch (subject.type) {
    case MOOR_SUBJECT_NOTHING:
        return;
    case MOOR_SUBJECT_OBJECT:
        judge_object(judging, document, &subject, value);
        return;
    case MOOR_SUBJECT_FORMAT:
        judge_format(judging, document, &subject, value);
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

static void judge_document(struct moor_judging *judging, const struct moor_document *document)
{
    struct moor_arena *arena = &judging->workspace.arena;
    struct moor_manifest value;
    struct moor_error err = {0};
    int status = 0;
    if (document->is_whole) {
        const struct moor_subject subject = {.type = MOOR_SUBJECT_OTHER,
                                             .format = MOOR_INPUT_DOCKERFILE};
        judging->values++;
        judge_format(judging, document, &subject, NULL);
        return;
    }
    moor_arena_reset(arena);
    moor_manifest_open(&judging->manifests, document->text, arena);
    while ((status = moor_manifest_next(&value, &judging->manifests, &err)) > 0) {
        judge_value(judging, document, &value);
        moor_arena_reset(arena);
    }
    if (status < 0) {
        err.offset = judging->manifests.error_offset;
        moor_unread_error(&judging->unread, document, &err);
    }
    judging->values += judging->manifests.has_lists;
    judging->recognised += judging->manifests.has_lists;
}

/* Counts a file without a document.  Standard input must contain an object: see read_source(). */
static void check_values(struct moor_judging *judging, struct moor_slice path)
{
    struct moor_error err = {0};
    if (moor_slice_is(path, "-") && judging->recognised == 0) {
        (void)moor_error_set(&err, MOOR_ERROR_VALUE,
                             "standard input contains no Kubernetes object: check the output of "
                             "the command before the pipe");
        moor_report_add_input_error(judging->report, path, &err);
    } else if (judging->values == 0) {
        moor_report_tally(judging->report, MOOR_UNJUDGED_EMPTY, path);
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

/* Prepares the mapping of positions from the output of a renderer to its templates. */
static void open_rendering(struct moor_judging *judging)
{
    judging->findings.rendering = judging->rendering;
    if (judging->rendering != NULL) {
        moor_rendering_open(judging->rendering, moor_buf_slice(&judging->source.bytes));
    }
}

static void begin_document(struct moor_judging *judging, const struct moor_document *document)
{
    const struct moor_positions *positions = document->positions;
    if (judging->rendering != NULL) {
        uint32_t line =
            positions != NULL && positions->count > 0 ? positions->items[0].position.line : 0;
        moor_rendering_document(judging->rendering, line);
    }
}

void moor_judging_file(struct moor_judging *judging, struct moor_slice path)
{
    struct moor_report *report = judging->report;
    size_t first = report->finding_count;
    size_t before = report->input_error_count;
    struct moor_document document;
    struct moor_error err = {0};
    int status = 0;
    unsigned dockerfile = moor_input_bit(MOOR_INPUT_DOCKERFILE);
    report->files++;
    moor_unread_file(&judging->unread, judging->rendering);
    judging->values = 0;
    judging->recognised = 0;
    open_rendering(judging);
    moor_suppressions_file(&judging->findings.suppressions, moor_buf_slice(&judging->source.bytes));
    /* A Dockerfile is neither YAML nor JSON, so its name decides before its content is parsed. */
    moor_documents_open(&judging->documents, &judging->source, path,
                        moor_input_is_named(judging->formats & dockerfile, path));
    while ((status = moor_documents_next(&document, &judging->documents, &err)) != 0) {
        document.is_in_chart = judging->is_in_chart;
        if (status > 0) {
            begin_document(judging, &document);
            judge_document(judging, &document);
        } else if (is_other_json(judging, path)) {
            judging->values++;
            moor_unread_other(&judging->unread, document.path, MOOR_INPUT_FORMAT_COUNT);
        } else {
            moor_report_add_input_error(report, path, &err);
        }
        err = (struct moor_error){0};
    }
    if (report->input_error_count == before) {
        moor_report_add_read(report, path);
        check_values(judging, path);
    }
    moor_report_sort(report, first);
}
