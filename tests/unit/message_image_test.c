/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "policy/base/array_size.h"
#include "policy/message.h"

/* A row is an image, what is required of it, and the whole text after the path. */

static const struct moor_repository two_parts = {.version_parts = 2};
static const struct moor_repository five_parts = {.version_parts = 5,
                                                  .otherwise = MOOR_LEVEL_ROLLING,
                                                  .reason = {"five parts", 10}};
static const struct moor_repository no_tag = {.otherwise = MOOR_LEVEL_ROLLING,
                                              .reason = {"each tag moves", 14}};
static const struct moor_repository all_builds = {.otherwise = MOOR_LEVEL_BUILD};
static const struct moor_repository all_releases = {.otherwise = MOOR_LEVEL_RELEASE};
static struct moor_pattern pattern = {.text = {"v[0-9]+", 7}};
static const struct moor_repository one_pattern = {
    .otherwise = MOOR_LEVEL_ROLLING,
    .patterns[MOOR_PATTERNS_RELEASE] = {&pattern, 1}};

static const struct moor_annotation as_repository = {.form = MOOR_ANNOTATION_REPOSITORY};
static const struct moor_annotation as_json = {.form = MOOR_ANNOTATION_JSON};

static const struct moor_exemption dated = {.name = {"agent", 5}, .until = {"2026-12-05", 10}};
static const struct moor_exemption permanent = {.name = {"on-call", 7}, .is_permanent = true};

#define RELEASE  MOOR_REQUIREMENT_RELEASE
#define BUILD    MOOR_REQUIREMENT_BUILD
#define DIGEST   MOOR_REQUIREMENT_DIGEST
#define REQUIRES "; environment \"production\" requires "

struct message_row {
    const char *name;
    const char *image;
    enum moor_requirement requirement;
    const char *expected; /* after the path */
    const struct moor_repository *entry;
    const struct moor_annotation *annotation;
    enum moor_class class; /* instead of the tag's; INVALID: the tag's */
    enum moor_origin origin;
    const struct moor_exemption *exemption;
    const struct moor_exemption *ended;
};

static const struct message_row message_rows[] = {
    {"partial_version", "nginx:1.25", RELEASE,
     .expected = "image \"nginx:1.25\" has a mutable tag (partial-version)" REQUIRES
                 "at least a release: use nginx:1.25.<patch>, or nginx@sha256:<digest>"},
    {"two_parts_are_full", "postgres:16", RELEASE,
     .expected = "image \"postgres:16\" has a mutable tag (partial-version)" REQUIRES
                 "at least a release: use postgres:16.<minor>, or postgres@sha256:<digest>",
     .entry = &two_parts},
    {"variant_is_kept", "node:20-alpine", RELEASE,
     .expected = "image \"node:20-alpine\" has a mutable tag (partial-version)" REQUIRES
                 "at least a release: use node:20.<minor>.<patch>-alpine, or node@sha256:<digest>"},
    {"open_part_is_filled", "app:v1.x", RELEASE,
     .expected = "image \"app:v1.x\" has a mutable tag (partial-version)" REQUIRES
                 "at least a release: use app:v1.<minor>.<patch>, or app@sha256:<digest>"},
    {"number_of_a_system_stays", "app:alpine3.18-1.2", RELEASE,
     .expected = "image \"app:alpine3.18-1.2\" has a mutable tag (partial-version)" REQUIRES
                 "at least a release: use app:alpine3.18-1.2.<patch>, or app@sha256:<digest>"},
    {"number_that_letters_follow", "app:prod-2b9", RELEASE,
     .expected = "image \"app:prod-2b9\" has a mutable tag (partial-version)" REQUIRES
                 "at least a release: use app:<major>.<minor>.<patch>, or app@sha256:<digest>"},
    {"channel_of_an_official_variant", "node:lts-alpine3.20", RELEASE,
     .expected = "image \"node:lts-alpine3.20\" has a mutable tag (channel)" REQUIRES
                 "at least a release: use node:<major>.<minor>.<patch>-alpine3.20, or "
                 "node@sha256:<digest>"},
    {"variant_of_an_official_image", "nginx:alpine3.20", RELEASE,
     .expected = "image \"nginx:alpine3.20\" has a mutable tag (variant)" REQUIRES
                 "at least a release: use nginx:<major>.<minor>.<patch>-alpine3.20, or "
                 "nginx@sha256:<digest>"},
    {"codename_of_an_official_image", "python:slim-bookworm", RELEASE,
     .expected = "image \"python:slim-bookworm\" has a mutable tag (channel)" REQUIRES
                 "at least a release: use python:<major>.<minor>.<patch>-slim-bookworm, or "
                 "python@sha256:<digest>"},
    {"variant_of_another_image", "r.io/app:alpine3.20", RELEASE,
     .expected =
         "image \"r.io/app:alpine3.20\" has a mutable tag (variant)" REQUIRES
         "at least a release: use r.io/app:<major>.<minor>.<patch>, or r.io/app@sha256:<digest>"},
    {"word_that_no_version_precedes", "node:jod-alpine", RELEASE,
     .expected = "image \"node:jod-alpine\" has a mutable tag (channel)" REQUIRES
                 "at least a release: use node:<major>.<minor>.<patch>, or node@sha256:<digest>"},
    {"dated_without_a_tag", "debian", RELEASE,
     .expected = "image \"debian\" has no tag" REQUIRES
                 "at least a release: use debian:<codename>-<yyyymmdd>, or debian@sha256:<digest>"},
    {"dated_by_its_number", "docker.io/library/debian:12-slim", RELEASE,
     .expected =
         "image \"docker.io/library/debian:12-slim\" has a mutable tag (partial-version)" REQUIRES
         "at least a release: use docker.io/library/debian:<codename>-<yyyymmdd>-slim, or "
         "docker.io/library/debian@sha256:<digest>"},
    {"dated_by_its_name", "debian:bookworm-slim", RELEASE,
     .expected =
         "image \"debian:bookworm-slim\" has a mutable tag (channel)" REQUIRES
         "at least a release: use debian:bookworm-<yyyymmdd>-slim, or debian@sha256:<digest>"},
    {"dated_ubuntu", "ubuntu:22.04", RELEASE,
     .expected = "image \"ubuntu:22.04\" has a mutable tag (partial-version)" REQUIRES
                 "at least a release: use ubuntu:<codename>-<yyyymmdd>, or ubuntu@sha256:<digest>"},
    {"dated_without_such_a_variant", "debian:bookworm-backports", RELEASE,
     .expected = "image \"debian:bookworm-backports\" has a mutable tag (channel)" REQUIRES
                 "at least a release: use debian:bookworm-backports@sha256:<digest>"},
    {"date_at_the_end", "almalinux:9-minimal", RELEASE,
     .expected = "image \"almalinux:9-minimal\" has a mutable tag (partial-version)" REQUIRES
                 "at least a release: use almalinux:9.<minor>-minimal-<yyyymmdd>, or "
                 "almalinux@sha256:<digest>"},
    {"date_after_a_whole_number", "photon:5.0", RELEASE,
     .expected = "image \"photon:5.0\" has a mutable tag (partial-version)" REQUIRES
                 "at least a release: use photon:5.0-<yyyymmdd>, or photon@sha256:<digest>"},
    {"date_within_the_version", "amazonlinux:2023", RELEASE,
     .expected = "image \"amazonlinux:2023\" has a mutable tag (partial-version)" REQUIRES
                 "at least a release: use amazonlinux:2023.<minor>.<yyyymmdd>.<build>, or "
                 "amazonlinux@sha256:<digest>"},
    {"build_of_a_version", "eclipse-temurin:17-jre-alpine", RELEASE,
     .expected =
         "image \"eclipse-temurin:17-jre-alpine\" has a mutable tag (partial-version)" REQUIRES
         "at least a release: use eclipse-temurin:17.<minor>.<patch>_<build>-jre-alpine, or "
         "eclipse-temurin@sha256:<digest>"},
    {"build_of_a_version_without_a_flavor", "eclipse-temurin:21", RELEASE,
     .expected = "image \"eclipse-temurin:21\" has a mutable tag (partial-version)" REQUIRES
                 "at least a release: use eclipse-temurin:21.<minor>.<patch>_<build>-jdk, or "
                 "eclipse-temurin@sha256:<digest>"},
    {"java_8", "openjdk:8-jre", RELEASE,
     .expected = "image \"openjdk:8-jre\" has a mutable tag (partial-version)" REQUIRES
                 "at least a release: use openjdk:8-jre@sha256:<digest>"},
    {"no_tag_of_a_release", "fedora:40", RELEASE,
     .expected = "image \"fedora:40\" has a mutable tag (partial-version)" REQUIRES
                 "at least a release: use fedora:40@sha256:<digest>"},
    {"no_tag_of_a_release_and_no_tag", "fedora", RELEASE,
     .expected =
         "image \"fedora\" has no tag" REQUIRES "at least a release: use fedora@sha256:<digest>"},
    {"same_name_elsewhere", "r.io/debian:12", RELEASE,
     .expected =
         "image \"r.io/debian:12\" has a mutable tag (partial-version)" REQUIRES
         "at least a release: use r.io/debian:12.<minor>.<patch>, or r.io/debian@sha256:<digest>"},
    {"month", "app:202410", RELEASE,
     .expected = "image \"app:202410\" has a mutable tag (partial-version)" REQUIRES
                 "at least a release: use app:202410<dd>, or app@sha256:<digest>"},
    {"year_and_month", "app:2024.10", RELEASE,
     .expected = "image \"app:2024.10\" has a mutable tag (partial-version)" REQUIRES
                 "at least a release: use app:2024.10.<patch>, or app@sha256:<digest>"},
    {"branch", "r.io/app:feature-login", RELEASE,
     .expected =
         "image \"r.io/app:feature-login\" has a mutable tag (branch)" REQUIRES
         "at least a release: use r.io/app:feature-login-<commit>, or r.io/app@sha256:<digest>"},
    {"main_branch", "r.io/app:main", RELEASE,
     .expected =
         "image \"r.io/app:main\" has a mutable tag (branch)" REQUIRES
         "at least a release: use r.io/app:<major>.<minor>.<patch>, or r.io/app@sha256:<digest>"},
    {"change_request", "r.io/app:pr-12", RELEASE,
     .expected = "image \"r.io/app:pr-12\" has a mutable tag (branch)" REQUIRES
                 "at least a release: use r.io/app:pr-12-<commit>, or r.io/app@sha256:<digest>"},
    {"snapshot", "r.io/app:1.2.3-SNAPSHOT", RELEASE,
     .expected =
         "image \"r.io/app:1.2.3-SNAPSHOT\" has a mutable tag (prerelease-channel)" REQUIRES
         "at least a release: use r.io/app:<major>.<minor>.<patch>, or r.io/app@sha256:<digest>"},
    {"prerelease_of_an_official_image", "python:3.13-rc", RELEASE,
     .expected = "image \"python:3.13-rc\" has a mutable tag (prerelease-channel)" REQUIRES
                 "at least a release: use python:3.13-rc@sha256:<digest>"},
    {"dirty", "r.io/app:v1.2.3-4-gabcdef0-dirty", RELEASE,
     .expected = "image \"r.io/app:v1.2.3-4-gabcdef0-dirty\" has a mutable tag (dirty)" REQUIRES
                 "at least a release: use r.io/app:v1.2.3-4-gabcdef0, or r.io/app@sha256:<digest>"},
    {"dirty_branch", "r.io/app:main-dirty", RELEASE,
     .expected =
         "image \"r.io/app:main-dirty\" has a mutable tag (dirty)" REQUIRES
         "at least a release: use r.io/app:<major>.<minor>.<patch>, or r.io/app@sha256:<digest>"},
    {"unknown", "r.io/app:blue7", RELEASE,
     .expected =
         "image \"r.io/app:blue7\" has a tag that may be mutable (unknown)" REQUIRES
         "at least a release: use r.io/app:<major>.<minor>.<patch>, or r.io/app@sha256:<digest>"},
    {"version_of_an_interface", "r.io/app:v1beta1", RELEASE,
     .expected =
         "image \"r.io/app:v1beta1\" has a mutable tag (partial-version)" REQUIRES
         "at least a release: use r.io/app:<major>.<minor>.<patch>, or r.io/app@sha256:<digest>"},
    {"two_parts_and_a_codename", "postgres:bookworm", RELEASE,
     .expected =
         "image \"postgres:bookworm\" has a mutable tag (channel)" REQUIRES
         "at least a release: use postgres:<major>.<minor>-bookworm, or postgres@sha256:<digest>",
     .entry = &two_parts},
    {"two_parts_that_a_pattern_finds_rolling", "postgres:9.6", RELEASE,
     .expected = "image \"postgres:9.6\" has a mutable tag (repository entry)" REQUIRES
                 "at least a release: use postgres:9.6.<patch>, or postgres@sha256:<digest>",
     .entry = &two_parts, .class = MOOR_CLASS_REPOSITORY},
    {"dirty_build", "r.io/app:v1.2.3-4-gabcdef0-dirty", BUILD,
     .expected = "image \"r.io/app:v1.2.3-4-gabcdef0-dirty\" has a mutable tag (dirty)" REQUIRES
                 "at least a build: use r.io/app:v1.2.3-4-gabcdef0, or r.io/app@sha256:<digest>"},
    {"full_but_for_its_runtime", "tomcat:10.1.2-temurin", RELEASE,
     .expected = "image \"tomcat:10.1.2-temurin\" has a mutable tag (partial-version)" REQUIRES
                 "at least a release: use tomcat:10.1.2-temurin@sha256:<digest>"},
    {"five_parts", "r.io/app:1.2.3", RELEASE,
     .expected =
         "image \"r.io/app:1.2.3\" has a mutable tag (repository entry: five parts)" REQUIRES
         "at least a release: use r.io/app:1.2.3.<build>.<number>, or r.io/app@sha256:<digest>",
     .entry = &five_parts, .class = MOOR_CLASS_REPOSITORY},
    {"no_tag", "nginx", RELEASE,
     .expected = "image \"nginx\" has no tag" REQUIRES
                 "at least a release: use nginx:<major>.<minor>.<patch>, or nginx@sha256:<digest>"},
    {"no_tag_unchanged", "nginx", RELEASE,
     .expected = "image \"nginx\" has no tag (unchanged)" REQUIRES
                 "at least a release: use nginx:<major>.<minor>.<patch>, or nginx@sha256:<digest>",
     .origin = MOOR_ORIGIN_UNCHANGED},
    {"channel_of_a_controller", "app:latest", RELEASE,
     .expected = "image \"app:latest\" has a mutable tag (channel, controller request)" REQUIRES
                 "at least a release: use app:<major>.<minor>.<patch>, or app@sha256:<digest>",
     .origin = MOOR_ORIGIN_CONTROLLER},
    {"a_word_or_a_commit", "r.io/app:deadbeef", RELEASE,
     .expected = "image \"r.io/app:deadbeef\" has a tag that may be mutable (ambiguous)" REQUIRES
                 "at least a release: use r.io/app:sha-<commit>, or r.io/app@sha256:<digest>"},
    {"release_where_a_build_is_required", "r.io/app:1.2.3", BUILD,
     .expected =
         "image \"r.io/app:1.2.3\" identifies a release, which can be rebuilt (version)" REQUIRES
         "at least a build: use r.io/app:1.2.3-<commit>, or r.io/app@sha256:<digest>"},
    {"official_image_where_a_build_is_required", "redis:7.4.1", BUILD,
     .expected =
         "image \"redis:7.4.1\" identifies a release, which can be rebuilt (version)" REQUIRES
         "at least a build: use redis:7.4.1@sha256:<digest>"},
    {"official_image_by_its_whole_name", "docker.io/library/redis:7.4.1", BUILD,
     .expected = "image \"docker.io/library/redis:7.4.1\" identifies a release, which can be "
                 "rebuilt (version)" REQUIRES
                 "at least a build: use docker.io/library/redis:7.4.1@sha256:<digest>"},
    {"branch_where_a_build_is_required", "r.io/app:main", BUILD,
     .expected = "image \"r.io/app:main\" has a mutable tag (branch)" REQUIRES
                 "at least a build: use r.io/app:main-<commit>, or r.io/app@sha256:<digest>"},
    {"build_that_no_form_makes", "r.io/app:x", BUILD,
     .expected = "image \"r.io/app:x\" has a mutable tag (repository entry)" REQUIRES
                 "at least a build: use r.io/app:x@sha256:<digest>",
     .entry = &all_releases, .class = MOOR_CLASS_REPOSITORY},
    {"build_that_each_other_tag_makes", "r.io/app:latest", BUILD,
     .expected = "image \"r.io/app:latest\" has a mutable tag (repository entry)" REQUIRES
                 "at least a build: use r.io/app:<version>, or r.io/app@sha256:<digest>",
     .entry = &all_builds, .class = MOOR_CLASS_REPOSITORY},
    {"digest_required", "app:1.2.3", DIGEST,
     .expected = "image \"app:1.2.3\" has a tag but no digest" REQUIRES
                 "a digest: use app:1.2.3@sha256:<digest>"},
    {"digest_required_without_a_tag", "app", DIGEST,
     .expected = "image \"app\" has no digest" REQUIRES "a digest: use app@sha256:<digest>"},
    {"entry_that_accepts_no_tag", "cgr.dev/app:1.2.3", RELEASE,
     .expected =
         "image \"cgr.dev/app:1.2.3\" has a mutable tag (repository entry: each tag moves)" REQUIRES
         "at least a release: use cgr.dev/app:1.2.3@sha256:<digest>",
     .entry = &no_tag, .class = MOOR_CLASS_REPOSITORY},
    {"entry_with_a_pattern", "app:1", RELEASE,
     .expected = "image \"app:1\" has a mutable tag (repository entry)" REQUIRES
                 "at least a release: use a tag that matches v[0-9]+, or app@sha256:<digest>",
     .entry = &one_pattern, .class = MOOR_CLASS_REPOSITORY},
    {"exemption_with_an_end", "app:7", RELEASE,
     .expected = "image \"app:7\" has a mutable tag (partial-version)" REQUIRES
                 "at least a release; admitted by exemption \"agent\" until 2026-12-05: use "
                 "app:7.<minor>.<patch>, or app@sha256:<digest>",
     .exemption = &dated},
    {"exemption_without_an_end", "app", RELEASE,
     .expected = "image \"app\" has no tag" REQUIRES
                 "at least a release; admitted by exemption \"on-call\" permanently: use "
                 "app:<major>.<minor>.<patch>, or app@sha256:<digest>",
     .exemption = &permanent},
    {"exemption_that_has_ended", "app", RELEASE,
     .expected = "image \"app\" has no tag" REQUIRES
                 "at least a release; exemption \"agent\" ended on 2026-12-05: use "
                 "app:<major>.<minor>.<patch>, or app@sha256:<digest>",
     .ended = &dated},
    {"quotation_marks", "a\"b\"", RELEASE,
     .expected = "image \"a\\x22b\\x22\" is not a valid reference (bad character '\"' in the "
                 "repository)" REQUIRES "at least a release: use the form [<registry>/]<repository>"
                 ":<tag> or [<registry>/]<repository>@sha256:<digest>"},
    {"invalid", "nginx@sha256:abc", RELEASE,
     .expected =
         "image \"nginx@sha256:abc\" is not a valid reference (digest of 3 hex digits instead of "
         "64)" REQUIRES "at least a release: use the form [<registry>/]<repository>:<tag> or "
         "[<registry>/]<repository>@sha256:<digest>"},
    {"empty", "", MOOR_REQUIREMENT_ANY,
     .expected = "no image is set" REQUIRES
                 "a valid reference: use the form [<registry>/]<repository>:<tag> or "
                 "[<registry>/]<repository>@sha256:<digest>"},
    {"placeholder", "auto", RELEASE,
     .expected =
         "image \"auto\" is a placeholder that was not replaced" REQUIRES
         "at least a release: set the image, or correct the webhook that replaces the placeholder",
     .class = MOOR_CLASS_PLACEHOLDER},
    {"repository_of_an_injector", "app:1", RELEASE,
     .expected = "image \"app:1\" is not a valid reference (the injector adds a tag to it)" REQUIRES
                 "at least a release: write the repository without a tag and a digest",
     .annotation = &as_repository},
    {"json_of_an_injector", "[{}]", RELEASE,
     .expected = "image \"[{}]\" is not a valid reference (JSON)" REQUIRES
                 "at least a release: define the container or volume in the Pod template instead",
     .annotation = &as_json},
};

/* The verdict without a policy, with the values of the row. */
static void fill_verdict(struct moor_image_verdict *out, const struct message_row *row,
                         struct moor_error *err)
{
    bool is_valid = moor_reference_parse(&out->reference, out->image->text, err) == 0;
    out->class = is_valid ? moor_reference_classify(&out->reference).class : MOOR_CLASS_INVALID;
    out->class = row->class != MOOR_CLASS_INVALID ? row->class : out->class;
    out->level = moor_class_level(out->class);
    out->reason = is_valid && row->entry != NULL ? row->entry->reason : moor_slice_from(err->text);
    out->repair.entry = row->entry;
    out->repair.by = row->entry == &no_tag ? MOOR_REPAIR_DIGEST : MOOR_REPAIR_FORM;
    out->requirement = row->requirement;
    out->origin = row->origin;
    if (row->annotation != NULL) {
        out->class = MOOR_CLASS_INVALID;
        out->level = MOOR_LEVEL_NONE;
        out->reason = row->annotation == &as_json ? MOOR_SLICE("JSON")
                                                  : MOOR_SLICE("the injector adds a tag to it");
    }
}

/* Appends the example for the placeholder at the start of the text.  Returns its length, or 0. */
static size_t append_example(struct moor_buf *out, struct moor_slice text)
{
    static const struct {
        const char *name;
        const char *example;
    } examples[] = {
        {"<major>", "3"},
        {"<minor>", "4"},
        {"<patch>", "5"},
        {"<build>", "6"},
        {"<number>", "7"},
        {"<codename>", "bookworm"},
        {"<yyyymmdd>", "20240107"},
        {"<dd>", "08"},
        {"<commit>", "3f2a91c"},
        {"<time>", "20240107123456"},
        {"<digest>", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"},
    };

    for (size_t i = 0; i < MOOR_ARRAY_SIZE(examples); i++) {
        if (moor_slice_starts_with(text, moor_slice_from(examples[i].name))) {
            moor_buf_append_text(out, examples[i].example);
            return strlen(examples[i].name);
        }
    }
    return 0;
}

/* Replaces each placeholder with an example. */
static void fill_in(struct moor_buf *out, struct moor_slice text)
{
    for (size_t at = 0; at < text.len;) {
        struct moor_slice rest = moor_slice_sub(text, at, text.len);
        size_t taken = append_example(out, rest);
        moor_buf_append(out, moor_slice_sub(rest, 0, taken == 0 ? 1 : 0));
        at += taken == 0 ? 1 : taken;
    }
}

/* Each reference that a repair without an entry proposes meets the requirement. */
static void check_proposals(const struct message_row *row, struct moor_slice repair)
{
    if (row->entry != NULL || !moor_slice_starts_with(repair, MOOR_SLICE("use ")) ||
        memmem(repair.ptr, repair.len, "[<", 2) != NULL) {
        return;
    }
    repair = moor_slice_sub(repair, 4, repair.len);
    while (repair.len > 0) {
        const char *comma = memmem(repair.ptr, repair.len, ", or ", 5);
        size_t len = comma != NULL ? (size_t)(comma - repair.ptr) : repair.len;
        struct moor_reference reference;
        struct moor_buf filled;
        moor_buf_init(&filled, 4096);
        fill_in(&filled, moor_slice_sub(repair, 0, len));
        assert_int_equal(moor_reference_parse(&reference, moor_buf_slice(&filled), NULL), 0);
        assert_true((int)moor_class_level(moor_reference_classify(&reference).class) >=
                    (int)row->requirement);
        moor_buf_release(&filled);
        repair = moor_slice_sub(repair, comma != NULL ? len + 5 : len, repair.len);
    }
}

static void append_image__row__as_expected(void **state)
{
    const struct message_row *row = *state;
    const struct moor_environment environment = {.name = MOOR_SLICE("production")};
    const struct moor_verdict verdict = {.environment = &environment};
    const struct moor_object_image object_image = {.text = moor_slice_from(row->image),
                                                   .annotation = row->annotation};
    struct moor_image_verdict image = {
        .image = &object_image, .decision = MOOR_DECISION_DENY, .would_deny = true};
    struct moor_error err = {0};
    struct moor_buf out;
    moor_buf_init(&out, 4096);
    image.exemption = row->exemption;
    image.ended = row->ended;
    fill_verdict(&image, row, &err);
    moor_message_append_reason(&out, &verdict, &image);
    moor_buf_append_text(&out, ": ");
    size_t start = out.len;
    moor_message_append_image_repair(&out, &image);
    assert_slice_equal(moor_buf_slice(&out), row->expected);
    check_proposals(row, moor_slice_sub(moor_buf_slice(&out), start, out.len));
    moor_buf_release(&out);
}

int main(void)
{
    enum {
        ROWS = MOOR_ARRAY_SIZE(message_rows)
    };

    static char names[ROWS][96];
    struct CMUnitTest tests[ROWS];
    for (size_t i = 0; i < ROWS; i++) {
        (void)snprintf(names[i], sizeof names[i], "append_image__%s__as_expected",
                       message_rows[i].name);
        tests[i] = test_of_row(names[i], append_image__row__as_expected, &message_rows[i]);
    }
    return cmocka_run_group_tests_name("message_image", tests, NULL, NULL);
}
