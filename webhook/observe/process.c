/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "webhook/observe/exposition.h"
#include "webhook/observe/process.h"

struct moor_process {
    int statm;        /* /proc/self/statm, or -1 */
    DIR *descriptors; /* /proc/self/fd, or NULL */
    double start_s;   /* seconds since 1970 */
};

struct moor_process *moor_process_open(void)
{
    struct moor_process *process = calloc(1, sizeof *process);
    if (process == NULL) {
        return NULL;
    }
    struct timespec now;
    /*
     * The metrics are opened at startup, so that the difference to the start of the process is
     * negligible.
     */
    (void)clock_gettime(CLOCK_REALTIME, &now);
    process->start_s = (double)now.tv_sec + (double)now.tv_nsec / 1e9;
    /* Both stay open: a scrape must also succeed when the process has no free descriptor left. */
    process->statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    process->descriptors = opendir("/proc/self/fd");
    return process;
}

void moor_process_close(struct moor_process *process)
{
    if (process == NULL) {
        return;
    }
    if (process->statm >= 0) {
        (void)close(process->statm);
    }
    if (process->descriptors != NULL) {
        (void)closedir(process->descriptors);
    }
    free(process);
}

/*
 * Counts the entries from the beginning of the directory.  The descriptor of the directory counts
 * too, because it is open.
 */
static unsigned count_descriptors(DIR *folder)
{
    unsigned count = 0;
    rewinddir(folder);
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread at a time reads this folder */
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        count += entry->d_name[0] != '.' ? 1U : 0U;
    }
    return count;
}

/* pread() reads the file from its start each time; the kernel produces its content anew. */
static void write_memory(struct moor_buf *out, int statm)
{
    char text[128];
    ssize_t len = pread(statm, text, sizeof text - 1, 0);
    text[len > 0 ? len : 0] = '\0';
    char *rest = NULL;
    unsigned long long virtual_pages = strtoull(text, &rest, 10);
    unsigned long long resident_pages = strtoull(rest, NULL, 10);
    unsigned long long page = (unsigned long long)sysconf(_SC_PAGESIZE);
    /* A text that could not be read has no numbers, and no process has 0 pages. */
    if (resident_pages == 0) {
        return;
    }
    moor_exposition_family(out, "process_virtual_memory_bytes", "gauge",
                           "Virtual memory size in bytes.");
    moor_buf_printf(out, "process_virtual_memory_bytes %llu\n", virtual_pages * page);
    moor_exposition_family(out, "process_resident_memory_bytes", "gauge",
                           "Resident memory size in bytes.");
    moor_buf_printf(out, "process_resident_memory_bytes %llu\n", resident_pages * page);
}

void moor_process_write(struct moor_buf *out, const struct moor_process *process)
{
    struct timespec cpu;
    struct rlimit files;
    if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu) == 0) {
        moor_exposition_family(out, "process_cpu_seconds_total", "counter",
                               "Total user and system CPU time spent in seconds.");
        moor_buf_printf(out, "process_cpu_seconds_total %.6f\n",
                        (double)cpu.tv_sec + (double)cpu.tv_nsec / 1e9);
    }
    if (process->statm >= 0) {
        write_memory(out, process->statm);
    }
    if (process->descriptors != NULL) {
        moor_exposition_family(out, "process_open_fds", "gauge",
                               "Number of open file descriptors.");
        moor_buf_printf(out, "process_open_fds %u\n", count_descriptors(process->descriptors));
    }
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        moor_exposition_family(out, "process_max_fds", "gauge",
                               "Maximum number of open file descriptors.");
        moor_buf_printf(out, "process_max_fds %llu\n", (unsigned long long)files.rlim_cur);
    }
    moor_exposition_family(out, "process_start_time_seconds", "gauge",
                           "Start time of the process since unix epoch in seconds.");
    moor_buf_printf(out, "process_start_time_seconds %.3f\n", process->start_s);
}
