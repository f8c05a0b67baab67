/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/evidence/image_id.h"

#include "cmd/evidence/lock.h"
#include "policy/base/array_size.h"
#include "policy/image/reference_name.h"

/* A canonical name is longer than its spelling by at most `docker.io/library/`. */
#define MAX_NAME_BYTES ((size_t)MOOR_REFERENCE_MAX_BYTES + 64)

static const struct {
    const char *name;
    const char *phrase;
} results[] = {
    [MOOR_IMAGE_ID_DIGEST] = {"digest", "with a digest"},
    [MOOR_IMAGE_ID_PINNED] = {"pinned", "pinned by digest"},
    [MOOR_IMAGE_ID_WAITING] = {"notPulled", "not pulled yet"},
    [MOOR_IMAGE_ID_LOCAL] = {"local", "imported on the node"},
    [MOOR_IMAGE_ID_ELSEWHERE] = {"otherRepository", "pulled under another name"},
    [MOOR_IMAGE_ID_INVALID] = {"invalid", "with an invalid reference"},
};

const char *moor_image_id_name(enum moor_image_id result)
{
    return results[result].name;
}

const char *moor_image_id_phrase(enum moor_image_id result)
{
    return results[result].phrase;
}

/* The prefixes of dockershim and cri-dockerd, in this order: one is the start of no other. */
static struct moor_slice without_scheme(struct moor_slice image_id)
{
    static const char *const schemes[] = {"docker-pullable://", "docker://"};
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        struct moor_slice scheme = moor_slice_from(schemes[i]);
        if (moor_slice_starts_with(image_id, scheme)) {
            return moor_slice_sub(image_id, scheme.len, image_id.len);
        }
    }
    return image_id;
}

/* Returns whether the text is a digest or its digits, without the name of a repository. */
static bool is_bare(struct moor_slice image_id)
{
    /*
     * Images that were loaded into a node have the digest of their configuration as ID, which no
     * registry can pull.
     */
    static const char plain[] = "0123456789abcdef";
    struct moor_slice hex = moor_slice_starts_with(image_id, MOOR_SLICE("sha256:"))
                                ? moor_slice_sub(image_id, 7, image_id.len)
                                : image_id;
    for (size_t i = 0; i < hex.len; i++) {
        if (memchr(plain, hex.ptr[i], sizeof plain - 1) == NULL) {
            return false;
        }
    }
    return hex.len == 64;
}

/* Returns whether both are in one repository, however the registry is spelled. */
static bool is_same_repository(const struct moor_reference *left,
                               const struct moor_reference *right)
{
    struct moor_buf names[2];
    moor_buf_init(&names[0], MAX_NAME_BYTES);
    moor_buf_init(&names[1], MAX_NAME_BYTES);
    moor_reference_append_name(&names[0], left);
    moor_reference_append_name(&names[1], right);
    bool is_same = !names[0].failed && !names[1].failed &&
                   moor_slice_equal(moor_buf_slice(&names[0]), moor_buf_slice(&names[1]));
    moor_buf_release(&names[0]);
    moor_buf_release(&names[1]);
    return is_same;
}

enum moor_image_id moor_image_id_read(struct moor_slice *digest, struct moor_buf *name,
                                      struct moor_slice image, struct moor_slice image_id)
{
    struct moor_reference reference;
    struct moor_reference pulled;
    struct moor_error ignored = {0};
    if (moor_reference_parse(&reference, image, &ignored) != 0) {
        return MOOR_IMAGE_ID_INVALID;
    }
    /* The digest that the user wrote is decisive, whatever the runtime reports. */
    if (reference.digest.len > 0) {
        return MOOR_IMAGE_ID_PINNED;
    }
    if (image_id.len == 0) {
        return MOOR_IMAGE_ID_WAITING;
    }
    struct moor_slice id = without_scheme(image_id);
    if (is_bare(id)) {
        return MOOR_IMAGE_ID_LOCAL;
    }
    if (moor_reference_parse(&pulled, id, &ignored) != 0) {
        return MOOR_IMAGE_ID_INVALID;
    }
    /* A name without a digest is that of an image that was built or imported on the node. */
    if (pulled.digest.len == 0) {
        return MOOR_IMAGE_ID_LOCAL;
    }
    /*
     * Runtimes report one name of an image that has several.  The digest of a mirror need not exist
     * in the repository of the reference.
     */
    if (!is_same_repository(&reference, &pulled)) {
        return MOOR_IMAGE_ID_ELSEWHERE;
    }
    *digest = pulled.digest;
    return moor_lock_append_name(name, &reference) ? MOOR_IMAGE_ID_DIGEST : MOOR_IMAGE_ID_PINNED;
}
