/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy - the rules of a policy file as data.
 *
 * The loader builds a policy once.  A policy never changes afterwards; it is shared by counting
 * references, and a reload replaces the pointer.  Slices and arrays point into memory that the
 * policy owns.
 *
 * Threads:  many threads may read a policy; moor_policy_hold() and moor_policy_release() are
 * atomic. Memory:   one arena for all texts and arrays; the last reference frees the compiled globs
 * too. Limits:   those of the loader (policy/file/loader.h).
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
 * The requirements, weakest first.  Each value from `any` requires the enum moor_level of the same
 * number: an image satisfies it if its level is at least as high.
 */
enum moor_requirement {
    MOOR_REQUIREMENT_IGNORE,  /* nothing, not even a valid reference */
    MOOR_REQUIREMENT_ANY,     /* a valid reference */
    MOOR_REQUIREMENT_RELEASE, /* at least level release */
    MOOR_REQUIREMENT_BUILD,   /* at least level build */
    MOOR_REQUIREMENT_DIGEST   /* a digest */
};

_Static_assert((int)MOOR_REQUIREMENT_ANY == (int)MOOR_LEVEL_ROLLING &&
                   (int)MOOR_REQUIREMENT_DIGEST == (int)MOOR_LEVEL_DIGEST,
               "a requirement is compared with a level by its number");

/* The three requirements for an image, one for each action. */
struct moor_requirements {
    enum moor_requirement enforce; /* an image below is denied */
    enum moor_requirement warn;    /* an image below is admitted with a warning */
    enum moor_requirement audit;   /* an image below is audited */
};

/* Requirements of which some are absent; these remain as they were before the overlay. */
struct moor_overlay {
    struct moor_requirements requirements;
    bool has_enforce; /* `requirements.enforce` is given; the same for the others */
    bool has_warn;
    bool has_audit;
};

/* The most severe decision that a policy makes, from the least to the most severe. */
enum moor_mode {
    MOOR_MODE_AUDIT,  /* denials and warnings become audit records */
    MOOR_MODE_WARN,   /* denials become warnings */
    MOOR_MODE_ENFORCE /* no cap */
};

/* A label that a namespace must have, with one of these values. */
struct moor_label_rule {
    struct moor_slice key;
    struct moor_slice *values;
    size_t count; /* number of values */
};

/* Requirements for some images, which replace those of the environment. */
struct moor_image_rule {
    struct moor_glob_list match; /* for the canonical name, without tag */
    struct moor_requirements requirements;
};

/* An environment: namespaces that share requirements. */
struct moor_environment {
    struct moor_slice name;
    bool is_default;     /* applies to namespaces that no environment matches */
    enum moor_mode mode; /* the policy's mode if the environment has none */
    struct moor_label_rule
        *labels; /* the namespace must match all; none: labels do not select the environment */
    size_t label_count;
    struct moor_glob_list namespaces; /* for the name of the namespace */
    struct moor_requirements requirements;
    struct moor_image_rule *images; /* in order: the first that matches applies */
    size_t image_count;
    struct moor_glob_index image_index; /* over `images`; the rank is the index in `images` */
    struct moor_overlay fields[MOOR_FIELD_COUNT]; /* over `requirements`, or those of `images` */
    struct moor_overlay unchanged;                /* for images that the old object has too */
};

/* Patterns of which one must match. */
struct moor_pattern_list {
    struct moor_pattern *items;
    size_t count;
};

/* The patterns of an entry for repositories, in the order in which they are tried. */
enum moor_pattern_kind {
    MOOR_PATTERNS_ROLLING, /* a matching tag has level rolling; the others likewise */
    MOOR_PATTERNS_BUILD,
    MOOR_PATTERNS_RELEASE
};

/* The number of kinds of patterns. */
#define MOOR_PATTERNS_COUNT (MOOR_PATTERNS_RELEASE + 1)

/* An entry about the tags of some repositories. */
struct moor_repository {
    struct moor_glob_list match; /* for the canonical name, without tag */
    struct moor_slice reason;    /* shown in messages; may be empty */
    struct moor_pattern_list patterns[MOOR_PATTERNS_COUNT]; /* for the tag as written */
    unsigned version_parts;    /* number of parts of a full version; 0: not given */
    enum moor_level otherwise; /* level of all other tags; MOOR_LEVEL_NONE: by their form */
    uint32_t line;             /* line of the entry in its file */
};

/* The keys of an exemption except images.  Each has globs of which one must match. */
enum moor_exemption_key {
    MOOR_EXEMPTION_ENVIRONMENTS,
    MOOR_EXEMPTION_NAMESPACES,
    MOOR_EXEMPTION_KINDS, /* `Kind` or `Kind.group` */
    MOOR_EXEMPTION_NAMES, /* names of workloads */
    MOOR_EXEMPTION_FIELDS,
    MOOR_EXEMPTION_CONTAINERS, /* names of containers and volumes */
    MOOR_EXEMPTION_USERS,
    MOOR_EXEMPTION_GROUPS
};

/* The number of keys. */
#define MOOR_EXEMPTION_KEY_COUNT (MOOR_EXEMPTION_GROUPS + 1)

/* An exemption, which lowers the requirements of everything that it matches. */
struct moor_exemption {
    struct moor_slice name;
    struct moor_slice reason;
    bool is_permanent;
    int64_t expires;         /* first second after the exemption; 0 if permanent */
    struct moor_slice until; /* `expires` as written; empty if permanent */
    uint32_t line;           /* position of `expires` in the file, for warnings */
    uint32_t column;
    enum moor_requirement enforce;                         /* upper limit of `enforce` and `warn` */
    struct moor_glob_list match[MOOR_EXEMPTION_KEY_COUNT]; /* empty list: anything */
    struct moor_image_glob_list images;                    /* empty list: any valid reference */
};

/*
 * The index of exemptions.  The rank orders them by `enforce`, weakest requirement first, so that
 * the lowest rank that applies is the one to use.
 */
struct moor_exemption_index {
    const struct moor_exemption **by_rank;
    uint32_t *unlisted; /* ranks of exemptions without a list of images */
    size_t unlisted_count;
    const struct moor_image_glob **globs; /* by the `number` of an item */
    struct moor_glob_index names;         /* over canonical names */
    struct moor_glob_index texts;         /* over invalid references */
};

/* Users whose requests only repeat images that a user's request had before. */
struct moor_controllers {
    struct moor_glob_list users; /* the built-in ones, then the file's */
    size_t builtin_count;        /* number of users that are controllers of Kubernetes itself */
    struct moor_requirements requirements;
};

/* Expressions that find images in an object. */
struct moor_path_list {
    struct moor_slice *items; /* expressions, as object/expression.h reads them */
    size_t count;
};

/* A custom kind, and where images are in its objects. */
struct moor_custom_resource {
    struct moor_kind kind;
    struct moor_path_list pod_specs; /* expressions for Pod specs */
    struct moor_path_list images;    /* expressions for image references */
    uint32_t line;                   /* line in the file; 0: the kind is well known */
};

/* The policy. */
struct moor_policy {
    atomic_uint references; /* number of holders */
    struct moor_arena arena;
    unsigned version; /* version of the file format: 1 */
    unsigned grammar; /* version of the tag classes: 1 */
    enum moor_mode mode;
    struct moor_environment *environments;
    size_t environment_count;
    const struct moor_environment *default_environment; /* one of `environments` */
    struct moor_controllers controllers;
    struct moor_repository *repositories; /* the file's in order, then the built-in ones */
    size_t repository_count;
    size_t own_repository_count;             /* number of the file's entries */
    struct moor_glob_index repository_index; /* the rank is the index in `repositories` */
    struct moor_exemption *exemptions;       /* in the order of the file */
    size_t exemption_count;
    struct moor_exemption_index exemption_index;
    struct moor_custom_resource *custom_resources; /* the file's, then the well-known ones */
    size_t custom_resource_count;
    struct moor_annotation_list annotations; /* the file's, then the built-in ones */
    size_t own_annotation_count;             /* number of the file's annotations */
    struct moor_slice *placeholders;         /* texts that replace an image in a template */
    size_t placeholder_count;
    char digest[sizeof "sha256:" + 64]; /* hash of the canonical form: `sha256:` and hex */
};

/* Adds a reference.  Returns the policy. */
struct moor_policy *moor_policy_hold(struct moor_policy *policy);

/* Drops a reference; the last one frees the policy.  NULL is ignored. */
void moor_policy_release(struct moor_policy *policy);

/*
 * Returns the kind with this group and this resource or kind (either may be empty).  Kinds of
 * Kubernetes precede those of the policy.  Returns NULL if there is none.
 */
const struct moor_kind *moor_policy_find_kind(const struct moor_policy *policy,
                                              struct moor_slice group, struct moor_slice resource,
                                              struct moor_slice kind);

/* Returns the name of the requirement in the policy file: "release". */
const char *moor_requirement_name(enum moor_requirement requirement);

/* Returns the name of the mode in the policy file: "enforce". */
const char *moor_mode_name(enum moor_mode mode);

#endif
