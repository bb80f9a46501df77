// floor PORT BACKEND_PORT: a proxy that copies bytes and does nothing else.
//
// It is the floor under every proxy hop made of epoll and sockets: one recv and one send each way and an amortised
// epoll_wait. It reads no HTTP, writes no log and sets no header. Each client connection owns one backend connection.
#define _GNU_SOURCE
#include "loopback.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>

static int peer_of[MAX_FD];
static char buffer[65536];

static int dial(int port) {
    struct sockaddr_in address = loopback(port);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || fd >= MAX_FD || connect(fd, (struct sockaddr *)&address, sizeof address)) fail("connect");
    no_delay(fd);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

static void pair(int epoll, int client, int backend_port) {
    int backend = dial(backend_port);
    peer_of[client] = backend;
    peer_of[backend] = client;
    watch(epoll, client, EPOLLIN);
    watch(epoll, backend, EPOLLIN);
}

static void hang_up(int fd) {
    int other = peer_of[fd];
    if (other < 0) return;
    peer_of[fd] = peer_of[other] = -1;
    close(fd);
    close(other);
}

static void copy(int from) {
    int to = peer_of[from];
    if (to < 0) return; // closed earlier in this batch of events
    ssize_t got = recv(from, buffer, sizeof buffer, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) {
        hang_up(from);
        return;
    }
    for (ssize_t sent = 0; sent < got;) {
        ssize_t n = send(to, buffer + sent, (size_t)(got - sent), 0);
        if (n >= 0) {
            sent += n;
        } else if (errno == EAGAIN) {
            struct pollfd writable = {.fd = to, .events = POLLOUT};
            poll(&writable, 1, 1000);
        } else {
            hang_up(from);
            return;
        }
    }
}

int main(int count, char **words) {
    if (count != 3) return 2;
    signal(SIGPIPE, SIG_IGN);
    int listener = listen_on(atoi(words[1])), backend_port = atoi(words[2]), epoll = epoll_create1(0);
    struct epoll_event events[EVENTS];
    watch(epoll, listener, EPOLLIN);
    for (;;) {
        int ready = epoll_wait(epoll, events, EVENTS, -1);
        for (int i = 0; i < ready; i++) {
            int fd = events[i].data.fd;
            if (fd != listener) {
                copy(fd);
                continue;
            }
            for (int client; (client = accept_next(listener)) >= 0;) pair(epoll, client, backend_port);
        }
    }
}
