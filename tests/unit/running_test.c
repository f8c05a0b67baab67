/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "cmd/evidence/running.h"
#include "policy/base/array_size.h"

#define A "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define C "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"

#define NODE(name, system, architecture)                                                    \
    "{'apiVersion':'v1','kind':'Node','metadata':{'name':'" name "'},'status':{'nodeInfo':" \
    "{'architecture':'" architecture "','operatingSystem':'" system "'}}},"
#define STATE(name, digest, runtime)                                                       \
    "{'name':'" name "','image':'other:2','imageID':'docker.io/library/nginx@" digest "'," \
    "'containerID':'" runtime "://1','state':{'running':{'startedAt':'2026-11-30T10:00:00Z'}}}"
/* A Pod of nginx:1.27.5 in the namespace on the node. */
#define POD(name, namespace, node, digest, runtime)                                        \
    "{'apiVersion':'v1','kind':'Pod','metadata':{'name':'" name                            \
    "','namespace':'" namespace "'},'spec':{'nodeName':'" node                             \
                                "','containers':[{'name':'web','image':'nginx:1.27.5'}]}," \
                                "'status':{'containerStatuses':[" STATE("web", digest,     \
                                                                        runtime) "]}},"
#define AMD   NODE("amd", "linux", "amd64") NODE("amd2", "linux", "amd64")
#define ARM   NODE("arm", "linux", "arm64")
#define NGINX "docker.io/library/nginx:1.27.5"

/*
 * The items of a list, with single quotes for double ones; what is found: moved and undecided
 * references, and the lock without its comments, with blanks for tabs.
 */
struct row {
    const char *name;
    const char *items;
    size_t moved;
    size_t undecided;
    const char *lock;
};

static const struct row rows[] = {
    {"nothing", "", 0, 0, ""},
    {"one_digest",
     AMD POD("a", "shop", "amd", A, "containerd") POD("b", "web", "amd2", A, "containerd"), 0, 0,
     NGINX " " A " amd64 shop,web 2026-11-30\n"},
    {"two_on_one_architecture",
     AMD POD("a", "shop", "amd", A, "containerd") POD("b", "shop", "amd2", B, "containerd"), 1, 0,
     NGINX " " A " amd64 shop 2026-11-30\n" NGINX " " B " amd64 shop 2026-11-30\n"},
    {"nodes_after_pods",
     POD("a", "shop", "amd", A, "containerd") POD("b", "shop", "amd2", B, "containerd") AMD, 1, 0,
     NGINX " " A " amd64 shop 2026-11-30\n" NGINX " " B " amd64 shop 2026-11-30\n"},
    {"two_on_two_architectures",
     AMD ARM POD("a", "shop", "amd", A, "cri-o") POD("b", "shop", "arm", B, "cri-o"), 0, 1,
     NGINX " " A " amd64? shop 2026-11-30\n" NGINX " " B " arm64? shop 2026-11-30\n"},
    {"index_of_cri_o",
     AMD ARM POD("a", "shop", "amd", A, "cri-o") POD("b", "shop", "arm", A, "cri-o"), 0, 0,
     NGINX " " A " amd64,arm64 shop 2026-11-30\n"},
    {"platform_of_cri_o_that_containerd_confirms",
     AMD POD("a", "shop", "amd", A, "cri-o") POD("b", "shop", "amd2", A, "containerd"), 0, 0,
     NGINX " " A " amd64 shop 2026-11-30\n"},
    {"three_of_which_two_share_an_architecture",
     AMD ARM POD("a", "s", "amd", A, "cri-o") POD("b", "s", "arm", B, "cri-o")
         POD("c", "s", "arm", C, "cri-o"),
     1, 0,
     NGINX " " A " amd64? s 2026-11-30\n" NGINX " " B " arm64? s 2026-11-30\n" NGINX " " C
           " arm64? s 2026-11-30\n"},
    {"unknown_nodes",
     POD("a", "shop", "amd", A, "containerd") POD("b", "shop", "amd2", B, "containerd"), 0, 1,
     NGINX " " A " - shop 2026-11-30\n" NGINX " " B " - shop 2026-11-30\n"},
    {"unknown_node_of_cri_o", POD("a", "shop", "amd", A, "cri-o"), 0, 0,
     NGINX " " A " ? shop 2026-11-30\n"},
    {"two_on_one_unknown_node",
     POD("a", "shop", "amd", A, "containerd") POD("b", "shop", "amd", B, "containerd"), 1, 0,
     NGINX " " A " - shop 2026-11-30\n" NGINX " " B " - shop 2026-11-30\n"},
    {"no_node", POD("a", "shop", "", A, "containerd") POD("b", "shop", "", B, "containerd"), 0, 1,
     NGINX " " A " - shop 2026-11-30\n" NGINX " " B " - shop 2026-11-30\n"},
    {"windows",
     AMD NODE("win", "windows", "amd64") POD("a", "shop", "amd", A, "containerd")
         POD("b", "shop", "win", B, "containerd"),
     0, 1, NGINX " " A " amd64 shop 2026-11-30\n" NGINX " " B " windows/amd64 shop 2026-11-30\n"},
    {"node_without_a_plain_architecture",
     NODE("amd", "linux", "a,b") POD("a", "shop", "amd", A, "containerd"), 0, 0,
     NGINX " " A " - shop 2026-11-30\n"},
    {"init_and_debug_containers",
     "{'apiVersion':'v1','kind':'Pod','metadata':{'name':'a'},'status':{"
     "'ephemeralContainerStatuses':[" STATE(
         "debug", B, "containerd") "],"
                                   "'initContainerStatuses':[" STATE(
                                       "init", A, "containerd") "]},'spec':{"
                                                                "'nodeName':'n','initContainers':[{"
                                                                "'name':'init','image':'nginx:1'}],"
                                                                "'ephemeralContainers':[{'name':'"
                                                                "debug','image':'nginx'}]}},",
     0, 0,
     "docker.io/library/nginx:1 " A " - - 2026-11-30\ndocker.io/library/nginx:latest " B
     " - - 2026-11-30\n"},
    {"other_kinds",
     "{'apiVersion':'apps/v1','kind':'Pod','metadata':{'name':'a'}},"
     "{'apiVersion':'v1','kind':'Service','spec':[1],'metadata':{'name':'a'}},",
     0, 0, ""},
    {"values_of_other_types",
     "{'apiVersion':'v1','kind':'Pod','spec':{'nodeName':{'a':1},'containers':{'a':[]},"
     "'initContainers':[1,null,[2],{'name':3,'image':['x']}]},'status':[{'a':1}]},"
     "{'apiVersion':'v1','kind':'Pod','spec':null,'status':{'containerStatuses':[[],{'state':[],"
     "'name':{}}],'initContainerStatuses':true}},"
     "{'apiVersion':'v1','kind':'Node','metadata':{'name':'n'},'status':{'nodeInfo':[]}},",
     0, 0, ""},
    {"escapes",
     "{'apiVersion':'v1','kind':'Pod','spec':{'containers':[{'name':'a','image':'quay.io\\/b:1'}]},"
     "'status':{'containerStatuses':[{'name':'\\u0061','imageID':'quay.io\\/b@" A "',"
     "'containerID':'containerd:\\/\\/1'}]}},",
     0, 0, "quay.io/b:1 " A " - - -\n"},
    {"ended_container_and_odd_date",
     "{'apiVersion':'v1','kind':'Pod','spec':{'containers':[{'name':'a','image':'quay.io/b:1'},"
     "{'name':'b','image':'quay.io/c:1'}]},'status':{'containerStatuses':[{'name':'a',"
     "'imageID':'quay.io/b@" A "','state':{'terminated':{'startedAt':'2026-11-02T00:00:00Z'}}},"
     "{'name':'b','imageID':'quay.io/c@" A "','state':{'running':{'startedAt':'soon-and-later'}}}"
     "]}},",
     0, 0, "quay.io/b:1 " A " ? - 2026-11-02\nquay.io/c:1 " A " ? - -\n"},
};

/* --- helpers ---------------------------------------------------------------------------------- */

struct cluster {
    struct moor_running running;
    struct moor_arena arena;
};

static void add(struct cluster *cluster, const char *items)
{
    struct moor_buf text;
    struct moor_manifest_reader reader;
    struct moor_manifest manifest;
    struct moor_error err = {0};
    moor_buf_init(&text, (size_t)64 * 1024 * 1024);
    moor_buf_append_text(&text, "{'apiVersion':'v1','kind':'List','items':[");
    moor_buf_append_text(&text, items);
    moor_buf_append_text(&text, "{'apiVersion':'v1','kind':'Event'}]}");
    for (size_t i = 0; i < text.len; i++) {
        text.ptr[i] = text.ptr[i] == '\'' ? '"' : text.ptr[i];
    }
    moor_manifest_open(&reader, moor_buf_slice(&text), &cluster->arena);
    int status = 0;
    while ((status = moor_manifest_next(&manifest, &reader, &err)) > 0) {
        assert_int_equal(moor_running_add(&cluster->running, &manifest, &cluster->arena, &err), 0);
    }
    assert_int_equal(status, 0);
    moor_buf_release(&text);
}

static struct cluster *open_cluster(const char *items)
{
    static struct cluster cluster;
    moor_running_init(&cluster.running);
    moor_arena_init(&cluster.arena, (size_t)1024 * 1024);
    add(&cluster, items);
    return &cluster;
}

static void close_cluster(struct cluster *cluster)
{
    moor_running_release(&cluster->running);
    moor_arena_release(&cluster->arena);
}

/* --- tests ------------------------------------------------------------------------------------ */

static void finish__row__moved_and_lock(void **state)
{
    const struct row *row = *state;
    char *text = NULL;
    size_t len = 0;
    struct cluster *cluster = open_cluster(row->items);
    bool has_several = moor_running_has_several(&cluster->running);
    assert_int_equal(moor_running_finish(&cluster->running, NULL), 0);
    assert_int_equal(has_several, row->moved + row->undecided > 0);
    assert_int_equal(cluster->running.moved, row->moved);
    assert_int_equal(cluster->running.undecided, row->undecided);
    FILE *out = open_memstream(&text, &len);
    assert_non_null(out);
    moor_lock_write(out, &cluster->running.lock);
    assert_int_equal(fclose(out), 0);
    for (size_t i = 0; i < len; i++) {
        text[i] = (char)(text[i] == '\t' ? ' ' : text[i]);
    }
    assert_string_equal(strchr(strchr(text, '\n') + 1, '\n') + 1, row->lock);
    free(text);
    close_cluster(cluster);
}

/* Two containers of one Pod are one Pod, and those of most Pods come first. */
static void append__pods__counted_once(void **state)
{
    (void)state;
    struct moor_buf text;
    struct cluster *cluster = open_cluster(
        AMD POD("a", "shop", "amd", A, "containerd") POD("b", "shop", "amd", B, "containerd")
            POD("c", "shop", "amd2", B,
                "containerd") "{'apiVersion':'v1','kind':'Pod','metadata':{'name':'d','namespace':'"
                              "other'},'spec':{"
                              "'nodeName':'amd','containers':[{'name':'x','image':'nginx:1.27.5'},{"
                              "'name':'y','image':"
                              "'docker.io/nginx:1.27.5'}]},'status':{'containerStatuses':[" STATE(
                                  "x", B, "containerd") "," STATE("y", B, "containerd") "]}},");
    moor_buf_init(&text, 4096);
    assert_int_equal(moor_running_finish(&cluster->running, NULL), 0);
    assert_int_equal(cluster->running.image_count, 1);
    moor_running_append(&text, &cluster->running.images[0]);
    assert_slice_equal(moor_buf_slice(&text), "nginx:1.27.5 ran as " B " on 3 Pods and " A " on 1");
    assert_int_equal(cluster->running.counts[MOOR_IMAGE_ID_DIGEST], 5);
    moor_buf_release(&text);
    close_cluster(cluster);
}

/* A sentence names four digests, and counts the others. */
static void append__many_digests__counted(void **state)
{
    (void)state;
    struct moor_buf items;
    struct moor_buf text;
    moor_buf_init(&items, 65536);
    moor_buf_init(&text, 4096);
    for (int i = 0; i < 6; i++) {
        moor_buf_printf(&items,
                        "{'apiVersion':'v1','kind':'Pod','spec':{'nodeName':'n','containers':[{"
                        "'name':'a','image':'quay.io/b:1'}]},'status':{'containerStatuses':[{"
                        "'name':'a','imageID':'quay.io/b@sha256:%064d'}]}},",
                        i);
    }
    moor_buf_append_byte(&items, '\0');
    struct cluster *cluster = open_cluster(items.ptr);
    assert_int_equal(moor_running_finish(&cluster->running, NULL), 0);
    moor_running_append(&text, &cluster->running.images[0]);
    assert_true(
        moor_slice_ends_with(moor_buf_slice(&text), MOOR_SLICE("0003 on 1 and as 2 more digests")));
    moor_buf_release(&items);
    moor_buf_release(&text);
    close_cluster(cluster);
}

/* --- limits ----------------------------------------------------------------------------------- */

/* Containers beyond the limit of a Pod are counted and not read. */
static void add__most_containers__rest_counted(void **state)
{
    (void)state;
    struct moor_buf items;
    moor_buf_init(&items, (size_t)1024 * 1024);
    moor_buf_append_text(&items, "{'apiVersion':'v1','kind':'Pod','spec':{'containers':[");
    for (int i = 0; i < MOOR_POD_STATUS_MAX + 3; i++) {
        moor_buf_printf(&items, "%s{'name':'c%d','image':'nginx:1'}", i > 0 ? "," : "", i);
    }
    moor_buf_append_text(&items, "]},'status':{'containerStatuses':[");
    for (int i = 0; i < MOOR_POD_STATUS_MAX + 3; i++) {
        moor_buf_printf(&items, "%s{'name':'c%d','imageID':'nginx@" A "'}", i > 0 ? "," : "", i);
    }
    moor_buf_append_text(&items, "]}},");
    moor_buf_append_byte(&items, '\0');
    struct cluster *cluster = open_cluster(items.ptr);
    assert_int_equal(cluster->running.counts[MOOR_IMAGE_ID_DIGEST], MOOR_POD_STATUS_MAX);
    assert_int_equal(cluster->running.unread, 3);
    moor_buf_release(&items);
    close_cluster(cluster);
}

static void add__most_containers_of_a_cluster__rest_counted(void **state)
{
    (void)state;
    struct cluster *cluster = open_cluster(POD("a", "shop", "amd", A, "containerd"));
    struct moor_manifest manifest = {
        .kind = MOOR_SLICE("Pod"),
        .spec = MOOR_SLICE("{\"containers\":[{\"name\":\"a\",\"image\":\"a:1\"}]}"),
        .status = MOOR_SLICE("{\"containerStatuses\":[{\"name\":\"a\",\"imageID\":\"a@" A "\"}]}"),
    };
    for (size_t i = 1; i < MOOR_RUNNING_MAX + 2; i++) {
        assert_int_equal(moor_running_add(&cluster->running, &manifest, &cluster->arena, NULL), 0);
    }
    assert_int_equal(cluster->running.counts[MOOR_IMAGE_ID_DIGEST], MOOR_RUNNING_MAX);
    assert_int_equal(cluster->running.unread, 2);
    assert_int_equal(moor_running_finish(&cluster->running, NULL), 0);
    assert_int_equal(moor_lock_find(&cluster->running.lock, MOOR_SLICE("a:1")).entries[0].pods,
                     MOOR_RUNNING_MAX - 1);
    close_cluster(cluster);
}

static void finish__many_namespaces__counted(void **state)
{
    (void)state;
    char item[1024];
    struct cluster *cluster = open_cluster("");
    for (int i = 0; i < MOOR_RUNNING_MAX_NAMESPACES + 2; i++) {
        (void)snprintf(item, sizeof item,
                       "{'apiVersion':'v1','kind':'Pod','metadata':{'namespace':'n%04d'},'spec':{"
                       "'containers':[{'name':'a','image':'quay.io/b:1'}]},'status':{"
                       "'containerStatuses':[{'name':'a','imageID':'quay.io/b@" A "'}]}},",
                       i);
        add(cluster, item);
    }
    assert_int_equal(moor_running_finish(&cluster->running, NULL), 0);
    struct moor_slice names = cluster->running.lock.entries[0].namespaces;
    assert_true(moor_slice_starts_with(names, MOOR_SLICE("n0000,n0001,")));
    assert_true(moor_slice_ends_with(names, MOOR_SLICE("n0127,+2")));
    close_cluster(cluster);
}

int main(void)
{
    enum {
        ROWS = MOOR_ARRAY_SIZE(rows)
    };
    const struct CMUnitTest others[] = {
        cmocka_unit_test(append__pods__counted_once),
        cmocka_unit_test(append__many_digests__counted),
        cmocka_unit_test(add__most_containers__rest_counted),
        cmocka_unit_test(add__most_containers_of_a_cluster__rest_counted),
        cmocka_unit_test(finish__many_namespaces__counted),
    };
    struct CMUnitTest tests[ROWS + MOOR_ARRAY_SIZE(others)];
    for (size_t i = 0; i < ROWS; i++) {
        tests[i] = test_of_row(rows[i].name, finish__row__moved_and_lock, &rows[i]);
    }
    memcpy(tests + ROWS, others, sizeof others);
    return cmocka_run_group_tests_name("running", tests, NULL, NULL);
}
