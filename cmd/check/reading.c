/* SPDX-License-Identifier: Apache-2.0 */
/* Chooses how a file is read: as a Dockerfile, as JSON texts or as YAML documents. */
#include "cmd/check/documents.h"
#include "cmd/input/dockerfile.h"
#include "cmd/input/template.h"

/* --- Dockerfiles ------------------------------------------------------------------------------ */

/* The FROMs as the images of an object, as if a kind had them. */
static int list_froms(struct moor_judging *judging, const struct moor_dockerfile *dockerfile,
                      struct moor_request *request, struct moor_error *err)
{
    struct moor_object *object = &request->object;
    object->is_present = true;
    object->images = moor_arena_alloc(&judging->workspace.arena,
                                      (dockerfile->count + 1) * sizeof *object->images);
    if (object->images == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for a Dockerfile");
    }
    for (size_t i = 0; i < dockerfile->count; i++) {
        const struct moor_dockerfile_from *from = &dockerfile->froms[i];
        if (!from->is_known) {
            moor_report_tally(judging->report, MOOR_UNJUDGED_IMAGE, request->kind);
            continue;
        }
        object->images[object->image_count++] = (struct moor_object_image){
            .text = from->image,
            .name = from->stage,
            .where = MOOR_SLICE("FROM"),
            .index = MOOR_OBJECT_NO_INDEX,
            .offset = from->offset,
        };
    }
    object->image_total = object->image_count;
    return 0;
}

static void judge_dockerfile(struct moor_judging *judging, struct moor_slice file)
{
    struct moor_slice text = moor_buf_slice(&judging->source.bytes);
    size_t count = 0;
    const struct moor_kind *kind = moor_input_kinds(MOOR_INPUT_DOCKERFILE, &count);
    struct moor_request request = {
        .operation = MOOR_OPERATION_CREATE, .kind = kind->kind, .holds = kind};
    const struct moor_document document = {
        .file = file, .json = text, .index = 1, .format = MOOR_INPUT_DOCKERFILE};
    struct moor_dockerfile dockerfile;
    struct moor_error err = {0};
    moor_arena_reset(&judging->workspace.arena);
    if (moor_dockerfile_read(&dockerfile, text, &judging->workspace.arena, &err) != 0 ||
        list_froms(judging, &dockerfile, &request, &err) != 0) {
        moor_report_add_input_error(judging->report, file, &err);
        return;
    }
    moor_document_judge(judging, &document, &request);
}

/* --- files ------------------------------------------------------------------------------------ */

static size_t skip_blanks(struct moor_slice text, size_t at)
{
    while (at < text.len && strchr(" \t\r\n", text.ptr[at]) != NULL && text.ptr[at] != '\0') {
        at++;
    }
    return at;
}

/* The end of the JSON value that begins at `at`; 0 where it is none. */
static size_t json_end(struct moor_slice text, size_t at, struct moor_error *err)
{
    struct moor_json_reader reader;
    struct moor_json_token token;
    moor_json_reader_init(&reader, moor_slice_sub(text, at, text.len));
    enum moor_json_event event = moor_json_next(&reader, &token);
    bool is_open = event == MOOR_JSON_OBJECT_BEGIN || event == MOOR_JSON_ARRAY_BEGIN;
    if (!is_open || moor_json_skip_rest(&reader) != 0) {
        *err = reader.error;
        if (err->code == MOOR_ERROR_NONE) {
            (void)moor_error_set(err, MOOR_ERROR_SYNTAX, "no JSON object begins here");
        }
        return 0;
    }
    return at + (size_t)(reader.at - reader.start);
}

static void report_json_error(struct moor_judging *judging, struct moor_slice file, size_t start,
                              struct moor_error *err)
{
    const char *text = strstr(err->text, ": ");
    struct moor_position position = moor_source_position(&judging->source, start + err->offset, 1);
    struct moor_error fault = {.line = position.line, .column = position.column};
    (void)moor_error_set(&fault, MOOR_ERROR_SYNTAX, "not JSON: %s",
                         text != NULL ? text + 2 : err->text);
    moor_report_add_input_error(judging->report, file, &fault);
}

/* What is read of a file: from where on, and how many documents are before. */
struct progress {
    size_t at;
    size_t index;
};

/* Whether a line `---` begins at `at`, behind a JSON text: what follows is YAML, as for kubectl. */
static bool is_separator(struct moor_slice text, size_t at)
{
    struct moor_slice rest = moor_slice_sub(text, at, text.len);
    return at > 0 && text.ptr[at - 1] == '\n' && moor_slice_starts_with(rest, MOOR_SLICE("---"));
}

/*
 * JSON texts, one behind the other.  Returns false if YAML is to be read: from the start if the
 * first is no JSON, for braces begin YAML too, and templates; else from a line `---` on.
 */
static bool judge_json(struct moor_judging *judging, struct moor_slice file,
                       struct progress *progress)
{
    struct moor_slice text = moor_buf_slice(&judging->source.bytes);
    size_t at = skip_blanks(text, moor_slice_starts_with(text, MOOR_SLICE("\xEF\xBB\xBF")) ? 3 : 0);
    if (at >= text.len || (text.ptr[at] != '{' && text.ptr[at] != '[')) {
        return false;
    }
    for (size_t index = 1; at < text.len; index++) {
        struct moor_error err = {0};
        size_t end = json_end(text, at, &err);
        if (end == 0 && index == 1 && !moor_slice_ends_with(file, MOOR_SLICE(".json"))) {
            return false;
        }
        if (end == 0 && is_separator(text, at)) {
            *progress = (struct progress){at, index - 1};
            return false;
        }
        if (end == 0) {
            report_json_error(judging, file, at, &err);
            return true;
        }
        struct moor_document document = {.file = file,
                                         .json = moor_slice_sub(text, at, end),
                                         .start = at,
                                         .index = index,
                                         .format = MOOR_INPUT_FORMAT_COUNT};
        moor_document_take(judging, &document);
        at = skip_blanks(text, end);
    }
    return true;
}

/* Reports why a document is no YAML.  Returns whether reading on is worth while. */
static bool report_yaml_error(struct moor_judging *judging, struct moor_slice file,
                              struct moor_error *err)
{
    bool is_template = moor_template_explain(err, moor_buf_slice(&judging->source.bytes));
    moor_report_add_input_error(judging->report, file, err);
    return !is_template;
}

static void judge_yaml(struct moor_judging *judging, struct moor_slice file,
                       const struct progress *progress)
{
    struct moor_document document = {
        .file = file, .positions = &judging->yaml.positions, .index = progress->index};
    struct moor_error err = {0};
    int status = 0;
    struct moor_slice text = moor_buf_slice(&judging->source.bytes);
    uint32_t lines = moor_source_position(&judging->source, progress->at, 0).line - 1;
    moor_yaml_json_open(&judging->yaml, moor_slice_sub(text, progress->at, text.len), lines);
    while ((status = moor_yaml_json_next(&judging->yaml, &err)) != 0) {
        document.index++;
        document.json = moor_buf_slice(&judging->yaml.json);
        if (status > 0) {
            moor_document_take(judging, &document);
        } else if (!report_yaml_error(judging, file, &err)) {
            return;
        }
        err = (struct moor_error){0};
    }
}

/* A file without a document is counted; standard input must hold an object. */
static void check_values(struct moor_judging *judging, struct moor_slice file)
{
    struct moor_error err = {0};
    if (moor_slice_is(file, "-") && judging->recognised == 0) {
        (void)moor_error_set(&err, MOOR_ERROR_VALUE,
                             "standard input holds no Kubernetes object: see what the command "
                             "before the pipe printed");
        moor_report_add_input_error(judging->report, file, &err);
    } else if (judging->values == 0) {
        moor_report_tally(judging->report, MOOR_UNJUDGED_EMPTY, file);
    }
}

void moor_judging_file(struct moor_judging *judging, struct moor_slice file)
{
    size_t first = judging->report->finding_count;
    size_t faults = judging->report->fault_count;
    struct progress progress = {0};
    judging->report->files++;
    judging->faults = 0;
    judging->values = 0;
    judging->recognised = 0;
    if (moor_input_is_named(judging->formats & moor_input_bit(MOOR_INPUT_DOCKERFILE), file)) {
        judge_dockerfile(judging, file);
        judging->values++;
    } else if (!judge_json(judging, file, &progress)) {
        judge_yaml(judging, file, &progress);
    }
    if (judging->report->fault_count == faults) {
        check_values(judging, file);
    }
    moor_report_sort(judging->report, first);
}

void moor_judging_namespaces(struct moor_judging *judging, struct moor_namespaces *out)
{
    struct moor_slice text = moor_buf_slice(&judging->source.bytes);
    struct moor_report *report = judging->report;
    if (text.len == 0 || memmem(text.ptr, text.len, "Namespace", 9) == NULL) {
        return;
    }
    moor_report_init(&judging->unheard);
    judging->report = &judging->unheard;
    judging->collecting = out;
    moor_judging_file(judging, (struct moor_slice){0});
    judging->collecting = NULL;
    judging->report = report;
    report->failed |= judging->unheard.failed;
    moor_report_release(&judging->unheard);
}
