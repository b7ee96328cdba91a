import type { InteractionType, Sentiment } from "@success-manager/contract/vocabulary";

/** How a customer feels for a while; their interactions, responses and scores follow from it. */
export type Mood = "thriving" | "steady" | "quiet" | "strained" | "failing";

/** How content somebody is, from 1 (angry) to 5 (delighted). */
export type Satisfaction = 1 | 2 | 3 | 4 | 5;

interface Habits {
  /** Interactions in 30 days. */
  readonly interactions: Readonly<Record<InteractionType, number>>;
  /** Survey responses in 30 days. */
  readonly surveys: number;
  /** How likely an interaction is positive, neutral or negative. */
  readonly sentiment: readonly [
    readonly [Sentiment, number],
    readonly [Sentiment, number],
    readonly [Sentiment, number],
  ];
  /** How likely a survey response is at a level. */
  readonly satisfaction: readonly [
    readonly [Satisfaction, number],
    readonly [Satisfaction, number],
    readonly [Satisfaction, number],
  ];
}

const sentiments = (positive: number, neutral: number, negative: number): Habits["sentiment"] => [
  ["positive", positive],
  ["neutral", neutral],
  ["negative", negative],
];

/** The rates are chosen so that a whole window (90 days) of a mood gives the engagement that is noted beside it. */
export const habits: Readonly<Record<Mood, Habits>> = {
  // 95: at the table every month
  thriving: {
    interactions: { meeting: 1, training: 0.5, call: 1, email: 1, support_ticket: 0.4, escalation: 0 },
    surveys: 1.5,
    sentiment: sentiments(70, 30, 0),
    satisfaction: [
      [5, 60],
      [4, 35],
      [3, 5],
    ],
  },
  // 70: regular reviews, few questions
  steady: {
    interactions: { meeting: 0.67, training: 0.34, call: 0.34, email: 1, support_ticket: 0.7, escalation: 0 },
    surveys: 1.5,
    sentiment: sentiments(45, 45, 10),
    satisfaction: [
      [4, 55],
      [5, 20],
      [3, 25],
    ],
  },
  // 35: answers when asked
  quiet: {
    interactions: { meeting: 0.34, training: 0, call: 0.34, email: 0.67, support_ticket: 1, escalation: 0 },
    surveys: 1.2,
    sentiment: sentiments(20, 55, 25),
    satisfaction: [
      [3, 45],
      [4, 50],
      [2, 5],
    ],
  },
  // 20: talks about tickets only
  strained: {
    interactions: { meeting: 0, training: 0, call: 0.34, email: 0.67, support_ticket: 2, escalation: 0.25 },
    surveys: 0.7,
    sentiment: sentiments(5, 35, 60),
    satisfaction: [
      [2, 45],
      [3, 45],
      [1, 10],
    ],
  },
  // 5: has given up talking
  failing: {
    interactions: { meeting: 0, training: 0, call: 0, email: 0.34, support_ticket: 2.3, escalation: 0.5 },
    surveys: 0.8,
    sentiment: sentiments(0, 25, 75),
    satisfaction: [
      [1, 60],
      [2, 30],
      [3, 10],
    ],
  },
};
