/* A batch: sealed messages for some legs, and the system call that gives them to the kernel.
 *
 * One message is a run: packets of equal length that leave by UDP_SEGMENT (Linux 4.18), only the last may be shorter. Messages are
 * sealed into one buffer that stays in the cache, and leave MESSAGES_MAX at a time. Nothing is allocated.
 *
 * What the kernel has no room for is dropped and counted, for the leg whose message it was. Sound is kept room for: pictures are not
 * given to the kernel while more than three quarters of the send buffer are taken, and sound waits up to WAIT_MS before it is
 * given up. sendmmsg stops at the first message that fails and says nothing of why if others went before it: the rest is sent
 * again, which begins with the one that failed and then says. */
#ifndef DIEMCAU_BATCH_H
#define DIEMCAU_BATCH_H

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sys/ioctl.h>

#include "cast.h"

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef SOL_UDP
#define SOL_UDP 17
#endif

enum {
    MESSAGES_MAX = 64,
    WIRE_BYTES = 384 << 10,
    WAIT_MS = 2, /* a tenth of the delay that sound may have, and rare */
};

typedef struct {
    atomic_ullong packets, bytes, messages, refused_video, refused_audio; /* as sfu.fanout.FanoutCounters */
    atomic_ullong refused, unreachable, failed;                          /* messages, as sfu.net.udp.UdpSocket */
} counts_t;

/* By what messages leave: a UDP socket, or `give`, which is asked for each message and says whether it took it. */
typedef struct {
    int fd;
    long room_bytes; /* three quarters of the send buffer */
    atomic_bool has_segmentation;
    atomic_bool may_fragment;
    bool (*give)(void *outlet, const uint8_t *data, size_t bytes, unsigned segment_bytes, const address_t *address);
    void *outlet;
} sender_t;

typedef struct {
    uint32_t bytes;
    uint16_t packets, segment_bytes;
    bool is_video;
} note_t;

typedef struct {
    sender_t *sender;
    counts_t *counts;
    unsigned count;
    size_t filled;
    struct mmsghdr messages[MESSAGES_MAX];
    struct iovec vectors[MESSAGES_MAX];
    address_t addresses[MESSAGES_MAX];
    note_t notes[MESSAGES_MAX];
    _Alignas(struct cmsghdr) char control[MESSAGES_MAX][CMSG_SPACE(sizeof(uint16_t))];
    uint8_t wire[WIRE_BYTES];
} batch_t;

static inline void count(atomic_ullong *counter, unsigned long long by) {
    atomic_fetch_add_explicit(counter, by, memory_order_relaxed);
}

/* Whether the kernel's buffer has room for pictures. */
static bool has_room(const sender_t *sender) {
    int queued;
    return sender->give != NULL || ioctl(sender->fd, SIOCOUTQ, &queued) < 0 || queued <= sender->room_bytes;
}

/* Waits for room, WAIT_MS at most. The kernel says "writable" when half of the buffer is free. */
static void wait_for_room(const sender_t *sender) {
    struct pollfd waiting = {.fd = sender->fd, .events = POLLOUT};
    poll(&waiting, 1, WAIT_MS);
}

static void count_sent(counts_t *counts, const note_t *note) {
    count(&counts->packets, note->packets);
    count(&counts->bytes, note->bytes);
    count(&counts->messages, 1);
}

static void count_unsent(counts_t *counts, bool is_video, unsigned packets) {
    count(is_video ? &counts->refused_video : &counts->refused_audio, packets);
}

static void count_error(counts_t *counts, int error) {
    switch (error) {
    case EAGAIN:
    case ENOBUFS:
    case ENOMEM:
        count(&counts->refused, 1);
        break;
    case EHOSTUNREACH:
    case ENETUNREACH:
    case ECONNREFUSED:
    case EPERM:
    case EINVAL:
    case EACCES:
        count(&counts->unreachable, 1);
        break;
    default:
        count(&counts->failed, 1);
    }
}

/* A datagram is longer than the interface takes: from now on the kernel may fragment. True the first time. */
static bool allow_fragments(sender_t *sender) {
    if (atomic_exchange(&sender->may_fragment, true)) return false;
    int mode = IP_PMTUDISC_DONT;
    setsockopt(sender->fd, IPPROTO_IP, IP_MTU_DISCOVER, &mode, sizeof mode);
    setsockopt(sender->fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &mode, sizeof mode);
    return true;
}

/* One datagram; 0, or the error. */
static int send_datagram(sender_t *sender, const uint8_t *data, size_t bytes, const address_t *address) {
    for (bool has_waited = false;;) {
        if (sendto(sender->fd, data, bytes, MSG_DONTWAIT, &address->plain, address_length(address)) >= 0) return 0;
        if (errno == EMSGSIZE && !has_waited && (allow_fragments(sender) || atomic_load(&sender->may_fragment)))
            has_waited = true;
        else if (errno != EINTR)
            return errno;
    }
}

/* The packets of a message one by one, where the kernel or the interface cannot segment. */
static void send_singly(batch_t *batch, unsigned at) {
    const note_t *note = &batch->notes[at];
    const uint8_t *data = batch->vectors[at].iov_base;
    unsigned segment = note->segment_bytes ? note->segment_bytes : note->bytes;
    for (uint32_t from = 0; from < note->bytes; from += segment) {
        note_t one = {note->bytes - from < segment ? note->bytes - from : segment, 1, 0, note->is_video};
        int error = send_datagram(batch->sender, data + from, one.bytes, &batch->addresses[at]);
        if (error) {
            count_error(batch->counts, error);
            count_unsent(batch->counts, note->is_video, (note->bytes - from + segment - 1) / segment);
            return;
        }
        count_sent(batch->counts, &one);
    }
}

/* The message at which sendmmsg stopped, and why. True when it shall be tried again. */
static bool resolve(batch_t *batch, unsigned at, int error, bool *has_waited) {
    const note_t *note = &batch->notes[at];
    bool is_refused = error == EAGAIN || error == ENOBUFS || error == ENOMEM;
    if (error == EINTR) return true;
    if (is_refused && !note->is_video && !*has_waited) {
        *has_waited = true;
        wait_for_room(batch->sender);
        return true;
    }
    if (note->segment_bytes && (error == EIO || error == EOPNOTSUPP || error == ENOPROTOOPT)) {
        atomic_store_explicit(&batch->sender->has_segmentation, false, memory_order_relaxed);
        send_singly(batch, at);
    } else if ((note->segment_bytes && error == EINVAL) || error == EMSGSIZE) {
        send_singly(batch, at);
    } else {
        count_error(batch->counts, error);
        count_unsent(batch->counts, note->is_video, note->packets);
    }
    return false;
}

static void flush_to_kernel(batch_t *batch) {
    bool has_waited = false;
    for (unsigned first = 0; first < batch->count;) {
        int sent = sendmmsg(batch->sender->fd, batch->messages + first, batch->count - first, MSG_DONTWAIT);
        if (sent > 0) {
            for (int i = 0; i < sent; i++) count_sent(batch->counts, &batch->notes[first + (unsigned)i]);
            first += (unsigned)sent;
        } else if (!resolve(batch, first, errno, &has_waited)) {
            first++;
        }
    }
}

static void flush_to_outlet(batch_t *batch) {
    const sender_t *sender = batch->sender;
    for (unsigned at = 0; at < batch->count; at++) {
        const note_t *note = &batch->notes[at];
        if (sender->give(sender->outlet, batch->vectors[at].iov_base, note->bytes, note->segment_bytes, &batch->addresses[at]))
            count_sent(batch->counts, note);
        else
            count_unsent(batch->counts, note->is_video, note->packets);
    }
}

static void batch_flush(batch_t *batch) {
    if (batch->count) (batch->sender->give ? flush_to_outlet : flush_to_kernel)(batch);
    batch->count = 0;
    batch->filled = 0;
}

/* Adds one message: `bodies` sealed for the leg, to be cut into segments when there are several. */
static void batch_add(batch_t *batch, const seat_t *seat, const address_t *address, const body_t *bodies, unsigned packets,
                      uint32_t plain_bytes, uint32_t segment_bytes, bool is_video) {
    cipher_t *cipher = seat->leg->cipher;
    unsigned tag = tag_bytes(cipher);
    size_t bytes = plain_bytes + (size_t)packets * tag;
    if (batch->count == MESSAGES_MAX || batch->filled + bytes > WIRE_BYTES) batch_flush(batch);
    uint8_t *out = batch->wire + batch->filled, *at = out;
    uint32_t ssrc = seat->leg->ssrc;
    for (const body_t *body = bodies; body < bodies + packets; body++) {
        uint64_t index = body->index + (uint64_t)seat->sequence_delta;
        at[0] = body->flags;
        at[1] = body->marker_and_payload_type;
        put16(at + 2, (uint32_t)index & 0xffff);
        put32(at + 4, body->timestamp + seat->timestamp_delta);
        put32(at + 8, ssrc);
        memcpy(at + RTP_HEADER_BYTES, body->extension, body->extension_bytes);
        unsigned header_bytes = RTP_HEADER_BYTES + body->extension_bytes;
        if (!seal(cipher, ssrc, index, at, header_bytes, body->payload, body->payload_bytes)) {
            count(&batch->counts->failed, 1); /* libcrypto refuses: nothing of this message leaves */
            count_unsent(batch->counts, is_video, packets);
            return;
        }
        at += header_bytes + body->payload_bytes + tag;
    }
    unsigned place = batch->count++;
    batch->filled += (bytes + 63) & ~(size_t)63;
    if (batch->filled > WIRE_BYTES) batch->filled = WIRE_BYTES;
    uint16_t segment = (uint16_t)(packets > 1 ? segment_bytes + tag : 0);
    batch->notes[place] = (note_t){(uint32_t)bytes, (uint16_t)packets, segment, is_video};
    batch->addresses[place] = *address;
    batch->vectors[place] = (struct iovec){out, bytes};
    struct msghdr *header = &batch->messages[place].msg_hdr;
    *header = (struct msghdr){.msg_name = &batch->addresses[place],
                              .msg_namelen = address_length(address),
                              .msg_iov = &batch->vectors[place],
                              .msg_iovlen = 1};
    if (segment) {
        header->msg_control = batch->control[place];
        header->msg_controllen = sizeof batch->control[place];
        struct cmsghdr *control = CMSG_FIRSTHDR(header);
        control->cmsg_level = SOL_UDP;
        control->cmsg_type = UDP_SEGMENT;
        control->cmsg_len = CMSG_LEN(sizeof segment);
        memcpy(CMSG_DATA(control), &segment, sizeof segment);
    }
}

/* Seals a frame for one leg; what the batch has no more room for makes it leave first. */
static void batch_seal(batch_t *batch, const seat_t *seat, const runs_t *runs, bool is_video) {
    address_t address;
    if (!leg_read_address(seat->leg, &address)) return; /* closed, or not reachable yet */
    bool is_whole = batch->sender->give != NULL || atomic_load_explicit(&batch->sender->has_segmentation, memory_order_relaxed);
    for (uint32_t i = 0; i < runs->run_count; i++) {
        const run_t *run = &runs->runs[i];
        const body_t *bodies = runs->bodies + run->first;
        if (is_whole) {
            batch_add(batch, seat, &address, bodies, run->count, run->total_bytes, run->segment_bytes, is_video);
            continue;
        }
        for (uint32_t k = 0; k < run->count; k++) {
            uint32_t bytes = RTP_HEADER_BYTES + bodies[k].extension_bytes + bodies[k].payload_bytes;
            batch_add(batch, seat, &address, bodies + k, 1, bytes, 0, is_video);
        }
    }
}

#endif
