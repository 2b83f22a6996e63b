// The limit of this machine: one thread, the file in memory, no checks. Counts the packets and bytes of each
// pair of load balancer and source, as replay does, and prints lines, packet lines, packets, bytes and pairs.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

typedef struct {
    uint64_t source, nlb, packets, bytes;
} Pair;

static Pair *table;
static size_t size = 1 << 16, pairs;
static uint64_t lines, packet_lines, packets, bytes;

static size_t place_of(uint64_t source, uint64_t nlb) {
    uint64_t hash = (source * 0x9E3779B97F4A7C15ull ^ nlb) * 0x9E3779B97F4A7C15ull;
    return (hash >> 32) & (size - 1);
}

static Pair *find(uint64_t source, uint64_t nlb) {
    size_t i = place_of(source, nlb);
    while (table[i].packets && (table[i].source != source || table[i].nlb != nlb)) i = (i + 1) & (size - 1);
    return &table[i];
}

static void grow(void) {
    Pair *old = table;
    size_t old_size = size;
    size *= 4;
    table = calloc(size, sizeof(Pair));
    for (size_t i = 0; i < old_size; i++)
        if (old[i].packets) *find(old[i].source, old[i].nlb) = old[i];
    free(old);
}

static uint64_t decimal(const char **p) {
    uint64_t value = 0;
    while (**p >= '0' && **p <= '9') value = value * 10 + *(*p)++ - '0';
    return value;
}

static uint64_t half_of_ipv6(const char *p) {
    uint64_t value = 0;
    for (int i = 0; i < 19; i++)
        if (p[i] != ':') value = value << 4 | (p[i] <= '9' ? p[i] - '0' : p[i] - 'a' + 10);
    return value;
}

// An IPv6 source is its /64, as in replay. Both halves of a destination are combined in one number.
static uint64_t address(const char **p, int is_source) {
    const char *start = *p;
    uint64_t value;
    if (start[4] == ':') {
        value = half_of_ipv6(start);
        if (!is_source) value = value * 31 ^ half_of_ipv6(start + 20);
        *p += 39;
        return value;
    }
    value = decimal(p);
    for (int i = 0; i < 3; i++) {
        (*p)++;
        value = value << 8 | decimal(p);
    }
    return value;
}

static void packet(const char *message, const char *end) {
    const char *p = memmem(message, end - message, " SRC=", 5);
    if (!p) return;
    p += 5;
    uint64_t source = address(&p, 1);
    p += 5; // " DST="
    uint64_t nlb = address(&p, 0);
    p += 5; // " LEN="
    uint64_t length = decimal(&p), repeat = 1;
    if (message[-2] == '[') { // "message repeated 3 times: [ calico-packet: "
        const char *digits = message - 10; // after the number
        while (digits[-1] >= '0' && digits[-1] <= '9') digits--;
        repeat = decimal(&digits);
    }
    Pair *pair = find(source, nlb);
    if (!pair->packets && ++pairs * 2 > size) {
        grow();
        pair = find(source, nlb);
    }
    pair->source = source;
    pair->nlb = nlb;
    pair->packets += repeat;
    pair->bytes += length * repeat;
    packet_lines++;
    packets += repeat;
    bytes += length * repeat;
}

int main(int count, char **files) {
    table = calloc(size, sizeof(Pair));
    for (int i = 1; i < count; i++) {
        int file = open(files[i], O_RDONLY);
        struct stat status;
        if (file < 0 || fstat(file, &status) || status.st_size == 0) {
            fprintf(stderr, "limit: %s cannot be read\n", files[i]);
            return 1;
        }
        char *text = mmap(0, status.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
        char *end = text + status.st_size;
        for (char *line = text; line < end;) {
            char *newline = memchr(line, '\n', end - line);
            if (!newline) newline = end;
            lines++;
            char *message = memmem(line, newline - line, "calico-packet: ", 15);
            if (message) packet(message, newline);
            line = newline + 1;
        }
        munmap(text, status.st_size);
    }
    printf("%lu %lu %lu %lu %zu\n", lines, packet_lines, packets, bytes, pairs);
}
