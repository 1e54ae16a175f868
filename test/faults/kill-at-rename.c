/* Preloaded into a worker: ends it with SIGKILL at the n-th rename by which the engine makes a written part its own, before
   or after that is done. FAIRSHARE_KILL_AT_RENAME=n:before, or n:after. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static atomic_int renames;

int rename(const char *from, const char *to) {
  int (*real)(const char *, const char *) = dlsym(RTLD_NEXT, "rename");
  const char *at = getenv("FAIRSHARE_KILL_AT_RENAME");
  int kills = at != NULL && strstr(from, "/tmp_insert_") != NULL && atomic_fetch_add(&renames, 1) + 1 == atoi(at);
  if (kills && strstr(at, "before") != NULL) raise(SIGKILL);
  int result = real(from, to);
  if (kills) raise(SIGKILL);
  return result;
}
