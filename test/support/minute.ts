const minute = () => Math.floor(Date.now() / 60_000);

/**
 * Does something within one minute of the clock, by which calls are counted: once more, from the start, when the
 * minute ended meanwhile.
 */
export async function withinAMinute(work: () => Promise<void>): Promise<void> {
  for (;;) {
    const began = minute();
    try {
      await work();
      if (minute() === began) return;
    } catch (error) {
      if (minute() === began) throw error;
    }
  }
}
