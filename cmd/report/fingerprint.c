/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/evp.h>

#include "cmd/report/fingerprint.h"

#include "policy/base/escape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_BYTES ((size_t)64 * 1024)

/* A column must not begin with `#`, because such a line is a comment in a baseline. */
static void append_column(struct moor_buf *out, struct moor_slice text)
{
    if (moor_slice_starts_with(text, MOOR_SLICE("#"))) {
        moor_buf_append_text(out, "\\x23");
        text = moor_slice_sub(text, 1, text.len);
    }
    moor_escape_append(out, text, SIZE_MAX);
}

/* The index changes when a container is inserted before, so the name identifies it better. */
static struct moor_slice where(const struct moor_report_finding *finding)
{
    return finding->container.len > 0 ? finding->container : finding->path;
}

/* The line is left out, so that a finding keeps its fingerprint if lines are added above it. */
void moor_fingerprint_append(struct moor_buf *out, const struct moor_report_finding *finding)
{
    struct moor_buf object;
    moor_buf_init(&object, NAME_MAX_BYTES);
    moor_report_append_object(&object, finding);
    append_column(out, finding->file);
    moor_buf_append_byte(out, '\t');
    append_column(out, moor_buf_slice(&object));
    moor_buf_append_byte(out, '\t');
    append_column(out, where(finding));
    moor_buf_append_byte(out, '\t');
    append_column(out, finding->image);
    moor_buf_release(&object);
}

/* Readers compare fingerprints only, so half of the SHA-256 is long enough. */
static void digest(struct moor_fingerprint *out, struct moor_slice text)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[EVP_MAX_MD_SIZE] = {0};
    (void)EVP_Digest(text.ptr, text.len, bytes, NULL, EVP_sha256(), NULL);
    for (size_t i = 0; i < 16; i++) {
        out->text[2 * i] = digits[bytes[i] >> 4];
        out->text[2 * i + 1] = digits[bytes[i] & 15U];
    }
    out->text[32] = '\0';
}

/* A fingerprint and the index of its finding. */
struct numbered {
    struct moor_fingerprint fingerprint;
    size_t index;
};

static int by_fingerprint(const void *left, const void *right)
{
    const struct numbered *a = left;
    const struct numbered *b = right;
    int order = memcmp(a->fingerprint.text, b->fingerprint.text, sizeof a->fingerprint.text);
    return order != 0 ? order : a->index < b->index ? -1 : 1;
}

/* Stores the fingerprints by index.  Those of the second finding and later ones get a number. */
static void number_all(struct moor_fingerprint *out, const struct numbered *sorted, size_t count)
{
    size_t same = 0;
    for (size_t i = 0; i < count; i++) {
        const char *text = sorted[i].fingerprint.text;
        same = i > 0 && strcmp(text, sorted[i - 1].fingerprint.text) == 0 ? same + 1 : 0;
        out[sorted[i].index] = sorted[i].fingerprint;
        if (same > 0) {
            char name[64];
            int len = snprintf(name, sizeof name, "%s\t%zu", text, same + 1);
            digest(&out[sorted[i].index], (struct moor_slice){name, (size_t)len});
        }
    }
}

/* Equal findings of a file, such as one image in two documents, are numbered in their order. */
struct moor_fingerprint *moor_fingerprints_of(const struct moor_report *report)
{
    size_t count = report->finding_count;
    struct moor_fingerprint *all = calloc(count + 1, sizeof *all);
    struct numbered *sorted = calloc(count + 1, sizeof *sorted);
    struct moor_buf name;
    moor_buf_init(&name, NAME_MAX_BYTES);
    for (size_t i = 0; all != NULL && sorted != NULL && i < count; i++) {
        moor_buf_clear(&name);
        moor_fingerprint_append(&name, &report->findings[i]);
        sorted[i].index = i;
        digest(&sorted[i].fingerprint, moor_buf_slice(&name));
    }
    moor_buf_release(&name);
    if (all == NULL || sorted == NULL) {
        free(all);
        free(sorted);
        return NULL;
    }
    qsort(sorted, count, sizeof *sorted, by_fingerprint);
    number_all(all, sorted, count);
    free(sorted);
    return all;
}

/* The text of an error has positions, so the file and the order in it identify the error. */
void moor_fingerprint_of_error(struct moor_fingerprint *out,
                               const struct moor_report_input_error *error, size_t number)
{
    struct moor_buf name;
    moor_buf_init(&name, NAME_MAX_BYTES);
    moor_buf_append(&name, error->file);
    moor_buf_printf(&name, "\tinput error\t%zu", number);
    digest(out, moor_buf_slice(&name));
    moor_buf_release(&name);
}
