/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/check/unread.h"

#define NAME_MAX_BYTES ((size_t)64 * 1024)

void moor_unread_init(struct moor_unread *out, struct moor_report *report)
{
    *out = (struct moor_unread){.report = report};
    moor_buf_init(&out->name, NAME_MAX_BYTES);
}

void moor_unread_release(struct moor_unread *unread)
{
    moor_buf_release(&unread->name);
}

void moor_unread_file(struct moor_unread *unread, struct moor_rendering *rendering)
{
    unread->rendering = rendering;
    unread->errors = 0;
}

/* Counts one value under the name in the buffer. */
static void tally_name(struct moor_unread *unread, enum moor_unjudged why)
{
    moor_report_tally(unread->report, why, moor_buf_slice(&unread->name));
}

/* --- errors ----------------------------------------------------------------------------------- */

/* Reports an error at the offset in the document.  Only the first errors of a file are listed. */
static void add_error(struct moor_unread *unread, const struct moor_document *document,
                      size_t offset, const char *text)
{
    unread->errors++;
    /*
     * One more error than the limit is reported, with a text that tells the user that the list is
     * cut.
     */
    if (unread->errors > MOOR_UNREAD_MAX_ERRORS + 1) {
        return;
    }
    struct moor_report_finding place = {.file = document->path,
                                        .position = moor_document_position(document, offset)};
    /*
     * The output of helm or kustomize is not in a file that a user can edit, so the error is
     * reported in the template.
     */
    if (unread->rendering != NULL) {
        place.line = moor_source_line(document->source, place.position.line);
        moor_rendering_place(unread->rendering, &place);
    }
    struct moor_error err = {.line = place.position.line, .column = place.position.column};
    (void)moor_error_set(&err, MOOR_ERROR_VALUE, "%s",
                         unread->errors <= MOOR_UNREAD_MAX_ERRORS
                             ? text
                             : "more errors in this file are not listed");
    moor_report_add_input_error(unread->report, place.file, &err);
}

void moor_unread_error(struct moor_unread *unread, const struct moor_document *document,
                       const struct moor_error *err)
{
    /*
     * A reader that knows the line in the file sets it; the others set the offset in the document.
     */
    if (err->line > 0) {
        moor_report_add_input_error(unread->report, document->path, err);
    } else {
        add_error(unread, document, err->offset, err->text);
    }
}

/* --- values ----------------------------------------------------------------------------------- */

void moor_unread_kind(struct moor_unread *unread, const struct moor_manifest *value)
{
    moor_buf_clear(&unread->name);
    moor_buf_append(&unread->name, value->kind);
    moor_buf_append_byte(&unread->name, '.');
    /*
     * The core group has an empty name in `apiVersion: v1`.  `Pod.core` shows that the group is not
     * missing.
     */
    moor_buf_append(&unread->name, value->group.len > 0 ? value->group : MOOR_SLICE("core"));
    tally_name(unread, MOOR_UNJUDGED_UNKNOWN_KIND);
}

void moor_unread_other(struct moor_unread *unread, struct moor_slice path,
                       enum moor_input_format format)
{
    if (format == MOOR_INPUT_FORMAT_COUNT) {
        moor_report_tally(unread->report, MOOR_UNJUDGED_NO_OBJECT, path);
    } else {
        moor_report_tally(unread->report, MOOR_UNJUDGED_FORMAT,
                          moor_slice_from(moor_input_format_name(format)));
    }
}

void moor_unread_chart(struct moor_unread *unread, const char *directory, const char *why)
{
    moor_buf_clear(&unread->name);
    moor_buf_printf(&unread->name, "%s %s", directory, why);
    tally_name(unread, MOOR_UNJUDGED_CHART);
}

void moor_unread_imageless(struct moor_unread *unread, const struct moor_document *document,
                           size_t offset, const struct moor_report_finding *object)
{
    /*
     * The objects are only counted by default: most manifests have many of them, and none is an
     * error.
     */
    moor_report_tally(unread->report, MOOR_UNJUDGED_NO_IMAGE, object->kind);
    if (!unread->lists_all) {
        return;
    }
    struct moor_position position = moor_document_position(document, offset);
    moor_buf_clear(&unread->name);
    moor_buf_append_text(&unread->name, "no image found in ");
    moor_report_append_object(&unread->name, object);
    moor_report_add_note(unread->report, document->path, &position, moor_buf_slice(&unread->name));
}

/* --- images ----------------------------------------------------------------------------------- */

static void tally_images(struct moor_report *report, enum moor_unjudged why, struct moor_slice name,
                         size_t count)
{
    /*
     * The count is a number of images in one file, so that the size of the file bounds this loop.
     */
    for (; count > 0; count--) {
        moor_report_tally(report, why, name);
    }
}

static void tally_templates(struct moor_unread *unread, struct moor_slice path, size_t count)
{
    moor_buf_clear(&unread->name);
    moor_buf_append_text(&unread->name, "template ");
    moor_buf_append(&unread->name, path);
    tally_images(unread->report, MOOR_UNJUDGED_IMAGE, moor_buf_slice(&unread->name), count);
}

/* Lists where they are.  The lines show the images. */
static void list_skipped(struct moor_unread *unread, const struct moor_images_found *found)
{
    for (size_t i = 0; i < found->skipped.count; i++) {
        const struct moor_skipped *item = &found->skipped.items[i];
        struct moor_report_finding place = {
            .file = found->document->path,
            .position = moor_document_position(found->document, found->offset + item->offset)};
        if (unread->rendering != NULL) {
            place.line = moor_source_line(found->document->source, place.position.line);
            moor_rendering_place(unread->rendering, &place);
        }
        moor_report_add_note(unread->report, place.file, &place.position,
                             item->is_untagged
                                 ? MOOR_SLICE("the tag of this image is set elsewhere")
                                 : MOOR_SLICE("this image is unresolved: another program or file "
                                              "sets it"));
    }
}

void moor_unread_images(struct moor_unread *unread, const struct moor_images_found *found)
{
    struct moor_slice kind = found->request.kind;
    /*
     * Both are counted, not denied: the image of the running workload is evaluated by the webhook
     * when it is known.
     */
    tally_images(unread->report, MOOR_UNJUDGED_IMAGE, kind, found->unknown);
    tally_images(unread->report, MOOR_UNJUDGED_TAG, kind, found->untagged);
    tally_templates(unread, found->document->path, found->templates);
    if (unread->lists_all) {
        list_skipped(unread, found);
    }
    if (found->malformed.code != MOOR_ERROR_NONE) {
        add_error(unread, found->document, found->malformed.offset, found->malformed.text);
    }
}
