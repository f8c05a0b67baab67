/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/object/expression.h"
#include "policy/base/array_size.h"
#include "policy/object/kinds.h"

_Static_assert(MOOR_EXPRESSION_MAX_STEPS == 20 && MOOR_PATH_MAX_MEMBERS - 2 == 31,
               "the messages contain these numbers");

/* A step of an expression. */
struct step {
    enum moor_path_step step;
    struct moor_slice key; /* name of a member */
    size_t offset;         /* offset in the expression */
};

struct steps {
    struct step items[MOOR_EXPRESSION_MAX_STEPS];
    size_t count;
    struct step tag; /* the member with the tag; its key is empty if the image is one text */
};

/* A node of the tree; its children are a list, because their number is not known yet. */
struct moor_expression_branch {
    struct moor_path_node node; /* with children if it shares those of a built-in tree */
    struct moor_expression_branch *first;
    struct moor_expression_branch *last;
    struct moor_expression_branch *next; /* next sibling */
    size_t count;                        /* number of children */
    bool has_halves;                     /* an image is in two of its members */
    uint32_t pod_spec; /* number of the expression whose Pod specification is the member `spec` */
    struct moor_path_node *slot; /* where the compiled node goes */
    struct moor_expression_branch *queued;
};

static int fail(struct moor_error *err, enum moor_error_code code, size_t offset, const char *text)
{
    if (err != NULL && err->code == MOOR_ERROR_NONE) {
        err->column = (uint32_t)offset + 1;
        err->offset = offset;
    }
    (void)moor_error_set(err, code, "%s", text);
    return -1;
}

static int fail_for_memory(struct moor_error *err)
{
    return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for path expressions");
}

/* --- reading an expression -------------------------------------------------------------------- */

static bool is_name_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '-' || byte == '_';
}

/* Takes the name of a member, which starts at `*at`, after the dot. */
static int take_member(struct step *out, struct moor_slice text, size_t *at, struct moor_error *err)
{
    size_t end = *at;
    while (end < text.len && is_name_byte(text.ptr[end])) {
        end++;
    }
    if (end == *at) {
        return fail(err, MOOR_ERROR_SYNTAX, *at,
                    *at == 0 ? "it must start with the name of a member"
                             : "the name of a member or '*' is missing after the '.'");
    }
    *out = (struct step){MOOR_PATH_MEMBER, moor_slice_sub(text, *at, end), *at};
    *at = end;
    return 0;
}

static int take_step(struct step *out, struct moor_slice text, bool is_plain, size_t *at,
                     struct moor_error *err)
{
    static const struct moor_slice each_item = {"[*]", 3};
    static const struct moor_slice each_member = {".*", 2};
    struct moor_slice rest = moor_slice_sub(text, *at, text.len);
    if (*at == 0 && is_plain && moor_slice_starts_with(rest, MOOR_SLICE("*"))) {
        *out = (struct step){.step = MOOR_PATH_ANY_MEMBER, .offset = *at};
        ++*at;
        return 0;
    }
    if (*at == 0) {
        return take_member(out, text, at, err);
    }
    if (moor_slice_starts_with(rest, each_item)) {
        *out = (struct step){.step = MOOR_PATH_ANY_ITEM, .offset = *at};
        *at += each_item.len;
        return 0;
    }
    if (moor_slice_starts_with(rest, each_member)) {
        *out = (struct step){.step = MOOR_PATH_ANY_MEMBER, .offset = *at};
        *at += each_member.len;
        return 0;
    }
    if (rest.ptr[0] == '.') {
        ++*at;
        return take_member(out, text, at, err);
    }
    return fail(err, MOOR_ERROR_SYNTAX, *at,
                rest.ptr[0] == '[' ? "only '[*]', each item, is allowed in brackets"
                                   : "'.name', '.*' or '[*]' is expected here");
}

/* Takes `:tag` after the last step, which must be a member. */
static int take_tag(struct steps *steps, struct moor_slice text, size_t *at, struct moor_error *err)
{
    const struct step *last = &steps->items[steps->count - 1];
    size_t start = *at;
    ++*at;
    if (last->step != MOOR_PATH_MEMBER) {
        return fail(err, MOOR_ERROR_SYNTAX, start, "a ':' must follow the name of a member");
    }
    if (*at == text.len || !is_name_byte(text.ptr[*at])) {
        return fail(err, MOOR_ERROR_SYNTAX, *at, "the name of a member is missing after the ':'");
    }
    if (take_member(&steps->tag, text, at, err) != 0) {
        return -1;
    }
    if (*at < text.len) {
        return fail(err, MOOR_ERROR_SYNTAX, *at, "the path must end after the member with the tag");
    }
    return moor_slice_equal(last->key, steps->tag.key)
               ? fail(err, MOOR_ERROR_VALUE, steps->tag.offset,
                      "repository and tag are the same member")
               : 0;
}

static int read_steps(struct steps *out, struct moor_slice text, bool is_plain,
                      struct moor_error *err)
{
    out->count = 0;
    out->tag = (struct step){0};
    if (text.len > MOOR_EXPRESSION_MAX_BYTES) {
        (void)moor_error_set(err, MOOR_ERROR_LIMIT, "it has %zu bytes, more than %d", text.len,
                             MOOR_EXPRESSION_MAX_BYTES);
        return -1;
    }
    size_t at = 0;
    do {
        struct step step;
        size_t start = at;
        if (take_step(&step, text, is_plain, &at, err) != 0) {
            return -1;
        }
        if (out->count == MOOR_EXPRESSION_MAX_STEPS) {
            return fail(err, MOOR_ERROR_LIMIT, start, "it has more than 20 parts");
        }
        out->items[out->count++] = step;
    } while (at < text.len && text.ptr[at] != ':');
    return at < text.len ? take_tag(out, text, &at, err) : 0;
}

/* The array `initContainers` of any resource means the same as in a Pod. */
static enum moor_field field_of(const struct steps *steps)
{
    static const struct {
        const char *array;
        enum moor_field field;
    } fields[] = {
        {"initContainers", MOOR_FIELD_INIT_CONTAINERS},
        {"ephemeralContainers", MOOR_FIELD_EPHEMERAL_CONTAINERS},
        {"volumes", MOOR_FIELD_IMAGE_VOLUMES},
    };
    struct moor_slice array = {0};
    for (size_t i = 1; i < steps->count; i++) {
        if (steps->items[i].step == MOOR_PATH_ANY_ITEM) {
            array = steps->items[i - 1].key;
        }
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(fields); i++) {
        if (moor_slice_is(array, fields[i].array)) {
            return fields[i].field;
        }
    }
    return MOOR_FIELD_CONTAINERS;
}

/* --- merging ---------------------------------------------------------------------------------- */

static struct moor_expression_branch *find(const struct moor_expression_branch *parent,
                                           const struct step *step)
{
    struct moor_expression_branch *branch = parent->first;
    while (branch != NULL &&
           (branch->node.step != step->step || !moor_slice_equal(branch->node.key, step->key))) {
        branch = branch->next;
    }
    return branch;
}

static struct moor_expression_branch *grow(struct moor_expression_tree *tree,
                                           struct moor_expression_branch *parent,
                                           const struct moor_path_node *node)
{
    struct moor_expression_branch *branch = moor_arena_alloc(tree->scratch, sizeof *branch);
    if (branch == NULL) {
        return NULL;
    }
    branch->node = *node;
    if (parent->last != NULL) {
        parent->last->next = branch;
    } else {
        parent->first = branch;
    }
    parent->last = branch;
    parent->count++;
    return branch;
}

/* Returns whether a path ends here: at an image, or at one of its two members. */
static bool has_image(const struct moor_expression_branch *branch)
{
    return branch->node.role == MOOR_PATH_IMAGE || branch->node.role == MOOR_PATH_REPOSITORY ||
           branch->node.role == MOOR_PATH_TAG;
}

/*
 * Returns why this step cannot be added below `parent`, or NULL if it can.  A node has one kind of
 * step, because the reader chooses a child by the JSON that it finds.
 */
static const char *conflict(const struct moor_expression_branch *parent, enum moor_path_step step)
{
    if (has_image(parent)) {
        return "another path has an image here, and this path continues";
    }
    if (parent->node.children == moor_path_metadata.children) {
        return "'metadata' contains no images";
    }
    if (parent->node.child_count > 0) {
        return "this path is inside the Pod specification of another path";
    }
    if (parent->first == NULL ||
        (parent->first->node.step == step &&
         (step != MOOR_PATH_MEMBER || parent->count < MOOR_PATH_MAX_MEMBERS - 2))) {
        return NULL; /* two members are reserved for `name` and `metadata` of the object */
    }
    if (parent->first->node.step == step) {
        return "more than 31 members of this object are read";
    }
    if (step == MOOR_PATH_ANY_ITEM || parent->first->node.step == MOOR_PATH_ANY_ITEM) {
        return "one path has a list here, another an object";
    }
    return "'.*' and the name of a member cannot be used at the same path";
}

/* Moves `*parent` to its child at `step`, which is created if it does not exist. */
static int enter(struct moor_expression_tree *tree, struct moor_expression_branch **parent,
                 const struct step *step, struct moor_error *err)
{
    struct moor_expression_branch *branch = find(*parent, step);
    if (branch == NULL) {
        const char *reason = conflict(*parent, step->step);
        if (reason != NULL) {
            return fail(err, MOOR_ERROR_VALUE, step->offset, reason);
        }
        branch =
            grow(tree, *parent, &(struct moor_path_node){.step = step->step, .key = step->key});
    }
    if (branch == NULL) {
        return fail_for_memory(err);
    }
    *parent = branch;
    return 0;
}

static int end_at_pod_spec(struct moor_expression_tree *tree, struct moor_expression_branch *branch,
                           const struct step *last, struct moor_error *err)
{
    for (size_t i = 0; i < moor_path_pod_spec.child_count; i++) {
        struct moor_path_node node = moor_path_pod_spec.children[i];
        node.expression = tree->count;
        const struct step step = {node.step, node.key, last->offset};
        const struct moor_expression_branch *before = find(branch, &step);
        const char *reason = before != NULL ? "another path leads to or into this Pod "
                                              "specification"
                                            : conflict(branch, node.step);
        if (reason != NULL) {
            return fail(err, MOOR_ERROR_VALUE, last->offset, reason);
        }
        if (grow(tree, branch, &node) == NULL) {
            return fail_for_memory(err);
        }
    }
    return 0;
}

static int end_at_image(const struct moor_expression_tree *tree,
                        struct moor_expression_branch *branch, const struct steps *steps,
                        enum moor_path_role role, struct moor_error *err)
{
    size_t offset = steps->items[steps->count - 1].offset;
    if (has_image(branch)) {
        return fail(err, MOOR_ERROR_VALUE, offset, "duplicate path: remove it");
    }
    if (branch->node.children == moor_path_metadata.children) {
        return fail(err, MOOR_ERROR_VALUE, offset, conflict(branch, MOOR_PATH_MEMBER));
    }
    if (branch->first != NULL || branch->node.child_count > 0) {
        return fail(err, MOOR_ERROR_VALUE, offset,
                    "another path continues here, and this path has an image");
    }
    branch->node.role = role;
    branch->node.field = field_of(steps);
    branch->node.sets_field = true;
    branch->node.expression = tree->count;
    return 0;
}

/* Adds the two members of `parent` that hold an image; the first one is `branch`. */
static int end_at_halves(struct moor_expression_tree *tree, struct moor_expression_branch *parent,
                         struct moor_expression_branch *branch, const struct steps *steps,
                         struct moor_error *err)
{
    struct moor_expression_branch *tag = parent;
    /* The reader keeps one repository and one tag for each object while it reads the members. */
    if (parent->has_halves) {
        return fail(err, MOOR_ERROR_VALUE, steps->items[steps->count - 1].offset,
                    "another path has an image in two members of this object");
    }
    parent->has_halves = true;
    return enter(tree, &tag, &steps->tag, err) != 0 ||
                   end_at_image(tree, branch, steps, MOOR_PATH_REPOSITORY, err) != 0
               ? -1
               : end_at_image(tree, tag, steps, MOOR_PATH_TAG, err);
}

int moor_expression_tree_init_plain(struct moor_expression_tree *out, struct moor_arena *scratch,
                                    struct moor_error *err)
{
    *out = (struct moor_expression_tree){.scratch = scratch, .is_plain = true};
    out->root = moor_arena_alloc(scratch, sizeof *out->root);
    return out->root != NULL ? 0 : fail_for_memory(err);
}

int moor_expression_tree_init(struct moor_expression_tree *out, struct moor_arena *scratch,
                              struct moor_error *err)
{
    *out = (struct moor_expression_tree){.scratch = scratch};
    out->root = moor_arena_alloc(scratch, sizeof *out->root);
    return out->root != NULL && grow(out, out->root, &moor_path_metadata) != NULL
               ? 0
               : fail_for_memory(err);
}

int moor_expression_add(struct moor_expression_tree *tree, struct moor_slice text,
                        enum moor_expression_mode mode, struct moor_error *err)
{
    struct steps steps;
    if (read_steps(&steps, text, tree->is_plain, err) != 0) {
        return -1;
    }
    /* Expressions count from 1, because 0 is for the built-in kinds. */
    tree->count++;
    struct moor_expression_branch *branch = tree->root;
    struct moor_expression_branch *parent = branch;
    const struct step *last = &steps.items[steps.count - 1];
    for (size_t i = 0; i < steps.count; i++) {
        parent = branch;
        if (enter(tree, &branch, &steps.items[i], err) != 0) {
            return -1;
        }
    }
    if (mode == MOOR_EXPRESSION_IMAGE) {
        return steps.tag.key.len > 0 ? end_at_halves(tree, parent, branch, &steps, err)
                                     : end_at_image(tree, branch, &steps, MOOR_PATH_IMAGE, err);
    }
    if (steps.tag.key.len > 0) {
        return fail(err, MOOR_ERROR_VALUE, steps.tag.offset,
                    "a Pod specification is one member, without ':'");
    }
    parent->pod_spec = moor_slice_is(last->key, "spec") ? tree->count : parent->pod_spec;
    return end_at_pod_spec(tree, branch, last, err);
}

/* --- compiling -------------------------------------------------------------------------------- */

/* Adds a member to an object, unless an expression has an array or the same member there. */
static int add_member(struct moor_expression_tree *tree, struct moor_expression_branch *branch,
                      const struct moor_path_node *node, struct moor_error *err)
{
    const struct step step = {.step = node->step, .key = node->key};
    if (branch->first->node.step != MOOR_PATH_MEMBER || find(branch, &step) != NULL) {
        return 0;
    }
    return grow(tree, branch, node) != NULL ? 0 : fail_for_memory(err);
}

/* The `name` names images in messages; the annotations of a Pod template may name images. */
static int add_members(struct moor_expression_tree *tree, struct moor_expression_branch *branch,
                       struct moor_error *err)
{
    static const struct moor_path_node name = {
        .step = MOOR_PATH_MEMBER, .role = MOOR_PATH_NAME, .key = {"name", 4}};
    struct moor_path_node metadata = moor_path_template_metadata;
    metadata.expression = branch->pod_spec;
    /* The name of the whole object is not that of an image. */
    if (branch == tree->root) {
        return 0;
    }
    return add_member(tree, branch, &name, err) != 0 ||
                   (branch->pod_spec > 0 && add_member(tree, branch, &metadata, err) != 0)
               ? -1
               : 0;
}

/* Compiles breadth first, so that the children of a node are adjacent; uses no recursion. */
int moor_expression_compile(const struct moor_path_node **out, struct moor_expression_tree *tree,
                            struct moor_arena *arena, struct moor_error *err)
{
    struct moor_path_node *root = moor_arena_alloc(arena, sizeof *root);
    if (root == NULL) {
        return fail_for_memory(err);
    }
    struct moor_expression_branch *last = tree->root;
    last->slot = root;
    for (struct moor_expression_branch *branch = last; branch != NULL; branch = branch->queued) {
        *branch->slot = branch->node;
        if (branch->first == NULL) {
            continue;
        }
        struct moor_path_node *nodes = NULL;
        if (add_members(tree, branch, err) != 0 ||
            (nodes = moor_arena_alloc(arena, branch->count * sizeof *nodes)) == NULL) {
            return fail_for_memory(err);
        }
        branch->slot->children = nodes;
        branch->slot->child_count = branch->count;
        for (struct moor_expression_branch *child = branch->first; child != NULL;
             child = child->next) {
            child->slot = nodes++;
            last->queued = child;
            last = child;
        }
    }
    *out = root;
    return 0;
}
