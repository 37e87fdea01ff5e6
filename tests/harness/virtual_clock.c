/* gettimeofday in the hands of a test: preloaded, it makes OpenSSL's DTLS timers run in virtual time. */

#include <sys/time.h>

static double virtual_now = 1000000000.0;

void set_virtual_time(double seconds) { virtual_now = 1000000000.0 + seconds; }

int gettimeofday(struct timeval *restrict tv, void *restrict tz) {
  (void)tz;
  tv->tv_sec = (time_t)virtual_now;
  tv->tv_usec = (suseconds_t)((virtual_now - (double)tv->tv_sec) * 1e6);
  return 0;
}
