/** How much each customer has. */
export interface History {
  readonly deployments: number;
  readonly interactions: number;
  readonly surveys: number;
  readonly scores: number;
  /** Whether the n-th customer has an alert that is open. */
  readonly hasOpenAlert: (n: number) => boolean;
  readonly hasResolvedAlert: boolean;
}

export const HISTORIES = {
  /** What the reference was measured with. */
  full: {
    deployments: 2,
    interactions: 10,
    surveys: 4,
    scores: 6,
    hasOpenAlert: () => true,
    hasResolvedAlert: true,
  },
  /** A fifth of the items, for portfolios that would take long to write: the directory is as large. */
  light: {
    deployments: 2,
    interactions: 2,
    surveys: 1,
    scores: 1,
    hasOpenAlert: (n) => n % 2 === 0,
    hasResolvedAlert: false,
  },
} as const satisfies Readonly<Record<string, History>>;

export type HistoryName = keyof typeof HISTORIES;
export const isHistory = (name: string): name is HistoryName => Object.hasOwn(HISTORIES, name);
