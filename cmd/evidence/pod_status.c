/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/evidence/pod_status.h"

#include "policy/base/array_size.h"
#include "policy/json/reader.h"

/* A state of a container, which can come before the container itself. */
struct state {
    struct moor_slice name;
    struct moor_slice image_id;
    struct moor_slice container_id;
    struct moor_slice started;
};

/* Large, so that it is not cleared for each Pod. */
struct context {
    struct moor_pod_status *out;
    struct moor_json_reader reader;
    struct moor_arena *arena;
    struct moor_error *err;
    struct state states[MOOR_POD_STATUS_MAX];
    size_t state_count;
    struct state state; /* the one that is being read */
    struct moor_pod_container container;
};

/* A member, and the function that takes its value. */
struct member {
    const char *key;
    int (*take)(struct context *context);
};

static int fail(struct context *context)
{
    return moor_error_set(context->err, context->reader.error.code, "%s",
                          context->reader.error.text);
}

static int take_text(struct context *context, struct moor_slice *out)
{
    struct moor_json_token token;
    enum moor_json_event event = moor_json_next(&context->reader, &token);
    if (event == MOOR_JSON_ERROR) {
        return fail(context);
    }
    /*
     * A value of another type counts as absent, but the reader must be after it: the rest of the
     * Pod is still of use.
     */
    if (event == MOOR_JSON_OBJECT_BEGIN || event == MOOR_JSON_ARRAY_BEGIN) {
        return moor_json_skip_rest(&context->reader) == 0 ? 0 : fail(context);
    }
    return event == MOOR_JSON_STRING
               ? moor_json_token_text(&token, context->arena, out, context->err)
               : 0;
}

static int take_members(struct context *context, const struct member *members, size_t count)
{
    struct moor_json_token token;
    enum moor_json_event event = MOOR_JSON_ERROR;
    while ((event = moor_json_next(&context->reader, &token)) == MOOR_JSON_KEY) {
        const struct member *member = NULL;
        for (size_t i = 0; member == NULL && i < count; i++) {
            bool is_it = moor_json_token_is(&token, moor_slice_from(members[i].key));
            member = is_it ? &members[i] : NULL;
        }
        if (member == NULL ? moor_json_skip(&context->reader, NULL) != 0 && fail(context) != 0
                           : member->take(context) != 0) {
            return -1;
        }
    }
    return event == MOOR_JSON_OBJECT_END ? 0 : fail(context);
}

/* Reads an object, if the value is one. */
static int take_object(struct context *context, const struct member *members, size_t count)
{
    struct moor_json_token token;
    enum moor_json_event event = moor_json_next(&context->reader, &token);
    if (event == MOOR_JSON_OBJECT_BEGIN) {
        return take_members(context, members, count);
    }
    if (event == MOOR_JSON_ARRAY_BEGIN && moor_json_skip_rest(&context->reader) != 0) {
        return fail(context);
    }
    return event == MOOR_JSON_ERROR ? fail(context) : 0;
}

/* Reads the objects of a list, if the value is one, and calls `keep` after each. */
static int take_list(struct context *context, const struct member *members, size_t count,
                     void (*keep)(struct context *context))
{
    struct moor_json_token token;
    enum moor_json_event event = moor_json_next(&context->reader, &token);
    if (event == MOOR_JSON_OBJECT_BEGIN) {
        return moor_json_skip_rest(&context->reader) == 0 ? 0 : fail(context);
    }
    if (event != MOOR_JSON_ARRAY_BEGIN) {
        return event == MOOR_JSON_ERROR ? fail(context) : 0;
    }
    while ((event = moor_json_next(&context->reader, &token)) != MOOR_JSON_ARRAY_END) {
        if (event == MOOR_JSON_ERROR ||
            (event == MOOR_JSON_ARRAY_BEGIN && moor_json_skip_rest(&context->reader) != 0)) {
            return fail(context);
        }
        if (event != MOOR_JSON_OBJECT_BEGIN) {
            continue;
        }
        /*
         * Members of the item before must not be left: a container without an image would get the
         * image of its neighbour.
         */
        context->state = (struct state){.name = {NULL, 0}};
        context->container = (struct moor_pod_container){.name = {NULL, 0}};
        if (take_members(context, members, count) != 0) {
            return -1;
        }
        keep(context);
    }
    return 0;
}

/* --- the specification ------------------------------------------------------------------------ */

static int take_name(struct context *context)
{
    return take_text(context, &context->container.name);
}

static int take_image(struct context *context)
{
    return take_text(context, &context->container.image);
}

static void keep_container(struct context *context)
{
    /* Containers beyond the limit are counted, so that a report can say that it is incomplete. */
    struct moor_pod_status *out = context->out;
    if (out->count < MOOR_POD_STATUS_MAX) {
        out->containers[out->count++] = context->container;
    } else {
        out->unread++;
    }
}

static int take_containers(struct context *context)
{
    static const struct member members[] = {{"name", take_name}, {"image", take_image}};
    return take_list(context, members, MOOR_ARRAY_SIZE(members), keep_container);
}

static int take_node_name(struct context *context)
{
    return take_text(context, &context->out->node);
}

static int take_spec(struct context *context)
{
    static const struct member members[] = {
        {"nodeName", take_node_name},
        {"containers", take_containers},
        {"initContainers", take_containers},
        {"ephemeralContainers", take_containers},
    };
    return take_object(context, members, MOOR_ARRAY_SIZE(members));
}

/* --- the status ------------------------------------------------------------------------------- */

static int take_state_name(struct context *context)
{
    return take_text(context, &context->state.name);
}

static int take_image_id(struct context *context)
{
    return take_text(context, &context->state.image_id);
}

static int take_container_id(struct context *context)
{
    return take_text(context, &context->state.container_id);
}

static int take_started_at(struct context *context)
{
    return take_text(context, &context->state.started);
}

/* A container that runs or has ended was started; one that waits was not. */
static int take_run(struct context *context)
{
    static const struct member members[] = {{"startedAt", take_started_at}};
    return take_object(context, members, MOOR_ARRAY_SIZE(members));
}

static int take_state(struct context *context)
{
    static const struct member members[] = {{"running", take_run}, {"terminated", take_run}};
    return take_object(context, members, MOOR_ARRAY_SIZE(members));
}

static void keep_state(struct context *context)
{
    if (context->state_count < MOOR_POD_STATUS_MAX) {
        context->states[context->state_count++] = context->state;
    }
}

static int take_states(struct context *context)
{
    /*
     * `lastState` of the status is not read anywhere: it is about an earlier run, which may have
     * had another image.
     */
    static const struct member members[] = {
        {"name", take_state_name},
        {"imageID", take_image_id},
        {"containerID", take_container_id},
        {"state", take_state},
    };
    return take_list(context, members, MOOR_ARRAY_SIZE(members), keep_state);
}

static int take_architecture(struct context *context)
{
    return take_text(context, &context->out->architecture);
}

static int take_system(struct context *context)
{
    return take_text(context, &context->out->system);
}

static int take_node_info(struct context *context)
{
    static const struct member members[] = {{"architecture", take_architecture},
                                            {"operatingSystem", take_system}};
    return take_object(context, members, MOOR_ARRAY_SIZE(members));
}

static int take_status(struct context *context)
{
    /* `nodeInfo` is a member of the status of a Node, which this function reads as well. */
    static const struct member members[] = {
        {"containerStatuses", take_states},
        {"initContainerStatuses", take_states},
        {"ephemeralContainerStatuses", take_states},
        {"nodeInfo", take_node_info},
    };
    return take_object(context, members, MOOR_ARRAY_SIZE(members));
}

/* --- both ------------------------------------------------------------------------------------- */

/* Returns the state of the container of this name, or NULL. */
static const struct state *find_state(const struct context *context, struct moor_slice name)
{
    /* The order of the states is not that of the containers, so that an index cannot find them. */
    for (size_t i = 0; i < context->state_count; i++) {
        if (name.len > 0 && moor_slice_equal(context->states[i].name, name)) {
            return &context->states[i];
        }
    }
    return NULL;
}

/* The names of all containers of a Pod differ, so that the lists need not be matched. */
static void join(const struct context *context)
{
    for (size_t i = 0; i < context->out->count; i++) {
        struct moor_pod_container *container = &context->out->containers[i];
        const struct state *state = find_state(context, container->name);
        if (state != NULL) {
            container->image_id = state->image_id;
            container->container_id = state->container_id;
            container->started = state->started;
        }
    }
}

/* Reads one member, if the object has it. */
static int read_member(struct context *context, struct moor_slice json,
                       int (*take)(struct context *context))
{
    moor_json_reader_init(&context->reader, json);
    return json.len == 0 ? 0 : take(context);
}

int moor_pod_status_read(struct moor_pod_status *out, struct moor_slice spec,
                         struct moor_slice status, struct moor_arena *arena, struct moor_error *err)
{
    struct context context;
    context.out = out;
    context.arena = arena;
    context.err = err;
    context.state_count = 0;
    out->node = (struct moor_slice){NULL, 0};
    out->architecture = (struct moor_slice){NULL, 0};
    out->system = (struct moor_slice){NULL, 0};
    out->count = 0;
    out->unread = 0;
    if (read_member(&context, spec, take_spec) != 0 ||
        read_member(&context, status, take_status) != 0) {
        return -1;
    }
    join(&context);
    return 0;
}
