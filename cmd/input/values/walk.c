/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/values/walk.h"

#include "cmd/input/values/mapping.h"
#include "cmd/input/values/number.h"
#include "cmd/input/values/text.h"
#include "policy/json/reader.h"

#define LONGEST_PATH 1024
/* How far below a key `images` each text may be an image: `images.web`, `images.web.nginx`. */
#define LISTED_DEPTH 2

/* An open list or mapping. */
struct level {
    struct moor_slice key; /* key of the member that led here; empty for an item */
    uint32_t index;        /* index of the current item */
    bool is_array;
    uint8_t listed; /* levels below that may still have texts of `images` */
    bool is_image;
    bool is_item; /* it is an item of a list */
    bool is_container;
    bool has_containers; /* its items are containers: it is of Kubernetes, not of a chart */
    bool is_source;
    size_t first_member;
};

struct walk {
    struct moor_values_found *found;
    const struct moor_values *values;
    struct moor_arena *arena;
    struct moor_error *err;
    struct moor_json_reader reader;
    struct level levels[MOOR_VALUES_MAX_DEPTH];
    size_t depth;
    struct moor_values_member *members; /* members of all open mappings, the innermost last */
    size_t member_count;
    size_t member_room;
    struct moor_slice registry;
    struct moor_slice key; /* key of the value that comes next */
};

static int fail_memory(struct walk *walk)
{
    return moor_error_set(walk->err, MOOR_ERROR_MEMORY, "no memory for values");
}

/* --- paths ------------------------------------------------------------------------------------ */

static void append_step(struct moor_buf *out, const struct level *outer, struct moor_slice key)
{
    if (outer->is_array) {
        moor_buf_printf(out, "[%u]", outer->index);
        return;
    }
    moor_buf_append_text(out, out->len > 0 ? "." : "");
    moor_buf_append(out, key);
}

/*
 * Returns the path of the innermost mapping or of its member `key`, or of the current item of a
 * list.  A very long one is cut, as in other findings.
 */
static int path_of(struct moor_slice *out, struct walk *walk, struct moor_slice key)
{
    struct moor_buf path;
    moor_buf_init(&path, LONGEST_PATH);
    moor_buf_append(&path, walk->values->path);
    for (size_t i = 1; i < walk->depth; i++) {
        append_step(&path, &walk->levels[i - 1], walk->levels[i].key);
    }
    if (walk->levels[walk->depth - 1].is_array) {
        append_step(&path, &walk->levels[walk->depth - 1], (struct moor_slice){0});
    } else if (key.len > 0) {
        append_step(&path, &walk->levels[walk->depth - 1], key);
    }
    int status = moor_arena_copy(walk->arena, out, moor_buf_slice(&path), walk->err);
    moor_buf_release(&path);
    return status;
}

/* --- members ---------------------------------------------------------------------------------- */

static int push_member(struct walk *walk, const struct moor_values_member *member)
{
    struct moor_values_member *members =
        moor_arena_grow(walk->arena, walk->members, walk->member_count, &walk->member_room,
                        walk->member_count + 1, sizeof *walk->members);
    if (members == NULL) {
        return fail_memory(walk);
    }
    walk->members = members;
    walk->members[walk->member_count++] = *member;
    return 0;
}

/* Reads a scalar as Helm prints it.  Null and a number too large for Go are empty. */
static int read_scalar(struct moor_values_member *out, struct walk *walk,
                       enum moor_json_event event, const struct moor_json_token *token)
{
    char room[MOOR_VALUES_NUMBER_MAX];
    switch (event) {
    case MOOR_JSON_STRING:
        out->is_text = true;
        return moor_json_token_text(token, walk->arena, &out->text, walk->err);
    case MOOR_JSON_NUMBER:
        return moor_arena_copy(walk->arena, &out->text, moor_values_number_render(room, token->raw),
                               walk->err);
    case MOOR_JSON_TRUE:
        out->text = MOOR_SLICE("true");
        return 0;
    case MOOR_JSON_FALSE:
        out->text = MOOR_SLICE("false");
        return 0;
    default:
        return 0;
    }
}

/*
 * Returns whether a text may be an image whatever its key is: below `images`, or because the text
 * itself leaves no doubt.  A text with escapes is no reference.
 */
static bool may_be_image(const struct level *level, const struct moor_values_member *member,
                         const struct moor_json_token *token)
{
    return member->key.part == MOOR_VALUES_NONE && !token->escaped &&
           (level->listed > 0 ||
            (moor_values_text_is_image(token->raw) && !moor_values_key_is_of_prose(member->name)));
}

/*
 * Returns whether a text may be YAML with images: several lines, with a word that such YAML has.
 * The results of parameters have the strings of the values, which were kept before.
 */
static bool may_be_yaml(const struct walk *walk, const struct moor_json_token *token)
{
    const struct moor_values_overrides *overrides = walk->values->overrides;
    return token->escaped && memmem(token->raw.ptr, token->raw.len, "image", 5) != NULL &&
           memmem(token->raw.ptr, token->raw.len, "\\n", 2) != NULL &&
           (overrides == NULL || !overrides->is_joined);
}

static int keep_string(struct walk *walk, const struct level *level,
                       const struct moor_json_token *token)
{
    struct moor_values_string string = {.key = level->is_array ? level->key : walk->key,
                                        .offset = walk->values->offset + token->offset};
    string.json = moor_slice_sub(walk->values->json, token->offset,
                                 token->offset + token->raw.len + 2); /* with its quotes */
    return path_of(&string.path, walk, walk->key) != 0
               ? -1
               : moor_values_found_add_string(walk->found, &string, walk->arena, walk->err);
}

static int take_scalar(struct walk *walk, enum moor_json_event event,
                       const struct moor_json_token *token)
{
    struct level *level = &walk->levels[walk->depth - 1];
    struct moor_values_member member = {.offset = walk->values->offset + token->offset};
    if (!level->is_array) {
        member.name = walk->key;
        member.key = moor_values_key_read(walk->key);
    }
    if (event == MOOR_JSON_STRING && may_be_yaml(walk, token)) {
        return keep_string(walk, level, token);
    }
    if (event == MOOR_JSON_STRING && may_be_image(level, &member, token)) {
        /* The key is the prefix, so that each text of the mapping is an image of its own. */
        member.key = (struct moor_values_key){.part = MOOR_VALUES_IMAGE, .prefix = MOOR_SLICE("*")};
        member.key.prefix = level->is_array ? member.key.prefix : walk->key;
    }
    if (member.key.part == MOOR_VALUES_NONE) {
        return 0;
    }
    return read_scalar(&member, walk, event, token) != 0 ? -1 : push_member(walk, &member);
}

/* Parameters name a mapping by its path in the values. */
static int apply_overrides(struct moor_values_mapping *mapping, struct walk *walk)
{
    struct moor_slice path =
        moor_slice_sub(mapping->path, walk->values->path.len, mapping->path.len);
    if (walk->values->overrides == NULL) {
        return 0;
    }
    if (path.len > 0 && path.ptr[0] == '.') {
        path = moor_slice_sub(path, 1, path.len);
    }
    return moor_values_overrides_apply(mapping, walk->values->overrides, path, walk->arena,
                                       walk->err);
}

/* Joins the members of the innermost level from `first` on. */
static int join_members(struct walk *walk, size_t first)
{
    const struct level *level = &walk->levels[walk->depth - 1];
    struct moor_values_mapping mapping = {.count = walk->member_count - first,
                                          .registry = walk->registry,
                                          .is_image = level->is_image,
                                          .is_item = level->is_item,
                                          .is_container = level->is_container,
                                          .is_source = level->is_source};
    walk->member_count = first;
    if (mapping.count == 0) {
        return 0;
    }
    mapping.members = walk->members + first;
    if (path_of(&mapping.path, walk, (struct moor_slice){0}) != 0 ||
        apply_overrides(&mapping, walk) != 0) {
        return -1;
    }
    return mapping.count > 0
               ? moor_values_mapping_take(walk->found, &mapping, walk->arena, walk->err)
               : 0;
}

/* --- levels ----------------------------------------------------------------------------------- */

/* An item of a list of images is an image itself, so it inherits what the key of the list says. */
static int open_level(struct walk *walk, bool is_array)
{
    if (walk->depth == MOOR_VALUES_MAX_DEPTH) {
        return moor_error_set(walk->err, MOOR_ERROR_LIMIT,
                              "values are nested deeper than %d levels", MOOR_VALUES_MAX_DEPTH);
    }
    static const struct level none = {0};
    const struct level *outer = walk->depth > 0 ? &walk->levels[walk->depth - 1] : &none;
    bool is_item = outer->is_array;
    struct level *level = &walk->levels[walk->depth++];
    *level = (struct level){.key = !is_item ? walk->key : (struct moor_slice){0},
                            .is_array = is_array,
                            .is_item = is_item,
                            .first_member = walk->member_count};
    level->has_containers =
        is_array && walk->values->key.len > 0 && moor_values_key_is_containers(level->key);
    level->is_container = outer->has_containers;
    level->is_image = is_item ? outer->is_image : moor_values_key_is_image(level->key);
    if (moor_values_key_is_images(level->key)) {
        level->listed = LISTED_DEPTH;
    } else if (outer->listed > 0) {
        level->listed = (uint8_t)(outer->listed - 1);
    }
    return 0;
}

/* Counts an item of a list, after its value. */
static void end_value(struct walk *walk)
{
    if (walk->depth > 0 && walk->levels[walk->depth - 1].is_array) {
        walk->levels[walk->depth - 1].index++;
    }
}

static int close_level(struct walk *walk)
{
    struct level *level = &walk->levels[walk->depth - 1];
    int status = join_members(walk, level->first_member);
    walk->depth--;
    end_value(walk);
    return status;
}

static int take_key(struct walk *walk, const struct moor_json_token *token)
{
    struct level *level = &walk->levels[walk->depth - 1];
    if (moor_json_token_text(token, walk->arena, &walk->key, walk->err) != 0) {
        return -1;
    }
    level->is_container = level->is_container || moor_values_key_is_of_container(walk->key);
    level->is_source = level->is_source || moor_values_key_is_of_source(walk->key);
    return 0;
}

/* An item of a list is joined at once, so that its path has its index. */
static int take_item(struct walk *walk, enum moor_json_event event,
                     const struct moor_json_token *token)
{
    if (walk->depth == 0) {
        return 0; /* The values are a single scalar. */
    }
    size_t first = walk->member_count;
    if (take_scalar(walk, event, token) != 0) {
        return -1;
    }
    int status = walk->levels[walk->depth - 1].is_array ? join_members(walk, first) : 0;
    end_value(walk);
    return status;
}

static int take_event(struct walk *walk, enum moor_json_event event,
                      const struct moor_json_token *token)
{
    switch (event) {
    case MOOR_JSON_OBJECT_BEGIN:
    case MOOR_JSON_ARRAY_BEGIN:
        return open_level(walk, event == MOOR_JSON_ARRAY_BEGIN);
    case MOOR_JSON_OBJECT_END:
    case MOOR_JSON_ARRAY_END:
        return close_level(walk);
    case MOOR_JSON_KEY:
        return take_key(walk, token);
    case MOOR_JSON_ERROR:
    case MOOR_JSON_END:
        return moor_error_set(walk->err, MOOR_ERROR_SYNTAX, "%s", walk->reader.error.text);
    default:
        return take_item(walk, event, token);
    }
}

/* --- the registry of all images --------------------------------------------------------------- */

/* Moves the reader to the value of `key` in the object that comes next.  Returns whether it has
 * one. */
static bool find_member(struct moor_json_reader *reader, const char *key)
{
    struct moor_json_token token;
    if (moor_json_next(reader, &token) != MOOR_JSON_OBJECT_BEGIN) {
        return false;
    }
    while (moor_json_next(reader, &token) == MOOR_JSON_KEY) {
        if (moor_json_token_is(&token, moor_slice_from(key))) {
            return true;
        }
        if (moor_json_skip(reader, NULL) != 0) {
            return false;
        }
    }
    return false;
}

/* The charts of Bitnami and those that follow them read `global.imageRegistry`. */
static int read_registry(struct walk *walk)
{
    struct moor_json_reader reader;
    struct moor_json_token token;
    moor_json_reader_init(&reader, walk->values->json);
    bool is_present = find_member(&reader, "global") && find_member(&reader, "imageRegistry") &&
                      moor_json_next(&reader, &token) == MOOR_JSON_STRING;
    return is_present ? moor_json_token_text(&token, walk->arena, &walk->registry, walk->err) : 0;
}

int moor_values_walk(struct moor_values_found *found, const struct moor_values *values,
                     struct moor_arena *arena, struct moor_error *err)
{
    struct walk walk = {
        .found = found, .values = values, .arena = arena, .err = err, .key = values->key};
    struct moor_json_token token = {0};
    int status = read_registry(&walk);
    if (values->overrides != NULL && values->overrides->registry.len > 0) {
        walk.registry = values->overrides->registry;
    } else if (values->overrides != NULL) {
        values->overrides->registry = walk.registry;
    }
    moor_json_reader_init(&walk.reader, values->json);
    do {
        status =
            status == 0 ? take_event(&walk, moor_json_next(&walk.reader, &token), &token) : status;
    } while (status == 0 && walk.depth > 0);
    err->offset = status != 0 ? values->offset + token.offset : err->offset;
    return status;
}
