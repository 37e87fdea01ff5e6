/* A kernel that fails as told, for the fan-out in C: preloaded into a process of its own (LD_PRELOAD), told by the variables below.
 * Messages that may leave go to the real kernel, one by one. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <linux/sockios.h>
#include <poll.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>

volatile int fault_segmented; /* errno of every message that is to be cut into segments */
volatile int fault_port, fault_error, fault_times; /* errno of the next messages to a port; -1: of all */
volatile int fault_queued = -1; /* what SIOCOUTQ tells */
volatile int fault_clock_step_ms; /* by how much the clock is ahead more with each look at it */
volatile int fault_polls;    /* counts */

static int fault_of(const struct msghdr *message) {
    if (fault_segmented && message->msg_controllen) return fault_segmented;
    const struct sockaddr_in *to = message->msg_name;
    if (!fault_times || ntohs(to->sin_port) != fault_port) return 0;
    if (fault_times > 0) fault_times--;
    return fault_error;
}

int sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags) {
    static int (*real)(int, struct mmsghdr *, unsigned, int);
    if (!real) real = dlsym(RTLD_NEXT, "sendmmsg");
    for (unsigned i = 0; i < count; i++) {
        int error = fault_of(&messages[i].msg_hdr);
        if (!error && real(fd, &messages[i], 1, flags) < 0) error = errno;
        if (!error) continue;
        errno = error;
        return i ? (int)i : -1;
    }
    return (int)count;
}

ssize_t sendto(int fd, const void *data, size_t bytes, int flags, const struct sockaddr *to, socklen_t length) {
    static ssize_t (*real)(int, const void *, size_t, int, const struct sockaddr *, socklen_t);
    if (!real) real = dlsym(RTLD_NEXT, "sendto");
    struct msghdr message = {.msg_name = (void *)to};
    int error = to && to->sa_family == AF_INET ? fault_of(&message) : 0;
    if (!error) return real(fd, data, bytes, flags, to, length);
    errno = error;
    return -1;
}

int ioctl(int fd, unsigned long request, ...) {
    static int (*real)(int, unsigned long, ...);
    if (!real) real = dlsym(RTLD_NEXT, "ioctl");
    va_list rest;
    va_start(rest, request);
    void *argument = va_arg(rest, void *);
    va_end(rest);
    if (request != SIOCOUTQ || fault_queued < 0) return real(fd, request, argument);
    *(int *)argument = fault_queued;
    return 0;
}

int poll(struct pollfd *fds, nfds_t count, int timeout) {
    static int (*real)(struct pollfd *, nfds_t, int);
    if (!real) real = dlsym(RTLD_NEXT, "poll");
    fault_polls++;
    return real(fds, count, timeout);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    static int ahead_ms;
    int result = real(clock, now), ms = __atomic_add_fetch(&ahead_ms, fault_clock_step_ms, __ATOMIC_RELAXED);
    now->tv_sec += ms / 1000;
    now->tv_nsec += ms % 1000 * 1000000L;
    if (now->tv_nsec >= 1000000000L) {
        now->tv_nsec -= 1000000000L;
        now->tv_sec++;
    }
    return result;
}
