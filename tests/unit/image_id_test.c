/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "cmd/evidence/image_id.h"
#include "policy/base/array_size.h"

#define HEX  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A    "sha256:" HEX
#define NAME "docker.io/library/nginx:1.27.5"

/* An image and its ID, and what they say. */
struct row {
    const char *name;
    const char *image;
    const char *image_id;
    enum moor_image_id result;
    const char *found; /* the name, for a digest */
};

static const struct row rows[] = {
    {"containerd", "nginx:1.27.5", "docker.io/library/nginx@" A, MOOR_IMAGE_ID_DIGEST, NAME},
    {"docker", "nginx:1.27.5", "docker-pullable://nginx@" A, MOOR_IMAGE_ID_DIGEST, NAME},
    {"another_spelling", "INDEX.docker.io:443/library/nginx:1.27.5", "nginx@" A,
     MOOR_IMAGE_ID_DIGEST, NAME},
    {"no_tag", "quay.io/a/b", "quay.io/a/b@" A, MOOR_IMAGE_ID_DIGEST, "quay.io/a/b:latest"},
    {"port", "localhost:5000/a:1", "localhost:5000/a@" A, MOOR_IMAGE_ID_DIGEST,
     "localhost:5000/a:1"},
    {"tag_and_digest_in_the_id", "nginx:1.27.5", "nginx:1.27@" A, MOOR_IMAGE_ID_DIGEST, NAME},
    {"imported_into_containerd", "nginx:1.27.5", A, MOOR_IMAGE_ID_LOCAL, NULL},
    {"bare_id_of_cri_o", "nginx:1.27.5", HEX, MOOR_IMAGE_ID_LOCAL, NULL},
    {"built_in_docker", "nginx:1.27.5", "docker://" A, MOOR_IMAGE_ID_LOCAL, NULL},
    {"tag_alone", "nginx:1.27.5", "docker.io/library/nginx:1.27.5", MOOR_IMAGE_ID_LOCAL, NULL},
    {"another_repository", "nginx:1.27.5", "docker.io/mirror/nginx@" A, MOOR_IMAGE_ID_ELSEWHERE,
     NULL},
    {"another_registry", "nginx:1.27.5", "ghcr.io/library/nginx@" A, MOOR_IMAGE_ID_ELSEWHERE, NULL},
    {"empty", "nginx:1.27.5", "", MOOR_IMAGE_ID_WAITING, NULL},
    {"pinned", "nginx@" A, "docker.io/library/nginx@" A, MOOR_IMAGE_ID_PINNED, NULL},
    {"pinned_with_a_tag", "nginx:1.27.5@" A, "docker.io/library/nginx@" A, MOOR_IMAGE_ID_PINNED,
     NULL},
    {"invalid_image", "NGINX:1", "docker.io/library/nginx@" A, MOOR_IMAGE_ID_INVALID, NULL},
    {"no_image", "", "docker.io/library/nginx@" A, MOOR_IMAGE_ID_INVALID, NULL},
    {"invalid_id", "nginx:1.27.5", "nginx@sha256:abc", MOOR_IMAGE_ID_INVALID, NULL},
    {"unknown_scheme", "nginx:1.27.5", "cri-o://nginx@" A, MOOR_IMAGE_ID_INVALID, NULL},
};

static void read__row__result_and_digest(void **state)
{
    const struct row *row = *state;
    struct moor_buf name;
    struct moor_slice digest = {NULL, 0};
    moor_buf_init(&name, 256);
    assert_int_equal(moor_image_id_read(&digest, &name, moor_slice_from(row->image),
                                        moor_slice_from(row->image_id)),
                     row->result);
    assert_slice_equal(moor_buf_slice(&name), row->found != NULL ? row->found : "");
    assert_slice_equal(digest, row->found != NULL ? A : "");
    moor_buf_release(&name);
}

int main(void)
{
    struct CMUnitTest tests[MOOR_ARRAY_SIZE(rows)];
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(rows); i++) {
        tests[i] = test_of_row(rows[i].name, read__row__result_and_digest, &rows[i]);
    }
    return cmocka_run_group_tests_name("image_id", tests, NULL, NULL);
}
