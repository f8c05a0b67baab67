/* SPDX-License-Identifier: Apache-2.0 */
/* Files and addresses that the running server may access: landlock. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/landlock.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "policy/base/array_size.h"
#include "policy/base/slice.h"
#include "webhook/sandbox_files.h"

#define MAX_ALLOWED      64
#define READ_DIRECTORY   (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define READ_FILE        ((uint64_t)LANDLOCK_ACCESS_FS_READ_FILE)
#define BITS(low, count) (((UINT64_C(1) << (count)) - 1) << (low))

/*
 * Structure of the kernel since version 7 of landlock; the header of Debian 12 has only the first
 * member.
 */
struct ruleset {
    uint64_t files;
    uint64_t network;
    uint64_t scoped;
};

/* Rights that each version of landlock adds; all of them are restricted. */
static const struct {
    int version;
    struct ruleset adds;
} versions[] = {
    {1, {.files = BITS(0, 13)}},  /* execute, write, read, make and remove */
    {2, {.files = BITS(13, 1)}},  /* move between directories */
    {3, {.files = BITS(14, 1)}},  /* truncate */
    {4, {.network = BITS(0, 2)}}, /* bind and connect TCP */
    {5, {.files = BITS(15, 1)}},  /* ioctl on devices */
    {6, {.scoped = BITS(0, 2)}},  /* abstract sockets and signals of other processes */
};

/* The directories and files of the given paths that stay readable. */
static struct {
    bool is_in_force;
    bool is_full; /* there are more than the array holds */
    size_t count;

    struct {
        dev_t device;
        ino_t inode;
    } items[MAX_ALLOWED];
} allowed;

/* Position in a path that is being resolved, and the rest of the path. */
struct path_context {
    int ruleset;
    int directory;
    int links;
    char rest[PATH_MAX];
};

static void close_fd(const int *fd)
{
    if (*fd >= 0) {
        (void)close(*fd);
    }
}

static int fail(struct moor_error *err, const char *what, const char *path)
{
    char why[128];
    return moor_error_set(err, MOOR_ERROR_SYSTEM, "landlock: %s '%s': %s", what, path,
                          strerror_r(errno, why, sizeof why));
}

static int allow(int ruleset, int fd, uint64_t access)
{
    const struct landlock_path_beneath_attr rule = {.allowed_access = access, .parent_fd = fd};
    return (int)syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
}

/* Permits a path if it exists; a missing file needs no permission. */
static void allow_if_there(int ruleset, const char *path, uint64_t access)
{
    int fd __attribute__((cleanup(close_fd))) = open(path, O_PATH | O_CLOEXEC);
    if (fd >= 0) {
        (void)allow(ruleset, fd, access);
    }
}

static bool is_root(int directory)
{
    struct stat here;
    struct stat root;
    return fstat(directory, &here) == 0 && stat("/", &root) == 0 && here.st_dev == root.st_dev &&
           here.st_ino == root.st_ino;
}

static void remember(int fd)
{
    struct stat status;
    if (allowed.count == MAX_ALLOWED || fstat(fd, &status) != 0) {
        allowed.is_full = true;
        return;
    }
    allowed.items[allowed.count].device = status.st_dev;
    allowed.items[allowed.count].inode = status.st_ino;
    allowed.count++;
}

static bool is_remembered(const char *path)
{
    struct stat status;
    bool is_there = stat(path, &status) == 0;
    for (size_t i = 0; is_there && i < allowed.count; i++) {
        if (allowed.items[i].device == status.st_dev && allowed.items[i].inode == status.st_ino) {
            return true;
        }
    }
    return false;
}

/*
 * Permits the whole directory, so that files can be replaced.  In the root directory, only the file
 * is permitted, because the directory would include everything.
 */
static int allow_around(const struct path_context *context, const char *name)
{
    if (!is_root(context->directory)) {
        remember(context->directory);
        return allow(context->ruleset, context->directory, READ_DIRECTORY);
    }
    int fd __attribute__((cleanup(close_fd))) =
        openat(context->directory, name, O_PATH | O_CLOEXEC);
    struct stat status;
    bool is_file = fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
    if (is_file) {
        remember(fd);
    }
    return is_file ? allow(context->ruleset, fd, READ_FILE) : 0;
}

static int move_to(struct path_context *context, const char *name)
{
    int next = openat(context->directory, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (next < 0) {
        return -1;
    }
    (void)close(context->directory);
    context->directory = next;
    return 0;
}

/* Inserts the target of a link before the rest of the path. */
static int put_before_rest(struct path_context *context, const char *target)
{
    size_t target_len = strlen(target);
    size_t rest_len = strlen(context->rest);
    if (target_len + 1 + rest_len >= sizeof context->rest) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memmove(context->rest + target_len + 1, context->rest, rest_len + 1);
    memcpy(context->rest, target, target_len);
    context->rest[target_len] = '/';
    return 0;
}

/*
 * Continues at the target of a link.  A link to a name in the same directory is probably one that
 * is swapped, like the kubelet's `..data`, so its directory stays readable.
 */
static int follow(struct path_context *context, const char *name, const char *target, bool is_last)
{
    if (++context->links > MOOR_SANDBOX_MAX_LINKS) {
        errno = ELOOP;
        return -1;
    }
    bool is_swapped = is_last || strchr(target, '/') == NULL;
    if ((is_swapped && allow_around(context, name) != 0) || put_before_rest(context, target) != 0) {
        return -1;
    }
    return target[0] == '/' ? move_to(context, "/") : 0;
}

/* Removes the first name from the rest; returns false at the end. */
static bool next_name(struct path_context *context, char name[NAME_MAX + 1])
{
    const char *start = context->rest + strspn(context->rest, "/");
    size_t len = strcspn(start, "/");
    if (len == 0 || len > NAME_MAX) {
        return false;
    }
    memcpy(name, start, len);
    name[len] = '\0';
    start += len;
    start += strspn(start, "/");
    memmove(context->rest, start, strlen(start) + 1);
    return true;
}

/*
 * The path is resolved name by name, because landlock needs the directories of all links and not
 * only of the final file.
 */
static int walk_path(struct path_context *context)
{
    char name[NAME_MAX + 1];
    char target[PATH_MAX];
    while (next_name(context, name)) {
        bool is_last = context->rest[0] == '\0';
        ssize_t len = readlinkat(context->directory, name, target, sizeof target - 1);
        int status = 0;
        if (len >= 0) {
            target[len] = '\0';
            status = follow(context, name, target, is_last);
        } else {
            status = is_last ? allow_around(context, name) : move_to(context, name);
        }
        if (status != 0) {
            return -1;
        }
    }
    return 0;
}

static int allow_path(int ruleset, const char *path, struct moor_error *err)
{
    struct path_context context = {.ruleset = ruleset};
    int len = snprintf(context.rest, sizeof context.rest, "%s", path);
    context.directory = open(path[0] == '/' ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    int status = -1;
    if (len < 0 || (size_t)len >= sizeof context.rest) {
        errno = ENAMETOOLONG;
    } else if (context.directory >= 0) {
        status = walk_path(&context);
    }
    if (status != 0) {
        (void)fail(err, "cannot permit the directory of", path);
    }
    close_fd(&context.directory);
    return status;
}

/*
 * Creates a ruleset that restricts everything that this kernel supports; returns -1 without
 * landlock.  Older kernels reject a structure with members that they do not know, so the size
 * depends on the version.
 */
static int open_ruleset(void)
{
    struct ruleset all = {0};
    long version =
        syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, LANDLOCK_CREATE_RULESET_VERSION);
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(versions); i++) {
        if (versions[i].version <= version) {
            all.files |= versions[i].adds.files;
            all.network |= versions[i].adds.network;
            all.scoped |= versions[i].adds.scoped;
        }
    }
    size_t size = version >= 6   ? sizeof all
                  : version >= 4 ? offsetof(struct ruleset, scoped)
                                 : offsetof(struct ruleset, network);
    return version < 1 ? -1 : (int)syscall(SYS_landlock_create_ruleset, &all, size, 0);
}

static int restrict_files(const char *const *paths, size_t count, struct moor_error *err)
{
    int ruleset __attribute__((cleanup(close_fd))) = open_ruleset();
    if (ruleset < 0) {
        return moor_error_set(
            err, MOOR_ERROR_SYSTEM,
            "landlock is not available in this kernel: file access is not restricted");
    }
    for (size_t i = 0; i < count; i++) {
        if (paths[i] != NULL && allow_path(ruleset, paths[i], err) != 0) {
            return -1;
        }
    }
    allow_if_there(ruleset, "/dev/urandom", READ_FILE);    /* OpenSSL, if getrandom() fails */
    allow_if_there(ruleset, "/proc/self", READ_DIRECTORY); /* the metrics of the process */
    allow_if_there(ruleset, "/proc/stat", READ_FILE);
    allow_if_there(ruleset, "/proc/sys/vm/overcommit_memory", READ_FILE); /* malloc_trim() */
    if (syscall(SYS_landlock_restrict_self, ruleset, 0) != 0) {
        return fail(err, "cannot limit", "files");
    }
    allowed.is_in_force = true;
    return 0;
}

/* Resolves a path without its links. */
static bool find_place(char place[PATH_MAX], const char *path)
{
    char name[64];
    int fd __attribute__((cleanup(close_fd))) = open(path, O_PATH | O_CLOEXEC);
    (void)snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    ssize_t len = fd >= 0 ? readlink(name, place, PATH_MAX - 1) : -1;
    place[len > 0 ? len : 0] = '\0';
    return place[0] == '/';
}

/*
 * A parent directory that was permitted permits the file.  If the list is full the answer is
 * unknown.
 */
bool moor_sandbox_forbids(const char *path)
{
    char place[PATH_MAX];
    if (!allowed.is_in_force || allowed.is_full || !find_place(place, path)) {
        return false;
    }
    for (char *end = place + strlen(place); end != NULL && end > place; end = strrchr(place, '/')) {
        *end = '\0';
        if (is_remembered(place)) {
            return false;
        }
    }
    return true;
}

int moor_sandbox_limit_files(const char *const *paths, size_t count, struct moor_error *err)
{
#ifdef MOOR_WITHOUT_SANDBOX
    (void)restrict_files;
    (void)paths;
    (void)count;
    return moor_error_set(err, MOOR_ERROR_SYSTEM, "file access is not restricted in this build");
#else
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
        return fail(err, "cannot drop", "privileges");
    }
    return restrict_files(paths, count, err);
#endif
}
