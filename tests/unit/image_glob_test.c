/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "policy/base/array_size.h"
#include "policy/base/buf.h"
#include "policy/image/reference_name.h"
#include "policy/rules/image_glob.h"

#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

struct match_row {
    const char *name;
    const char *glob;
    const char *image;
    bool expected;
};

static struct match_row match_rows[] = {
    {"match__whole_reference__yes", "docker.io/vendor/agent:7", "docker.io/vendor/agent:7", true},
    {"match__short_name_in_the_object__yes", "docker.io/library/nginx:1", "nginx:1", true},
    {"match__index_in_the_object__yes", "docker.io/library/nginx", "index.docker.io/nginx:1", true},
    {"match__upper_case_host_in_the_object__yes", "gcr.io/distroless/static:1.2.3",
     "GCR.IO/distroless/static:1.2.3", true},
    {"match__default_port_in_the_object__yes", "cgr.dev/**", "cgr.dev:0443/x:1.2.3", true},
    {"match__registry_of_docker_hub_in_the_object__yes", "docker.io/library/nginx",
     "registry-1.docker.io/nginx:1", true},
    {"match__other_port_in_the_object__no", "cgr.dev/**", "cgr.dev:8443/x:1.2.3", false},
    {"match__other_tag__no", "docker.io/library/nginx:1", "nginx:1.2", false},
    {"match__tag_with_text_before__no", "docker.io/library/nginx:1", "nginx:01", false},
    {"match__no_tag_in_the_glob__all_tags", "docker.io/library/nginx", "nginx:latest", true},
    {"match__no_tag_in_the_glob__untagged", "docker.io/library/nginx", "nginx", true},
    {"match__any_tag__not_untagged", "docker.io/library/nginx:*", "nginx", false},
    {"match__longer_name__no", "docker.io/library/nginx", "nginxx", false},
    {"match__longer_path__no", "docker.io/library/nginx", "docker.io/library/nginx/x", false},
    {"match__prefix_of_an_organisation__no", "docker.io/mycompany/*", "mycompanyevil/x", false},
    {"match__star__one_segment", "docker.io/mycompany/*", "mycompany/x", true},
    {"match__star__not_two_segments", "docker.io/mycompany/*", "mycompany/x/y", false},
    {"match__two_stars__any_depth", "registry.example.com/**", "registry.example.com/a/b/c", true},
    {"match__two_stars__not_another_domain", "registry.example.com/**",
     "registry.example.com.evil.io/a", false},
    {"match__domain_in_the_path__no", "registry.example.com/**", "evil.io/registry.example.com/a",
     false},
    {"match__all__yes", "**", "nginx", true},
    {"match__all_of_a_tag__yes", "**:latest", "registry.example.com:5000/a/b:latest", true},
    {"match__port__part_of_the_domain", "localhost:5000/app", "localhost:5000/app:1", true},
    {"match__port_and_tag__yes", "localhost:5000/app:1", "localhost:5000/app:1", true},
    {"match__other_port__no", "localhost:5000/app", "localhost:5001/app", false},
    {"match__tag_of_a_pinned_image__yes", "docker.io/library/nginx:1", "nginx:1@sha256:" HEX64,
     true},
    {"match__digest__yes", "docker.io/library/nginx@sha256:" HEX64, "nginx@sha256:" HEX64, true},
    {"match__digest__not_without_one", "docker.io/library/nginx@sha256:*", "nginx:1", false},
    {"match__set__yes", "docker.io/library/[a-n]ginx", "nginx", true},
    {"match__literal_of_no_reference__same_text", "docker.io/Vendor/agent",
     "docker.io/Vendor/agent", true},
    {"match__literal_of_no_reference__not_longer", "docker.io/Vendor/agent",
     "docker.io/Vendor/agent:1", false},
    {"match__literal_of_no_reference__no_valid_one", "Nginx", "nginx", false},
    {"match__glob__nothing_that_is_no_reference", "**", "docker.io/Vendor/agent", false},
    {"match__glob__not_the_empty_text", "**", "", false},
};

static void match__row__answer(void **state)
{
    const struct match_row *row = *state;
    struct moor_image_glob glob;
    struct moor_reference reference;
    struct moor_error err = {0};
    struct moor_buf name;
    bool is_invalid = false;
    moor_buf_init(&name, 8192);
    struct moor_matcher *matcher = moor_matcher_new();
    assert_non_null(matcher);
    assert_int_equal(moor_image_glob_compile(&glob, &is_invalid, moor_slice_from(row->glob), &err),
                     0);
    struct moor_named_image image = {.text = moor_slice_from(row->image), .reference = &reference};
    if (moor_reference_parse(&reference, image.text, NULL) == 0) {
        moor_reference_append_name(&name, &reference);
        image.name = moor_buf_slice(&name);
    }
    bool is_meant = glob.is_invalid == (image.name.len == 0);
    bool matches =
        is_meant &&
        moor_glob_match(&glob.name, glob.is_invalid ? image.text : image.name, matcher) &&
        moor_image_glob_match_rest(&glob, &image, matcher);
    assert_int_equal(matches, row->expected);
    moor_image_glob_release(&glob);
    moor_matcher_free(matcher);
    moor_buf_release(&name);
}

struct name_row {
    const char *name;
    const char *glob;
    const char *reason; /* NULL: some name can match it */
};

static struct name_row name_rows[] = {
    {"check__canonical_name__good", "docker.io/library/nginx", NULL},
    {"check__all__good", "**", NULL},
    {"check__stars_before_a_name__good", "**/nginx", NULL},
    {"check__stars_without_slash__good", "registry**", NULL},
    {"check__star_as_domain__good", "*/library/nginx", NULL},
    {"check__star_in_a_domain__good", "reg*/nginx", NULL},
    {"check__localhost__good", "localhost/nginx", NULL},
    {"check__port__good", "registry:5000/nginx", NULL},
    {"check__upper_case_domain__suggests", "Registry.Example.com/nginx",
     "glob 'Registry.Example.com/nginx' matches no image: write 'registry.example.com/nginx'"},
    {"check__default_port__suggests", "cgr.dev:443/**",
     "glob 'cgr.dev:443/**' matches no image: write 'cgr.dev/**'"},
    {"check__port_with_zeros__suggests", "GCR.io:05000/x/*",
     "glob 'GCR.io:05000/x/*' matches no image: write 'gcr.io:5000/x/*'"},
    {"check__registry_of_docker_hub__suggests", "registry-1.docker.io/nginx",
     "glob 'registry-1.docker.io/nginx' matches no image: write 'docker.io/library/nginx'"},
    {"check__all_of_an_old_docker_hub__suggests", "registry.hub.docker.com:443/**",
     "glob 'registry.hub.docker.com:443/**' matches no image: write 'docker.io/**'"},
    {"check__host_without_a_dot_in_upper_case__suggests", "REGISTRY/app",
     "glob 'REGISTRY/app' matches no image: write 'registry:443/app'"},
    {"check__host_without_a_dot_and_default_port__good", "registry:443/app", NULL},
    {"check__star_and_other_port__good", "*.example.com:5000/**", NULL},
    {"check__hosts_of_docker_hub__refused", "*.docker.io/**",
     "glob '*.docker.io/**' matches no image: Docker Hub is 'docker.io' in canonical names"},
    {"check__set_of_docker_hub__suggests", "docker.io/[a-n]ginx",
     "glob 'docker.io/[a-n]ginx' matches no image: write 'docker.io/library/[a-n]ginx'"},
    {"check__set__not_followed", "[a-z]/B:c", NULL},
    {"check__all_of_docker_hub__good", "docker.io/**", NULL},
    {"check__two_segments_of_docker_hub__good", "docker.io/*/*", NULL},
    {"check__short_name__suggests", "nginx",
     "glob 'nginx' matches no image: write 'docker.io/library/nginx'"},
    {"check__organisation__suggests", "vendor/agent",
     "glob 'vendor/agent' matches no image: write 'docker.io/vendor/agent'"},
    {"check__one_segment_of_docker_hub__suggests", "docker.io/n*",
     "glob 'docker.io/n*' matches no image: write 'docker.io/library/n*'"},
    {"check__index__suggests", "index.docker.io/library/nginx",
     "glob 'index.docker.io/library/nginx' matches no image: write 'docker.io/library/nginx'"},
    {"check__star_alone__refused", "*",
     "glob '*' matches no image: names have a registry, and '*' does not match '/'"},
    {"check__tag__refused", "docker.io/library/nginx:1",
     "glob 'docker.io/library/nginx:1' matches no image: it is matched against the name, "
     "without tag and digest"},
    {"check__digest__refused", "docker.io/library/nginx@sha256:*",
     "glob 'docker.io/library/nginx@sha256:*' matches no image: it is matched against the name, "
     "without tag and digest"},
    {"check__upper_case_path__refused", "docker.io/library/Nginx",
     "glob 'docker.io/library/Nginx' matches no image: names contain only a-z, 0-9, '.', '_', '-' "
     "and '/'"},
    {"check__braces__refused", "docker.io/{a,b}/c",
     "glob 'docker.io/{a,b}/c' matches no image: names contain only a-z, 0-9, '.', '_', '-' and "
     "'/'"},
    {"check__slash_at_the_end__refused", "docker.io/library/",
     "glob 'docker.io/library/' matches no image: it has an empty part between slashes"},
    {"check__two_slashes__refused", "docker.io//library",
     "glob 'docker.io//library' matches no image: it has an empty part between slashes"},
    {"check__empty__refused", "", "glob '' matches no image: write 'docker.io/library/'"},
};

static void check__row__reason(void **state)
{
    const struct name_row *row = *state;
    struct moor_error err = {0};
    int status = moor_image_glob_check_name(moor_slice_from(row->glob), &err);
    assert_int_equal(status, row->reason == NULL ? 0 : -1);
    assert_string_equal(err.text, row->reason == NULL ? "" : row->reason);
}

static struct respell_row {
    const char *name;
    const char *glob;
    const char *respelled; /* NULL: it stays */
} respell_rows[] = {
    {"respell__canonical__stays", "cgr.dev/**", NULL},
    {"respell__no_registry__stays", "**/app", NULL},
    {"respell__stars_alone__stays", "**", NULL},
    {"respell__name_of_docker_hub__stays", "docker.io/library/nginx", NULL},
    {"respell__upper_case__lower", "CGR.dev/x/*", "cgr.dev/x/*"},
    {"respell__path_and_tag__kept", "CGR.dev/X:V1", "cgr.dev/X:V1"},
    {"respell__default_port__dropped", "cgr.dev:0443/**", "cgr.dev/**"},
    {"respell__other_port__kept", "CGR.dev:8443/**", "cgr.dev:8443/**"},
    {"respell__docker_hub__its_name", "registry-1.docker.io:443/x/**", "docker.io/x/**"},
    {"respell__star_and_upper_case__lower", "*.Example.com/**", "*.example.com/**"},
    {"respell__star_and_default_port__dropped", "*.Example.com:443/**", "*.example.com/**"},
    {"respell__default_port_after_a_star__kept", "*:443/app", NULL},
    {"respell__set__lower", "registry[A-Z].example.com/**", "registry[a-z].example.com/**"},
};

static void respell__row__text(void **state)
{
    const struct respell_row *row = *state;
    struct moor_buf out;
    moor_buf_init(&out, 256);
    assert_int_equal(moor_image_glob_respell(&out, moor_slice_from(row->glob)),
                     row->respelled != NULL);
    if (row->respelled != NULL) {
        assert_true(moor_slice_is(moor_buf_slice(&out), row->respelled));
    }
    moor_buf_release(&out);
}

int main(void)
{
    struct CMUnitTest tests[MOOR_ARRAY_SIZE(match_rows) + MOOR_ARRAY_SIZE(name_rows) +
                            MOOR_ARRAY_SIZE(respell_rows)];
    size_t count = 0;
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(match_rows); i++) {
        tests[count++] =
            (struct CMUnitTest){match_rows[i].name, match__row__answer, NULL, NULL, &match_rows[i]};
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(name_rows); i++) {
        tests[count++] =
            (struct CMUnitTest){name_rows[i].name, check__row__reason, NULL, NULL, &name_rows[i]};
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(respell_rows); i++) {
        tests[count++] = (struct CMUnitTest){respell_rows[i].name, respell__row__text, NULL, NULL,
                                             &respell_rows[i]};
    }
    return cmocka_run_group_tests_name("image_glob", tests, NULL, NULL);
}
