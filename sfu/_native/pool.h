/* The threads that send, and what waits for each of them.
 *
 * Every cipher, and with it every leg, belongs to one thread: what is given for a leg leaves in the order in which it was given, sound
 * apart from pictures. Each thread does all waiting sound first, then a batch of repairs, then one slice of the oldest picture,
 * and looks again: a key frame of 100 packets to ten thousand viewers holds sound up by one slice.
 *
 * A job is a frame and its audience, both never written again, so nothing has to be sent before a leg may move: what waits keeps the
 * numbers that the leg had when the frame was given, all of which lie below those it has afterwards.
 *
 * What may wait is bounded for each kind (jobs_max); a job beyond that is refused, and its packets are counted as such. */
#ifndef DIEMCAU_POOL_H
#define DIEMCAU_POOL_H

#include <signal.h>
#include <time.h>

#include "batch.h"

typedef enum { AUDIO, REPAIR, VIDEO, KINDS } kind_t;

/* Sound: 50 voices for AUDIO_LATE_MS; repairs: a second of 27 lines with the worst losses; pictures: the dispatcher keeps to 64 frames,
 * the rest is for newcomers' bursts and late packets. */
static const unsigned jobs_max[KINDS] = {512, 4096, 1024};

enum {
    SLICE_MESSAGES = 64,
    REPAIRS_A_TURN = 64,
    /* Sound that waited so long is dropped whole: players have given it up, and a thread that cannot keep up would fall behind for ever. */
    AUDIO_LATE_MS = 200,
};

typedef struct {
    atomic_int left; /* threads that have not done their part */
    kind_t kind;
    bool is_video; /* of repairs too */
    int64_t given_ms;
    audience_t *audience;
    unsigned profiles;
    runs_t *runs[]; /* by the seats' profile */
} job_t;

typedef struct {
    job_t **ring;
    unsigned head, count;
} queue_t;

struct pool;

typedef struct {
    struct pool *pool;
    unsigned number;
    pthread_t thread;
    pthread_mutex_t mutex; /* guards the queues */
    pthread_cond_t has_work;
    queue_t queues[KINDS];
    size_t position; /* in the oldest picture; only the thread itself looks at it */
    counts_t counts;
    batch_t batch;
} worker_t;

typedef struct pool {
    uint64_t id; /* never given twice: handles and ciphers of another pool are told by it */
    sender_t sender;
    unsigned threads, next; /* next: the thread of the next cipher */
    atomic_bool is_closing;
    pthread_mutex_t mutex; /* guards `pending` */
    pthread_cond_t is_idle;
    unsigned pending[KINDS];
    worker_t *workers[THREADS_MAX];
} pool_t;

static int64_t clock_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static job_t *queue_pop(worker_t *worker, kind_t kind) {
    queue_t *queue = &worker->queues[kind];
    if (!queue->count) return NULL;
    job_t *job = queue->ring[queue->head];
    queue->head = (queue->head + 1) % jobs_max[kind];
    queue->count--;
    return job;
}

static void job_free(job_t *job) {
    for (unsigned i = 0; i < job->profiles; i++)
        if (job->runs[i]) runs_release(job->runs[i]);
    if (job->audience) audience_release(job->audience);
    free(job);
}

/* A thread has done its part. */
static void job_done(pool_t *pool, job_t *job) {
    if (atomic_fetch_sub_explicit(&job->left, 1, memory_order_acq_rel) != 1) return;
    kind_t kind = job->kind;
    job_free(job);
    pthread_mutex_lock(&pool->mutex);
    pool->pending[kind]--;
    if (!(pool->pending[AUDIO] | pool->pending[REPAIR] | pool->pending[VIDEO])) pthread_cond_broadcast(&pool->is_idle);
    pthread_mutex_unlock(&pool->mutex);
}

/* Counts what a thread's part of a job would have been, from one seat to another, as refused. */
static void count_part(counts_t *counts, const job_t *job, unsigned worker, size_t from, size_t end) {
    for (; from < end; from++) {
        const runs_t *runs = job->runs[job->audience->seats[worker][from].profile];
        for (uint32_t i = 0; i < runs->run_count; i++) count_unsent(counts, job->is_video, runs->runs[i].count);
    }
}

/* Seals a part of a job, to the last seat or until the batch is full once; returns the seat to go on with. */
static size_t seal_some(worker_t *worker, const job_t *job, size_t from, unsigned messages) {
    const seat_t *seats = job->audience->seats[worker->number];
    size_t end = job->audience->count[worker->number];
    while (from < end && worker->batch.count < messages) {
        if (from + 2 < end) __builtin_prefetch(seats[from + 2].leg);
        if (from + 1 < end) __builtin_prefetch(seats[from + 1].leg->cipher);
        const seat_t *seat = &seats[from++];
        size_t before = worker->batch.filled;
        batch_seal(&worker->batch, seat, job->runs[seat->profile], job->is_video);
        if (worker->batch.filled + (worker->batch.filled - before) > WIRE_BYTES) break; /* the next one would not fit */
    }
    return from;
}

static void send_audio(worker_t *worker, job_t *job) {
    size_t end = job->audience->count[worker->number];
    bool is_late = clock_ms() - job->given_ms > AUDIO_LATE_MS;
    if (is_late) count_part(&worker->counts, job, worker->number, 0, end);
    for (size_t at = is_late ? end : 0; at < end;) {
        at = seal_some(worker, job, at, MESSAGES_MAX);
        batch_flush(&worker->batch);
    }
    job_done(worker->pool, job);
}

static void send_repairs(worker_t *worker, job_t **jobs, unsigned number) {
    bool is_open = has_room(worker->batch.sender);
    for (unsigned i = 0; i < number; i++) {
        if (jobs[i]->is_video && !is_open)
            count_unsent(&worker->counts, true, 1);
        else
            for (size_t at = 0; at < jobs[i]->audience->count[worker->number];)
                at = seal_some(worker, jobs[i], at, MESSAGES_MAX + 1);
    }
    batch_flush(&worker->batch);
    for (unsigned i = 0; i < number; i++) job_done(worker->pool, jobs[i]);
}

/* Sends a slice of a picture; true when that was the last one. */
static bool send_slice(worker_t *worker, job_t *job) {
    size_t end = job->audience->count[worker->number], first = worker->position;
    if (!has_room(worker->batch.sender)) {
        wait_for_room(worker->batch.sender);
        if (!has_room(worker->batch.sender)) {
            worker->position = end - first < SLICE_MESSAGES ? end : first + SLICE_MESSAGES;
            count_part(&worker->counts, job, worker->number, first, worker->position);
            count(&worker->counts.refused, worker->position - first);
            return worker->position == end;
        }
    }
    worker->position = seal_some(worker, job, first, SLICE_MESSAGES);
    batch_flush(&worker->batch);
    return worker->position == end;
}

static void *work(void *argument) {
    worker_t *worker = argument;
    pool_t *pool = worker->pool;
    job_t *repairs[REPAIRS_A_TURN];
    pthread_mutex_lock(&worker->mutex);
    while (!atomic_load_explicit(&pool->is_closing, memory_order_acquire)) {
        job_t *job = queue_pop(worker, AUDIO);
        if (job != NULL) {
            pthread_mutex_unlock(&worker->mutex);
            send_audio(worker, job);
            pthread_mutex_lock(&worker->mutex);
            continue;
        }
        unsigned number = 0;
        while (number < REPAIRS_A_TURN && (repairs[number] = queue_pop(worker, REPAIR)) != NULL) number++;
        queue_t *video = &worker->queues[VIDEO];
        job = video->count ? video->ring[video->head] : NULL;
        if (job == NULL && number == 0) {
            pthread_cond_wait(&worker->has_work, &worker->mutex);
            continue;
        }
        pthread_mutex_unlock(&worker->mutex);
        if (number) send_repairs(worker, repairs, number);
        bool is_done = job != NULL && send_slice(worker, job);
        pthread_mutex_lock(&worker->mutex);
        if (is_done) {
            worker->position = 0;
            queue_pop(worker, VIDEO);
            pthread_mutex_unlock(&worker->mutex);
            job_done(pool, job);
            pthread_mutex_lock(&worker->mutex);
        }
    }
    for (int kind = 0; kind < KINDS; kind++)
        for (job_t *job; (job = queue_pop(worker, kind)) != NULL;) job_done(pool, job);
    pthread_mutex_unlock(&worker->mutex);
    return NULL;
}

/* Gives a job to the threads whose legs it is for; false, and counted, when too much of its kind waits. Takes the job in either
 * case. One caller at a time. */
static bool pool_submit(pool_t *pool, job_t *job) {
    int parts = 0;
    for (unsigned i = 0; i < pool->threads; i++) parts += job->audience->count[i] > 0;
    bool is_refused = false;
    if (parts) {
        pthread_mutex_lock(&pool->mutex);
        is_refused = pool->pending[job->kind] >= jobs_max[job->kind] || atomic_load(&pool->is_closing);
        if (!is_refused) pool->pending[job->kind]++;
        pthread_mutex_unlock(&pool->mutex);
    }
    if (!parts || is_refused) {
        for (unsigned i = 0; is_refused && i < pool->threads; i++)
            count_part(&pool->workers[i]->counts, job, i, 0, job->audience->count[i]);
        job_free(job);
        return !is_refused;
    }
    /* The job may be done, and gone, as soon as its last part is given: what is needed of it is read before. */
    audience_t *audience = job->audience;
    kind_t kind = job->kind;
    bool has_part[THREADS_MAX];
    for (unsigned i = 0; i < pool->threads; i++) has_part[i] = audience->count[i] > 0;
    atomic_store(&job->left, parts);
    job->given_ms = clock_ms();
    for (unsigned i = 0; i < pool->threads; i++) {
        if (!has_part[i]) continue;
        worker_t *worker = pool->workers[i];
        queue_t *queue = &worker->queues[kind];
        pthread_mutex_lock(&worker->mutex);
        queue->ring[(queue->head + queue->count++) % jobs_max[kind]] = job;
        pthread_cond_signal(&worker->has_work);
        pthread_mutex_unlock(&worker->mutex);
    }
    return true;
}

static unsigned pool_waiting(pool_t *pool, kind_t kind) {
    pthread_mutex_lock(&pool->mutex);
    unsigned waiting = pool->pending[kind];
    pthread_mutex_unlock(&pool->mutex);
    return waiting;
}

/* How long the oldest picture has waited, of all threads; 0 while none waits. */
static int64_t pool_behind_ms(pool_t *pool) {
    int64_t now = clock_ms(), oldest = now;
    for (unsigned i = 0; i < pool->threads; i++) {
        worker_t *worker = pool->workers[i];
        pthread_mutex_lock(&worker->mutex);
        const queue_t *queue = &worker->queues[VIDEO];
        if (queue->count && queue->ring[queue->head]->given_ms < oldest) oldest = queue->ring[queue->head]->given_ms;
        pthread_mutex_unlock(&worker->mutex);
    }
    return now - oldest;
}

/* Waits until nothing waits. */
static void pool_drain(pool_t *pool) {
    pthread_mutex_lock(&pool->mutex);
    while (pool->pending[AUDIO] | pool->pending[REPAIR] | pool->pending[VIDEO])
        pthread_cond_wait(&pool->is_idle, &pool->mutex);
    pthread_mutex_unlock(&pool->mutex);
}

static void worker_free(worker_t *worker) {
    for (int kind = 0; kind < KINDS; kind++) free(worker->queues[kind].ring);
    pthread_cond_destroy(&worker->has_work);
    pthread_mutex_destroy(&worker->mutex);
    free(worker);
}

/* Ends the threads; what waits is not sent. Its counters stay. */
static void pool_close(pool_t *pool) {
    if (atomic_exchange(&pool->is_closing, true)) return;
    for (unsigned i = 0; i < pool->threads; i++) {
        worker_t *worker = pool->workers[i];
        pthread_mutex_lock(&worker->mutex);
        pthread_cond_signal(&worker->has_work);
        pthread_mutex_unlock(&worker->mutex);
    }
    for (unsigned i = 0; i < pool->threads; i++) pthread_join(pool->workers[i]->thread, NULL);
}

static void pool_free(pool_t *pool) {
    pool_close(pool);
    for (unsigned i = 0; i < pool->threads; i++) worker_free(pool->workers[i]);
    pthread_cond_destroy(&pool->is_idle);
    pthread_mutex_destroy(&pool->mutex);
    free(pool);
}

static worker_t *worker_new(pool_t *pool, unsigned number) {
    worker_t *worker = aligned_alloc(64, (sizeof *worker + 63) & ~(size_t)63);
    if (worker == NULL) return NULL;
    memset(worker, 0, sizeof *worker);
    worker->pool = pool;
    worker->number = number;
    worker->batch.sender = &pool->sender;
    worker->batch.counts = &worker->counts;
    pthread_mutex_init(&worker->mutex, NULL);
    pthread_cond_init(&worker->has_work, NULL);
    bool is_complete = true;
    for (int kind = 0; kind < KINDS; kind++) {
        worker->queues[kind].ring = calloc(jobs_max[kind], sizeof(job_t *));
        is_complete = is_complete && worker->queues[kind].ring != NULL;
    }
    if (is_complete && pthread_create(&worker->thread, NULL, work, worker) == 0) {
        pthread_setname_np(worker->thread, "fanout");
        return worker;
    }
    worker_free(worker);
    return NULL;
}

/* Starts the threads; NULL when the system has none. `sender` is copied. */
static pool_t *pool_new(const sender_t *sender, unsigned threads) {
    pool_t *pool = calloc(1, sizeof *pool);
    if (pool == NULL) return NULL;
    static atomic_ullong ids;
    pool->id = atomic_fetch_add(&ids, 1) + 1;
    pool->sender = *sender;
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->is_idle, NULL);
    /* Signals are the interpreter's: its own thread takes them. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (pool->threads < threads) {
        worker_t *worker = worker_new(pool, pool->threads);
        if (worker == NULL) break;
        pool->workers[pool->threads++] = worker;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (pool->threads == threads) return pool;
    pool_free(pool);
    return NULL;
}

#endif
