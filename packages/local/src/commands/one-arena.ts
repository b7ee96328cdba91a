// Imported first: starts this process anew, on Linux, with one heap of the C library for all threads. By itself glibc
// gives each thread one, and what threads free stays there: 100 MB after ten functions. It reads the setting once, when
// a process starts. The process keeps its number and its terminal; where Node can't do this, all works with more memory.
if (process.platform === "linux" && process.env.MALLOC_ARENA_MAX === undefined)
  process.execve?.(process.execPath, [process.execPath, ...process.execArgv, ...process.argv.slice(1)], {
    ...process.env,
    MALLOC_ARENA_MAX: "1",
  });
