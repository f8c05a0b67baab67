/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/scan/moved.h"

#include "policy/image/class.h"

#define TEXT_MAX  ((size_t)64 * 1024)
#define INDENT    2
#define MAX_LISTS ((size_t)256) /* digests whose namespaces a finding lists */

struct moor_slice moor_moved_digest(const struct moor_running *running, struct moor_slice image)
{
    struct moor_lock_found found = moor_lock_find(&running->lock, image);
    /*
     * Several digests for one reference mean that the tag has moved, and none of them is the right
     * one.
     */
    return found.count == 1 ? found.entries[0].digest : (struct moor_slice){NULL, 0};
}

/* --- the report of check's formats ------------------------------------------------------------ */

/* Returns whether the comma list has the item. */
static bool has_item(struct moor_slice list, struct moor_slice item)
{
    for (size_t at = 0; at < list.len;) {
        const char *comma = memchr(list.ptr + at, ',', list.len - at);
        size_t end = comma != NULL ? (size_t)(comma - list.ptr) : list.len;
        if (moor_slice_equal(moor_slice_sub(list, at, end), item)) {
            return true;
        }
        at = end + 1;
    }
    return false;
}

/* Adds the items of one list to the other, each once. */
static void merge(struct moor_buf *out, struct moor_slice list)
{
    for (size_t at = 0; at < list.len;) {
        const char *comma = memchr(list.ptr + at, ',', list.len - at);
        size_t end = comma != NULL ? (size_t)(comma - list.ptr) : list.len;
        struct moor_slice item = moor_slice_sub(list, at, end);
        /* The search is linear, which MAX_LISTS and the length of a line keep short. */
        if (!has_item(moor_buf_slice(out), item)) {
            moor_buf_append_text(out, out->len > 0 ? "," : "");
            moor_buf_append(out, item);
        }
        at = end + 1;
    }
}

/* A reference is in many workloads, so that the finding is of the reference itself. */
static void add_finding(struct moor_report *report, const struct moor_running_image *image)
{
    struct moor_buf reason;
    struct moor_buf namespaces;
    moor_buf_init(&reason, TEXT_MAX);
    moor_buf_init(&namespaces, MAX_LISTS * MOOR_LOCK_MAX_LINE_BYTES);
    moor_running_append(&reason, image);
    for (size_t i = 0; i < image->count && i < MAX_LISTS; i++) {
        merge(&namespaces, image->entries[i].namespaces);
    }
    const struct moor_report_finding finding = {
        /*
         * Formats need a file for each finding, and a cluster has none: the reference identifies
         * it.
         */
        .file = image->entries[0].reference,
        .document = 1,
        .kind = MOOR_SLICE("Image"),
        .namespaces = moor_buf_slice(&namespaces),
        .name = image->entries[0].reference,
        .image = image->entries[0].reference,
        .class = MOOR_REPORT_MOVED,
        .level = moor_level_name(MOOR_LEVEL_ROLLING),
        .decision = MOOR_DECISION_WARN,
        .reason = moor_buf_slice(&reason),
        .repair = MOOR_SLICE("pin the digest that is wanted"),
    };
    moor_report_add(report, &finding);
    report->failed = report->failed || reason.failed || namespaces.failed;
    moor_buf_release(&reason);
    moor_buf_release(&namespaces);
}

void moor_moved_report(struct moor_report *report, const struct moor_running *running)
{
    for (size_t i = 0; i < running->image_count; i++) {
        if (running->images[i].is_moved) {
            add_finding(report, &running->images[i]);
        }
    }
}

/* --- JSON and tab-separated values ------------------------------------------------------------ */

/* Writes the items of a comma list as an array. */
static void put_list(struct moor_json_writer *json, const char *name, struct moor_slice list)
{
    moor_json_output_array(json, name);
    for (size_t at = 0; at < list.len;) {
        const char *comma = memchr(list.ptr + at, ',', list.len - at);
        size_t end = comma != NULL ? (size_t)(comma - list.ptr) : list.len;
        moor_json_output_string(json, moor_slice_sub(list, at, end));
        at = end + 1;
    }
    moor_json_array_end(json);
}

static void put_digest(struct moor_json_writer *json, const struct moor_lock_entry *entry)
{
    moor_json_object_begin(json);
    moor_json_output_member(json, "digest", entry->digest);
    moor_json_member_u64(json, "pods", entry->pods);
    put_list(json, "architectures", entry->architectures);
    put_list(json, "namespaces", entry->namespaces);
    moor_json_output_member(json, "seen", entry->seen);
    moor_json_object_end(json);
}

void moor_moved_put_json(struct moor_json_output *output, const struct moor_running *running)
{
    struct moor_json_writer *json = &output->json;
    moor_json_output_array(json, "moved");
    for (size_t i = 0; i < running->image_count; i++) {
        const struct moor_running_image *image = &running->images[i];
        /* The list also has references for which a move is undecided. */
        if (!image->is_moved) {
            continue;
        }
        moor_json_object_begin(json);
        moor_json_output_member(json, "image", image->entries[0].reference);
        moor_json_output_array(json, "digests");
        for (size_t j = 0; j < image->count; j++) {
            put_digest(json, &image->entries[j]);
        }
        moor_json_array_end(json);
        moor_json_object_end(json);
        moor_json_output_flush(output);
    }
    moor_json_array_end(json);
}

void moor_moved_put_counts(struct moor_json_writer *json, const struct moor_running *running)
{
    moor_json_output_object(json, "digests");
    moor_json_member_u64(json, "known", running->counts[MOOR_IMAGE_ID_DIGEST]);
    for (int i = MOOR_IMAGE_ID_DIGEST + 1; i < MOOR_IMAGE_ID_COUNT; i++) {
        moor_json_member_u64(json, moor_image_id_name((enum moor_image_id)i), running->counts[i]);
    }
    moor_json_member_u64(json, "beyondLimit", running->unread);
    moor_json_member_u64(json, "moved", running->moved);
    moor_json_member_u64(json, "undecided", running->undecided);
    moor_json_object_end(json);
}

static void put_line(FILE *out, const struct moor_lock_entry *entry, size_t blank)
{
    (void)fputs("Image\t\t", out);
    moor_page_escape(out, entry->reference);
    (void)fputs("\t\t\t", out);
    moor_page_escape(out, entry->reference);
    (void)fprintf(out, "\t" MOOR_REPORT_MOVED "\t%s\t\t%zu", moor_level_name(MOOR_LEVEL_ROLLING),
                  entry->pods);
    /*
     * The line has the columns of an image, so that one header fits both; occasions do not apply to
     * a tag.
     */
    for (size_t i = 0; i < blank; i++) {
        (void)fputc('\t', out);
    }
    (void)fputc('\t', out);
    moor_page_escape(out, entry->digest);
    (void)fputc('\n', out);
}

void moor_moved_put_tsv(FILE *out, const struct moor_running *running, size_t blank)
{
    for (size_t i = 0; i < running->image_count; i++) {
        const struct moor_running_image *image = &running->images[i];
        for (size_t j = 0; image->is_moved && j < image->count; j++) {
            put_line(out, &image->entries[j], blank);
        }
    }
}

/* --- text ------------------------------------------------------------------------------------- */

void moor_moved_put_text(struct moor_page *page, const struct moor_running *running)
{
    if (running->moved == 0) {
        return;
    }
    moor_page_put(page, MOOR_SHADE_BOLD, MOOR_SLICE("moved tags"));
    (void)fputc('\n', page->out);
    for (size_t i = 0; i < running->image_count; i++) {
        if (running->images[i].is_moved) {
            moor_running_append(&page->text, &running->images[i]);
            moor_page_fold_scratch(page, INDENT);
        }
    }
    (void)fputc('\n', page->out);
}

/* Containers without a digest are counted with the reason: they could hide a moved tag. */
void moor_moved_put_summary(struct moor_page *page, const struct moor_running *running,
                            bool lacks_nodes)
{
    size_t known = running->counts[MOOR_IMAGE_ID_DIGEST];
    moor_buf_printf(&page->text, "digests known of %zu container%s", known,
                    moor_page_plural(known));
    for (int i = MOOR_IMAGE_ID_DIGEST + 1; i < MOOR_IMAGE_ID_COUNT; i++) {
        if (running->counts[i] > 0) {
            moor_buf_printf(&page->text, "; %s %zu", moor_image_id_phrase((enum moor_image_id)i),
                            running->counts[i]);
        }
    }
    if (running->unread > 0) {
        moor_buf_printf(&page->text, "; beyond a limit %zu", running->unread);
    }
    moor_page_fold_scratch(page, 0);
    if (running->undecided > 0) {
        moor_buf_printf(&page->text,
                        "%zu more tag%s ran as several digests on different or unknown "
                        "architectures%s",
                        running->undecided, moor_page_plural(running->undecided),
                        lacks_nodes ? ": nodes are missing" : "");
        moor_page_fold_scratch(page, 0);
    }
}
