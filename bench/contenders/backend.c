// backend PORT: answers `GET /b/{bytes}…` and POST with a JSON body of exactly that many bytes, keep-alive, as cheaply as it can.
//
// The body is `{"bytes":N,"pad":"xxx…"}`, so that a client can check its length, beginning and end. A path of another
// form gets 404. A request's body must have a Content-Length; it is read and dropped before the answer.
#define _GNU_SOURCE
#include "loopback.h"

#include <signal.h>
#include <string.h>
#include <strings.h>

enum { HEAD_LIMIT = 8192, MAX_BODY = 16 << 20, MADE = 64 };

struct answer {
    size_t bytes, length;
    char *text;
};

struct connection {
    const struct answer *answer; // being sent, once the request's body is there; NULL when there is none
    size_t unread;               // bytes of that body on their way
    size_t sent;
    size_t held; // bytes in `head`
    char head[HEAD_LIMIT];
};

static struct answer answers[MADE];
static int made;
static struct connection *connections[MAX_FD];

static const struct answer not_found = {.length = 45, .text = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"};

static const struct answer *make_answer(size_t bytes) {
    char begin[64];
    int begin_length = snprintf(begin, sizeof begin, "{\"bytes\":%zu,\"pad\":\"", bytes);
    if (made == MADE || bytes > MAX_BODY || bytes < (size_t)begin_length + 2) return &not_found;
    char *text = malloc(bytes + 256);
    if (!text) fail("malloc");
    int head_length = sprintf(text, "HTTP/1.1 200 OK\r\nServer: backend\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n", bytes);
    char *body = text + head_length;
    memset(body, 'x', bytes);
    memcpy(body, begin, (size_t)begin_length);
    memcpy(body + bytes - 2, "\"}", 2);
    answers[made] = (struct answer){.bytes = bytes, .length = (size_t)head_length + bytes, .text = text};
    return &answers[made++];
}

static const struct answer *answer_to(const char *head, size_t length) {
    static const char prefix[] = " /b/";
    size_t verb = memcmp(head, "POST", 4) ? 3 : 4;
    if (length < verb + sizeof prefix || (verb == 3 && memcmp(head, "GET", 3)) || memcmp(head + verb, prefix, sizeof prefix - 1))
        return &not_found;
    size_t bytes = 0;
    for (const char *digit = head + verb + sizeof prefix - 1; *digit >= '0' && *digit <= '9' && bytes <= MAX_BODY; digit++)
        bytes = bytes * 10 + (size_t)(*digit - '0');
    for (int i = 0; i < made; i++)
        if (answers[i].bytes == bytes) return &answers[i];
    return make_answer(bytes);
}

// The Content-Length of a POST.
static size_t body_after(const char *head, size_t length) {
    static const char name[] = "\r\ncontent-length:";
    if (memcmp(head, "POST", 4)) return 0;
    for (const char *at = head; at + sizeof name < head + length; at++)
        if (*at == '\r' && !strncasecmp(at, name, sizeof name - 1)) return strtoul(at + sizeof name - 1, NULL, 10);
    return 0;
}

static void drop(int fd) {
    free(connections[fd]);
    connections[fd] = NULL;
    close(fd);
}

// Sends what is owed and takes up the next held request, until the socket or the requests run out; 0 when it is lost.
static int answer_held(int fd, struct connection *this) {
    for (;;) {
        size_t skipped = this->unread < this->held ? this->unread : this->held;
        this->unread -= skipped;
        this->held -= skipped;
        memmove(this->head, this->head + skipped, this->held);
        if (this->unread) return 1;
        while (this->answer) {
            ssize_t n = send(fd, this->answer->text + this->sent, this->answer->length - this->sent, 0);
            if (n < 0) return errno == EAGAIN;
            this->sent += (size_t)n;
            if (this->sent == this->answer->length) this->answer = NULL;
        }
        char *end = memmem(this->head, this->held, "\r\n\r\n", 4);
        if (!end) return this->held < HEAD_LIMIT;
        size_t length = (size_t)(end - this->head) + 4;
        this->answer = answer_to(this->head, length);
        this->unread = body_after(this->head, length);
        this->sent = 0;
        this->held -= length;
        memmove(this->head, this->head + length, this->held);
    }
}

static void serve(int fd, int ended) {
    struct connection *this = connections[fd];
    if (!this) return;
    if (!answer_held(fd, this)) {
        drop(fd);
        return;
    }
    // One short read empties the socket: no second recv just to see EAGAIN, unless the end is to be read too.
    for (size_t room; (room = HEAD_LIMIT - this->held) > 0;) {
        ssize_t got = recv(fd, this->head + this->held, room, 0);
        if (got < 0 && errno == EAGAIN) return;
        if (got > 0) this->held += (size_t)got;
        if (got <= 0 || !answer_held(fd, this)) {
            drop(fd);
            return;
        }
        if ((size_t)got < room && !ended) return;
    }
}

int main(int count, char **words) {
    if (count != 2) return 2;
    signal(SIGPIPE, SIG_IGN);
    int listener = listen_on(atoi(words[1])), epoll = epoll_create1(0);
    struct epoll_event events[EVENTS];
    watch(epoll, listener, EPOLLIN);
    for (;;) {
        int ready = epoll_wait(epoll, events, EVENTS, -1);
        for (int i = 0; i < ready; i++) {
            int fd = events[i].data.fd;
            if (fd != listener) {
                serve(fd, (events[i].events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0);
                continue;
            }
            for (int client; (client = accept_next(listener)) >= 0;) {
                if (!(connections[client] = calloc(1, sizeof(struct connection)))) fail("calloc");
                watch(epoll, client, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
            }
        }
    }
}
