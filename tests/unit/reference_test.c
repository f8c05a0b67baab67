/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which references the parser refuses and with which words, its limits, and canonical names.
 */
#include "tests/unit/reference_text.h"

#include "policy/base/array_size.h"
#include "policy/image/reference_name.h"

/* --- what is refused, and in which words ----------------------------------------------------- */

struct refusal {
    const char *name;
    struct moor_slice text;
    const char *reason; /* a part of the error's text */
};

/* MOOR_SLICE() for a static table. */
#define BYTES(literal)                    \
    {                                     \
        ("" literal), sizeof(literal) - 1 \
    }

static const struct refusal refusals[] = {
    {"empty", BYTES(""), "empty"},
    {"space_before", BYTES(" nginx"), "leading blank"},
    {"newline_after", BYTES("nginx:1\n"), "trailing blank"},
    {"only_blanks", BYTES("  "), "leading blank"},
    {"blank_inside", BYTES("nginx: 1"), "bad character 0x20 in the tag"},
    {"nul_in_repository", BYTES("ngi\0nx:1"), "bad character 0x00 in the repository"},
    {"nul_at_end", BYTES("nginx:1\0"), "bad character 0x00 in the tag"},
    {"upper_case_repository", BYTES("Nginx:1"), "upper-case repository"},
    {"upper_case_after_domain", BYTES("quay.io/Team/app:1"), "upper-case repository"},
    {"placeholder_word", BYTES("YOUR_IMAGE_NAME"), "upper-case repository"},
    {"tag_empty", BYTES("nginx:"), "empty tag"},
    {"tag_empty_before_digest", BYTES("nginx:@sha256:" HEX64), "empty tag"},
    {"tag_begins_with_dot", BYTES("nginx:.1"), "tag's first position"},
    {"tag_with_plus", BYTES("nginx:1.0+k3s1"), "bad character '+' in the tag"},
    {"tag_twice", BYTES("nginx:1:2"), "bad character ':' in the tag"},
    {"tag_template", BYTES("nginx:{{tag}}"), "bad character '{'"},
    {"repository_variable", BYTES("${image}"), "bad character '$' in the repository"},
    {"not_ascii", BYTES("n\xc3\xa4ginx"), "bad character 0xc3 in the repository"},
    {"digest_short", BYTES("nginx@sha256:123456"), "digest of 6 hex digits instead of 64"},
    {"digest_long", BYTES("nginx@sha256:" HEX64 "0"), "digest of 65 hex digits"},
    {"digest_of_another_length", BYTES("nginx@sha512:" HEX64), "instead of 128"},
    {"digest_empty", BYTES("nginx@"), "digest without"},
    {"digest_without_hex", BYTES("nginx@sha256"), "digest without"},
    {"digest_upper_case",
     BYTES("nginx@sha256:0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef"),
     "upper-case hex"},
    {"digest_not_hex", BYTES("nginx@sha256:xyz"), "bad character 'x' in the digest"},
    {"digest_twice", BYTES("nginx@sha256:" HEX64 "@sha256:" HEX64), "in the digest"},
    {"algorithm_unknown", BYTES("nginx@blake3:" HEX64), "unknown digest algorithm"},
    {"algorithm_upper_case", BYTES("nginx@SHA256:" HEX64), "unknown digest algorithm"},
    {"image_id", BYTES(HEX64), "image ID"},
    {"node_image_id", BYTES("sha256:" HEX64), "image ID of the node"},
    {"node_image_id_abbreviated", BYTES("sha256:ab"), "image ID of the node"},
    {"node_image_id_sha384", BYTES("sha384:0"), "image ID of the node"},
    {"node_image_id_sha512", BYTES("sha512:deadbeef"), "image ID of the node"},
    {"node_image_id_empty", BYTES("sha256:"), "image ID of the node"},
    {"ko", BYTES("ko://example.com/cmd/app"), "the manifest is not resolved"},
    {"docker_scheme", BYTES("docker://quay.io/app:1"), "URL scheme 'docker://'"},
    {"https_scheme", BYTES("https://quay.io/app:1"), "URL scheme 'https://'"},
    {"other_scheme", BYTES("s3://bucket/app"), "URL scheme 's3://'"},
    {"slash_at_end", BYTES("quay.io/app/"), "empty part"},
    {"slash_before", BYTES("/app"), "empty part"},
    {"slash_twice", BYTES("registry//x"), "empty part"},
    {"domain_alone", BYTES("debian-azurecr.io/"), "no repository"},
    {"domain_and_tag", BYTES("quay.io/:1"), "no repository"},
    {"tag_alone", BYTES(":1.2.3"), "no repository"},
    {"hyphen_at_end", BYTES("app-:1"), "separator at the edge"},
    {"underscores", BYTES("a___b"), "adjacent separators"},
    {"dots", BYTES("a..b"), "adjacent separators"},
    {"hyphen_before_slash", BYTES("a-/b"), "separator at the edge"},
    {"port_not_a_number", BYTES("reg:50x0/app"), "bad registry name 'reg:50x0'"},
    {"port_empty", BYTES("reg:/app"), "bad registry name 'reg:'"},
    {"ipv6_zone", BYTES("[fe80::1%eth0]:5000/app"), "bad registry name"},
    {"ipv6_open", BYTES("[::1/app"), "bad registry name"},
    {"registry_with_newline", BYTES("reg:50\n00/app"), "bad character 0x0a in the registry name"},
    {"registry_not_ascii", BYTES("r\xc3\xa4g.io/app"), "bad character 0xc3 in the registry name"},
    {"underscore_and_port", BYTES("foo_bar.com:8080/app"), "bad registry name"},
};

static void parse__malformed__refused_with_its_reason(void **state)
{
    const struct refusal *row = *state;
    struct moor_reference found = {.tag = MOOR_SLICE("untouched")};
    struct moor_error err = {0};
    assert_int_equal(moor_reference_parse(&found, row->text, &err), -1);
    assert_slice_equal(found.tag, "untouched");
    if (strstr(err.text, row->reason) == NULL) {
        print_error("\"%s\" does not say \"%s\"\n", err.text, row->reason);
        fail();
    }
}

/* Parses `len` bytes of 'a' between a prefix and a suffix; `reason` is NULL if that is accepted. */
static void assert_limit(const char *prefix, int len, const char *suffix, const char *reason)
{
    char filler[MOOR_REFERENCE_MAX_BYTES + 1];
    memset(filler, 'a', sizeof filler);
    struct moor_buf text;
    moor_buf_init(&text, (size_t)2 * MOOR_REFERENCE_MAX_BYTES);
    moor_buf_printf(&text, "%s%.*s%s", prefix, len, filler, suffix);
    assert_int_equal(moor_buf_check(&text, NULL), 0);
    struct moor_reference found;
    struct moor_error err = {0};
    int status = moor_reference_parse(&found, moor_buf_slice(&text), &err);
    moor_buf_release(&text);
    assert_int_equal(status, reason == NULL ? 0 : -1);
    assert_string_equal(err.text, reason == NULL ? "" : reason);
    assert_int_equal(err.code, reason == NULL ? MOOR_ERROR_NONE : MOOR_ERROR_LIMIT);
}

static void parse__at_and_past_each_limit__kept_and_refused(void **state)
{
    (void)state;
    assert_limit("nginx:", 128, "", NULL);
    assert_limit("nginx:", 129, "", "tag longer than 128 bytes");
    assert_limit("quay.io/", 255, "", NULL);
    assert_limit("quay.io/", 256, ":1", "repository longer than 255 bytes");
    assert_limit("", 247, "", NULL);
    assert_limit("", 248, "", "repository longer than 255 bytes"); /* `library/` counts */
    assert_limit("my_registry.io/", 240, "", NULL);
    assert_limit("my_registry.io/", 241, "", "repository longer than 255 bytes");
    assert_limit("", 4096 - 8, ".com/app", NULL);
    assert_limit("", 4097 - 8, ".com/app", "longer than 4096 bytes");
}

static void parse__parts__borrowed_from_the_text(void **state)
{
    (void)state;
    struct moor_slice text = MOOR_SLICE("index.docker.io/nginx:1.2@sha256:" HEX64);
    struct moor_reference found;
    assert_int_equal(moor_reference_parse(&found, text, NULL), 0);
    assert_slice_equal(found.domain, "docker.io");
    assert_slice_equal(found.path, "nginx");
    assert_slice_equal(found.repository, "index.docker.io/nginx");
    assert_slice_equal(found.tag, "1.2");
    assert_slice_equal(found.digest, "sha256:" HEX64);
    assert_true(found.implies_library);
    assert_ptr_equal(found.tag.ptr, text.ptr + strlen("index.docker.io/nginx:"));
}

static void parse__word_that_is_no_hex_after_sha256__a_tag(void **state)
{
    (void)state;
    struct moor_reference found;
    assert_int_equal(moor_reference_parse(&found, MOOR_SLICE("sha256:latest"), NULL), 0);
    assert_slice_equal(found.tag, "latest");
    assert_int_equal(moor_reference_parse(&found, MOOR_SLICE("my/sha256:abc"), NULL), 0);
    assert_int_equal(moor_reference_parse(&found, MOOR_SLICE("sha256"), NULL), 0);
}

/* --- canonical names ------------------------------------------------------------------------- */

struct name_row {
    const char *name;
    const char *text;
    const char *canonical;
};

static const struct name_row names[] = {
    {"name__short", "nginx:1", "docker.io/library/nginx"},
    {"name__organisation", "vendor/agent", "docker.io/vendor/agent"},
    {"name__other_port__kept", "registry.example.com:5000/app:1", "registry.example.com:5000/app"},
    {"name__upper_case_host", "CGR.dev/chainguard/crane:1", "cgr.dev/chainguard/crane"},
    {"name__default_port", "cgr.dev:443/x:1.2.3", "cgr.dev/x"},
    {"name__default_port_with_zeros", "cgr.dev:00443/x:1.2.3", "cgr.dev/x"},
    {"name__port_with_zeros", "cgr.dev:05000/x", "cgr.dev:5000/x"},
    {"name__port_that_begins_as_the_default_one__kept", "cgr.dev:4430/x", "cgr.dev:4430/x"},
    {"name__port_zero__kept", "cgr.dev:000/x", "cgr.dev:0/x"},
    {"name__registry_of_docker_hub", "registry-1.docker.io/library/nginx",
     "docker.io/library/nginx"},
    {"name__registry_of_docker_hub__short", "registry-1.docker.io/nginx:1",
     "docker.io/library/nginx"},
    {"name__index__in_upper_case_and_with_port", "Index.Docker.IO:443/nginx",
     "docker.io/library/nginx"},
    {"name__old_name_of_docker_hub", "registry.hub.docker.com/vendor/agent",
     "docker.io/vendor/agent"},
    {"name__docker_hub_with_port", "docker.io:0443/nginx", "docker.io/library/nginx"},
    {"name__docker_hub_with_another_port__another_registry", "docker.io:5000/nginx",
     "docker.io:5000/nginx"},
    {"name__host_that_ends_as_docker_hub__another_registry", "mydocker.io/nginx",
     "mydocker.io/nginx"},
    {"name__localhost", "LOCALHOST:443/app", "localhost/app"},
    {"name__host_without_a_dot__keeps_the_default_port", "registry:0443/app", "registry:443/app"},
    {"name__host_without_a_dot__gets_the_default_port", "REGISTRY/app", "registry:443/app"},
    {"name__ipv6", "[2001:DB8::1]:443/app", "[2001:db8::1]/app"},
    {"name__ipv6_with_port", "[2001:DB8::1]:0500/app", "[2001:db8::1]:500/app"},
    {"name__ipv4", "10.0.0.5:443/app", "10.0.0.5/app"},
    {"name__no_domain", "my_registry.io/app", "my_registry.io/app"},
};

/* The canonical name is the row's, and its own canonical name. */
static void name__row__canonical_once_and_again(void **state)
{
    const struct name_row *row = *state;
    struct moor_slice text = moor_slice_from(row->text);
    struct moor_reference found;
    struct moor_buf name;
    struct moor_buf again;
    moor_buf_init(&name, 8192);
    moor_buf_init(&again, 8192);
    assert_int_equal(moor_reference_parse(&found, text, NULL), 0);
    moor_reference_append_name(&name, &found);
    assert_slice_equal(moor_buf_slice(&name), row->canonical);
    assert_int_equal(moor_reference_parse(&found, moor_buf_slice(&name), NULL), 0);
    moor_reference_append_name(&again, &found);
    assert_slice_equal(moor_buf_slice(&again), row->canonical);
    moor_buf_release(&name);
    moor_buf_release(&again);
}

int main(void)
{
    static const struct CMUnitTest singles[] = {
        cmocka_unit_test(parse__at_and_past_each_limit__kept_and_refused),
        cmocka_unit_test(parse__parts__borrowed_from_the_text),
        cmocka_unit_test(parse__word_that_is_no_hex_after_sha256__a_tag),
    };
    static struct CMUnitTest
        tests[MOOR_ARRAY_SIZE(refusals) + MOOR_ARRAY_SIZE(names) + MOOR_ARRAY_SIZE(singles)];
    size_t count = 0;
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(refusals); i++) {
        tests[count++] =
            test_of_row(refusals[i].name, parse__malformed__refused_with_its_reason, &refusals[i]);
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(names); i++) {
        tests[count++] = test_of_row(names[i].name, name__row__canonical_once_and_again, &names[i]);
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(singles); i++) {
        tests[count++] = singles[i];
    }
    return _cmocka_run_group_tests("reference", tests, count, NULL, NULL);
}
