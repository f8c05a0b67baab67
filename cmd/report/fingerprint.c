/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/evp.h>

#include "cmd/report/fingerprint.h"

#include "policy/base/escape.h"

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

/* GitHub compares fingerprints only, so half of the SHA-256 is long enough. */
void moor_fingerprint_digest(char out[33], const struct moor_report_finding *finding)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char digest[EVP_MAX_MD_SIZE] = {0};
    struct moor_buf name;
    moor_buf_init(&name, NAME_MAX_BYTES);
    moor_fingerprint_append(&name, finding);
    (void)EVP_Digest(name.ptr, name.len, digest, NULL, EVP_sha256(), NULL);
    moor_buf_release(&name);
    for (size_t i = 0; i < 16; i++) {
        out[2 * i] = digits[digest[i] >> 4];
        out[2 * i + 1] = digits[digest[i] & 15U];
    }
    out[32] = '\0';
}
