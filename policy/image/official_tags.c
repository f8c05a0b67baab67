/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/image/official_tags.h"

#include "policy/base/array_size.h"

static const struct moor_official_tags table[] = {
    {.names = "debian ubuntu", .is_dated = true, .variant = "-slim"},
    {.names = "almalinux", .parts = 2, .end = "-<yyyymmdd>", .variant = "-minimal"},
    {.names = "odoo photon", .parts = 2, .end = "-<yyyymmdd>", .variant = ""},
    {.names = "amazonlinux", .parts = 4, .last = ".<yyyymmdd>.<build>", .variant = ""},
    {.names = "eclipse-temurin",
     .parts = 3,
     .after = "_<build>",
     .flavor = "-jdk",
     .is_8_other = true},
    {.names = "amazoncorretto", .parts = 3, .variant = "", .is_8_other = true},
    {.names = "openjdk", .parts = 3, .is_8_other = true},
    {.names = "ibm-semeru-runtimes sapmachine", .parts = 4},
    {.names = "percona", .parts = 3, .after = "-<build>"},
    /* Rolling tags only, or several versions in one tag. */
    {.names = "aerospike alt archlinux azul-zulu buildpack-deps clearlinux clojure fedora fluentd "
              "friendica hello-world ibmjava mageia neurodebian open-liberty oraclelinux pypy "
              "rakudo-star ros tomee websphere-liberty"},
};

/* The name of the official image, or an empty one. */
static struct moor_slice name_of(const struct moor_reference *reference)
{
    static const struct moor_slice library = {"library/", 8};
    if (reference->implies_library) {
        return reference->path;
    }
    return moor_slice_is(reference->domain, "docker.io") &&
                   moor_slice_starts_with(reference->path, library)
               ? moor_slice_sub(reference->path, library.len, reference->path.len)
               : (struct moor_slice){0};
}

bool moor_official_is(const struct moor_reference *reference)
{
    return name_of(reference).len > 0;
}

/* Returns whether the list, whose items are separated by blanks, has this item. */
static bool is_listed(struct moor_slice item, const char *list)
{
    for (const char *at = list; *at != '\0';) {
        size_t len = strcspn(at, " ");
        if (moor_slice_equal(item, (struct moor_slice){at, len})) {
            return true;
        }
        at += len + (at[len] == ' ');
    }
    return false;
}

const struct moor_official_tags *moor_official_tags_find(const struct moor_reference *reference)
{
    struct moor_slice name = name_of(reference);
    for (size_t i = 0; name.len > 0 && i < MOOR_ARRAY_SIZE(table); i++) {
        if (is_listed(name, table[i].names)) {
            return &table[i];
        }
    }
    return NULL;
}

const char *moor_official_tags_names(size_t index)
{
    return index < MOOR_ARRAY_SIZE(table) ? table[index].names : NULL;
}
