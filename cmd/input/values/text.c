/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/values/text.h"

#include "policy/base/array_size.h"

/* A longer text is no image in practice, and most long texts are scripts. */
#define LONGEST_IMAGE 512

static bool contains(struct moor_slice text, const char *part)
{
    return text.len > 0 && memmem(text.ptr, text.len, part, strlen(part)) != NULL;
}

bool moor_values_text_has_host(const struct moor_reference *reference)
{
    /* The parser adds docker.io to a short name, and such a domain is not a part of the text. */
    return reference->domain.len > 0 && reference->repository.len > reference->domain.len &&
           moor_slice_starts_with(reference->repository, reference->domain);
}

bool moor_values_text_is_image(struct moor_slice text)
{
    /* Cheap tests first: each text of all values comes through here. */
    struct moor_reference reference;
    if (text.len == 0 || text.len > LONGEST_IMAGE || memchr(text.ptr, '/', text.len) == NULL ||
        memchr(text.ptr, ':', text.len) == NULL ||
        moor_reference_parse(&reference, text, NULL) != 0) {
        return false;
    }
    /*
     * `host:port/path` and `user/file:line` also parse as references.  A dot in the host and a tag
     * leave few texts that are none.
     */
    return moor_values_text_has_host(&reference) && contains(reference.domain, ".") &&
           (reference.tag.len > 0 || reference.digest.len > 0);
}

bool moor_values_text_is_unresolved(struct moor_slice text)
{
    /*
     * Templates of Helm, variables of a shell or of Flux, and placeholders such as `<tag>`; none of
     * these characters is valid in a reference.
     */
    return contains(text, "{{") || contains(text, "$") || contains(text, "<");
}

bool moor_values_text_is_file(struct moor_slice text)
{
    /* Charts of web applications have logos as `image`, and those of virtual machines disks. */
    static const char *const endings[] = {".png", ".jpg", ".jpeg", ".svg",   ".gif", ".webp",
                                          ".ico", ".iso", ".img",  ".qcow2", ".gz",  ".xz",
                                          ".tar", ".zip", ".raw",  ".bin"};
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(endings); i++) {
        if (moor_slice_ends_with(text, moor_slice_from(endings[i]))) {
            return true;
        }
    }
    return false;
}
