interface Event {
  readonly at: number;
  readonly run: () => void;
}

/** Events in the order of time, as a discrete-event simulation needs them; an event may add others. */
export interface EventQueue {
  /** Events at the same instant run in the order in which they were added. */
  add(at: Date, run: () => void): void;
  /** Runs all events. */
  run(): void;
}

export function eventQueue(): EventQueue {
  const waiting: Event[] = [];
  return {
    add(at, run) {
      const index = waiting.findLastIndex((event) => event.at <= at.getTime()) + 1;
      waiting.splice(index, 0, { at: at.getTime(), run });
    },
    run() {
      for (let next = waiting.shift(); next; next = waiting.shift()) next.run();
    },
  };
}
