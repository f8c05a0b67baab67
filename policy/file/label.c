/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/file/label.h"

/* The limits of Kubernetes: the prefix of a key is a DNS subdomain. */
#define MAX_NAME_BYTES   63
#define MAX_PREFIX_BYTES 253

static bool is_label_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '-';
}

bool moor_label_is_dns(struct moor_slice text)
{
    if (text.len == 0 || text.len > MAX_NAME_BYTES || text.ptr[0] == '-' ||
        text.ptr[text.len - 1] == '-') {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (!is_label_byte(text.ptr[i])) {
            return false;
        }
    }
    return true;
}

static bool is_alphanumeric(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9');
}

/* Kubernetes also allows an empty value, which the texts of a policy file cannot be. */
bool moor_label_is_text(struct moor_slice text)
{
    if (text.len == 0 || text.len > MAX_NAME_BYTES || !is_alphanumeric(text.ptr[0]) ||
        !is_alphanumeric(text.ptr[text.len - 1])) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        char byte = text.ptr[i];
        if (!is_alphanumeric(byte) && byte != '-' && byte != '_' && byte != '.') {
            return false;
        }
    }
    return true;
}

/* Kubernetes rejects a webhook configuration whose selector has another prefix, such as `a..b`. */
static bool is_subdomain(struct moor_slice text)
{
    size_t start = 0;
    for (size_t i = 0; i <= text.len; i++) {
        if (i < text.len && text.ptr[i] != '.') {
            continue;
        }
        if (!moor_label_is_dns(moor_slice_sub(text, start, i))) {
            return false;
        }
        start = i + 1;
    }
    return text.len <= MAX_PREFIX_BYTES;
}

bool moor_label_is_key(struct moor_slice key)
{
    const char *slash = key.len > 0 ? memchr(key.ptr, '/', key.len) : NULL;
    if (slash == NULL) {
        return moor_label_is_text(key);
    }
    struct moor_slice prefix = moor_slice_sub(key, 0, (size_t)(slash - key.ptr));
    return is_subdomain(prefix) && moor_label_is_text(moor_slice_sub(key, prefix.len + 1, key.len));
}
