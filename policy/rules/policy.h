/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy - what a policy file asks for, as a value.
 *
 * Built once by the loader, never changed afterwards, shared by counting references and replaced by
 * swapping the pointer.  Slices and arrays point into memory that the policy owns.
 *
 * Threads:  read by any number of threads; moor_policy_hold() and moor_policy_release() are atomic.
 * Memory:   one arena for all texts and arrays; compiled globs are released with it.
 */
#ifndef MOOR_POLICY_RULES_POLICY_H
#define MOOR_POLICY_RULES_POLICY_H

#include "policy/base/arena.h"
#include "policy/base/glob.h"
#include "policy/base/glob_index.h"
#include "policy/base/pattern.h"
#include "policy/base/slice.h"
#include "policy/image/class.h"
#include "policy/object/annotation.h"
#include "policy/object/field.h"
#include "policy/object/kinds.h"
#include "policy/object/path.h"
#include "policy/rules/image_glob.h"

#include <stdatomic.h>

/*
 * What is asked of an image.  Each value above `ignore` asks for the enum moor_level of the same
 * number, `any` for ROLLING: an image passes where its level is not lower.
 */
enum moor_requirement {
    MOOR_REQUIREMENT_IGNORE, /* nothing: not even a valid reference */
    MOOR_REQUIREMENT_ANY,    /* a valid reference */
    MOOR_REQUIREMENT_RELEASE,
    MOOR_REQUIREMENT_BUILD,
    MOOR_REQUIREMENT_DIGEST
};

_Static_assert((int)MOOR_REQUIREMENT_ANY == (int)MOOR_LEVEL_ROLLING &&
                   (int)MOOR_REQUIREMENT_DIGEST == (int)MOOR_LEVEL_DIGEST,
               "a demand is compared with a level by its number");

/* Deny below `enforce`, admit with a warning below `warn`, record below `audit`. */
struct moor_requirements {
    enum moor_requirement enforce;
    enum moor_requirement warn;
    enum moor_requirement audit;
};

/* Levels of which some are not given: those stay as they were before. */
struct moor_overlay {
    struct moor_requirements requirements;
    bool has_enforce;
    bool has_warn;
    bool has_audit;
};

/* Caps what a verdict may do, strictest last. */
enum moor_mode {
    MOOR_MODE_AUDIT, /* denials and warnings become records */
    MOOR_MODE_WARN,  /* denials become warnings */
    MOOR_MODE_ENFORCE
};

/* A label that a namespace must have, with one of these values. */
struct moor_label_rule {
    struct moor_slice key;
    struct moor_slice *values;
    size_t count;
};

/* What is asked of some images, by name, in place of the environment's levels. */
struct moor_image_rule {
    struct moor_glob_list match; /* over the canonical name, without tag */
    struct moor_requirements requirements;
};

struct moor_environment {
    struct moor_slice name;
    bool is_default;
    enum moor_mode mode;            /* the policy's where the environment has none */
    struct moor_label_rule *labels; /* of the namespace: each must hold; none: labels do not lead
                                       here */
    size_t label_count;
    struct moor_glob_list namespaces; /* over the namespace's name */
    struct moor_requirements requirements;
    struct moor_image_rule *images; /* in order: the first that matches holds */
    size_t image_count;
    struct moor_glob_index image_index;           /* over `images`; the rank is the place in it */
    struct moor_overlay fields[MOOR_FIELD_COUNT]; /* over `levels`, or those of `images` */
    struct moor_overlay unchanged; /* the same, for an image that the old object already had */
};

struct moor_pattern_list {
    struct moor_pattern *items;
    size_t count;
};

/* What patterns of a repository's entry say, in the order in which they are asked. */
enum moor_pattern_kind {
    MOOR_PATTERNS_ROLLING,
    MOOR_PATTERNS_BUILD,
    MOOR_PATTERNS_RELEASE
};

#define MOOR_PATTERNS_COUNT (MOOR_PATTERNS_RELEASE + 1)

/* What is known about the tags of some repositories. */
struct moor_repository {
    struct moor_glob_list match; /* over the canonical name, without tag */
    struct moor_slice reason;    /* for people; may be empty */
    struct moor_pattern_list patterns[MOOR_PATTERNS_COUNT]; /* over the tag as written */
    unsigned version_parts;    /* how many make a version full; 0: not given */
    enum moor_level otherwise; /* of all other tags; MOOR_LEVEL_NONE: what their form says */
};

/* What an exemption is matched with, images apart: globs, of which one must match. */
enum moor_exemption_key {
    MOOR_EXEMPTION_ENVIRONMENTS,
    MOOR_EXEMPTION_NAMESPACES,
    MOOR_EXEMPTION_KINDS, /* `Kind` or `Kind.group` */
    MOOR_EXEMPTION_NAMES,
    MOOR_EXEMPTION_FIELDS,
    MOOR_EXEMPTION_CONTAINERS, /* names of containers and volumes */
    MOOR_EXEMPTION_USERS,
    MOOR_EXEMPTION_GROUPS
};

#define MOOR_EXEMPTION_KEY_COUNT (MOOR_EXEMPTION_GROUPS + 1)

/* Less is asked of what matches, for a time. */
struct moor_exemption {
    struct moor_slice name;
    struct moor_slice reason;
    bool is_permanent;
    int64_t expires;         /* the first second in which it does not apply; 0 where permanent */
    struct moor_slice until; /* the same as written; empty where permanent */
    uint32_t line;           /* of `expires` in the file, for a warning that it is over */
    uint32_t column;
    enum moor_requirement enforce; /* what is asked for instead, by `enforce` and `warn` */
    struct moor_glob_list match[MOOR_EXEMPTION_KEY_COUNT]; /* empty: anything */
    struct moor_image_glob_list images;                    /* the same */
};

/* How the exemptions for an image are found, those that ask for least first: their rank. */
struct moor_exemption_index {
    const struct moor_exemption **by_rank;
    uint32_t *unlisted; /* ranks of those without a list of images */
    size_t unlisted_count;
    const struct moor_image_glob **globs; /* by the `number` of an item */
    struct moor_glob_index names;         /* over canonical names */
    struct moor_glob_index texts;         /* over texts that are no reference */
};

/* Users who only carry out what was judged when a person wrote it. */
struct moor_controllers {
    struct moor_glob_list users; /* the built-in ones, and behind them the file's */
    size_t builtin_count;        /* of `users`: the controllers of Kubernetes itself */
    struct moor_requirements requirements;
};

struct moor_path_list {
    struct moor_slice *items; /* expressions, as object/expression.h reads them */
    size_t count;
};

/* A kind that Kubernetes does not know, and where images stand in it. */
struct moor_custom_resource {
    struct moor_kind kind;
    struct moor_path_list pod_specs;
    struct moor_path_list images;
    uint32_t line; /* in the file; 0: it is well known */
};

struct moor_policy {
    atomic_uint references;
    struct moor_arena arena;
    unsigned version; /* of the file's shape: 1 */
    unsigned grammar; /* of the tag classes: 1 */
    enum moor_mode mode;
    struct moor_environment *environments;
    size_t environment_count;
    const struct moor_environment *default_environment; /* one of `environments` */
    struct moor_controllers controllers;
    struct moor_repository *repositories; /* in order; the built-in ones stand behind the file's */
    size_t repository_count;
    size_t own_repository_count;             /* of them, the file's */
    struct moor_glob_index repository_index; /* the rank is the place in `repositories` */
    struct moor_exemption *exemptions;       /* in the order of the file */
    size_t exemption_count;
    struct moor_exemption_index exemption_index;
    struct moor_custom_resource *custom_resources; /* the file's, then the well-known ones */
    size_t custom_resource_count;
    struct moor_annotation_list annotations; /* the file's, then the built-in ones */
    size_t own_annotation_count;             /* of them, the file's */
    struct moor_slice *placeholders;         /* texts that stand in for an image in a template */
    size_t placeholder_count;
    char digest[sizeof "sha256:" + 64]; /* of the file's bytes: `sha256:` and hex */
};

/* Takes another reference.  Returns the policy. */
struct moor_policy *moor_policy_hold(struct moor_policy *policy);

/* Gives a reference back; the last one frees the policy.  NULL is ignored. */
void moor_policy_release(struct moor_policy *policy);

/*
 * The kind of this group that has this resource or this kind (either may be empty): one of
 * Kubernetes, else one of the policy's; NULL where there is none.
 */
const struct moor_kind *moor_policy_find_kind(const struct moor_policy *policy,
                                              struct moor_slice group, struct moor_slice resource,
                                              struct moor_slice kind);

/* The demand's name as the file writes it: "release". */
const char *moor_requirement_name(enum moor_requirement requirement);

/* The mode's name as the file writes it: "enforce". */
const char *moor_mode_name(enum moor_mode mode);

#endif
