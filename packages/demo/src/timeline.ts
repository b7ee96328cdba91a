interface Moment {
  readonly at: number;
  readonly happens: () => void;
}

/** What happens one after the other; what happens may bring about more. */
export interface Timeline {
  /** At the same instant things happen in the order in which they were added. */
  add(at: Date, happens: () => void): void;
  run(): void;
}

export function timeline(): Timeline {
  const waiting: Moment[] = [];
  return {
    add(at, happens) {
      const place = waiting.findLastIndex((moment) => moment.at <= at.getTime()) + 1;
      waiting.splice(place, 0, { at: at.getTime(), happens });
    },
    run() {
      for (let next = waiting.shift(); next; next = waiting.shift()) next.happens();
    },
  };
}
