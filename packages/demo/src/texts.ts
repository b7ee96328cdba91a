import type { InteractionType, Sentiment } from "@success-manager/contract/vocabulary";
import type { Satisfaction } from "./moods.ts";

type InteractionText = readonly [subject: string, description: string];
type Choice<T> = readonly [T, ...T[]];

/** Subjects and descriptions of interactions, by type and sentiment. `{product}` is one that the customer runs. */
export const interactionTexts: Readonly<
  Record<InteractionType, Readonly<Record<Sentiment, Choice<InteractionText>>>>
> = {
  meeting: {
    positive: [
      [
        "Quarterly business review",
        "Went through the figures of {product}. All goals are met; they think about more users.",
      ],
      [
        "Road map session",
        "Showed what comes in {product}. Two of their wishes are on the list, which they liked.",
      ],
      ["Steering committee", "On time and within budget. Their management thanked the team."],
    ],
    neutral: [
      ["Quarterly business review", "Usage of {product} as before. Next steps agreed, no surprises."],
      ["Planning of the next release", "Agreed on a window for the update of {product}."],
    ],
    negative: [
      ["Service review", "They are not content with {product}. We owe them a written answer to four points."],
      ["Crisis meeting", "Went through the open issues of {product} one by one. A weekly call from now on."],
    ],
  },
  training: {
    positive: [
      ["Training for new users", "Twelve people learnt the basics of {product}; good questions, good mood."],
      ["Workshop for administrators", "Their admins now set up {product} reports without our help."],
    ],
    neutral: [
      ["Training for new users", "Half a day on {product}. Some need a second round."],
      ["Online course", "Went through the new functions of {product}."],
    ],
    negative: [["Training for new users", "Only three of ten came. {product} has lost its sponsor there."]],
  },
  call: {
    positive: [
      ["Monthly call", "All well with {product}. They recommended us to a partner."],
      ["Call about more licenses", "They want to open {product} to another department; sent a quote."],
    ],
    neutral: [
      ["Monthly call", "Short call about {product}; nothing open."],
      ["Question about the contract", "Explained notice period and price steps."],
    ],
    negative: [
      ["Call about open tickets", "They feel left alone with {product}. Promised an answer by Friday."],
      ["Complaint about response times", "Third time this month. Passed on to the support lead."],
    ],
  },
  email: {
    positive: [
      ["Thanks for the quick help", "They thank the team for the smooth update of {product}."],
      ["Case study approved", "Their communications team has approved the text about {product}."],
    ],
    neutral: [
      ["Release notes sent", "Sent what is new in {product}."],
      ["Minutes and next steps", "Sent the minutes of our last talk about {product}."],
    ],
    negative: [
      ["No answer to our invitation", "Second reminder for the review of {product}; still no answer."],
      ["Doubts about the renewal", "They ask what {product} costs elsewhere."],
    ],
  },
  support_ticket: {
    positive: [
      ["Question about an export", "Explained how to export data from {product}. Solved at first contact."],
      ["Report set up", "Set up a monthly report in {product} together."],
    ],
    neutral: [
      ["Password policy", "Asked how to set a password policy in {product}. Answered."],
      ["Slow dashboard", "A dashboard of {product} took long; a filter was missing."],
      ["Import rejected", "A file for {product} had a wrong column. Corrected."],
    ],
    negative: [
      ["Import fails again", "The nightly import of {product} stopped for the second time this month."],
      ["{product} not reachable", "No access for two hours in the morning. Cause still open."],
      ["Wrong figures in a report", "{product} counted entries twice. They had sent the report already."],
    ],
  },
  escalation: {
    positive: [["Escalation closed", "All points about {product} are solved; they confirmed in writing."]],
    neutral: [["Escalation to the support lead", "They want a fixed contact for {product}. Named one."]],
    negative: [
      [
        "Escalation to management",
        "{product} stood still during their month-end. They ask for compensation.",
      ],
      ["Repeated outage", "Third outage of {product} in a quarter. Their director wrote to ours."],
    ],
  },
};

/** What is said about a ticket, by how it went: among the team, to the customer at once, and at the end. */
export const ticketTexts: Readonly<
  Record<Sentiment, { readonly note: string; readonly answer: string; readonly solution: string }>
> = {
  positive: {
    note: "Known question, there is an article about it.",
    answer: "Thank you for asking. I send you a guide with pictures; tell me when something is missing.",
    solution: "It works as you wanted, as you wrote. I close this for now.",
  },
  neutral: {
    note: "Reproduced on the test system with the same settings.",
    answer: "We have received your request and look at it today.",
    solution: "The setting is changed, and the steps stand in the manual.",
  },
  negative: {
    note: "Second report of this kind this month; the developers know.",
    answer: "We are sorry for the trouble. Two people work on it, and you hear from us within the hour.",
    solution: "The cause was found and corrected. We watch it for some days.",
  },
};

/** What people write under a survey, by how content they are. Some leave it empty. */
export const feedbackTexts: Readonly<Record<Satisfaction, Choice<string | undefined>>> = {
  5: [
    "Excellent. Our team would not want to work without it any more.",
    "Quick, friendly, competent. Thank you!",
    "Exactly what we need, and people who listen.",
    undefined,
  ],
  4: [
    "Very good overall. The reports could be a little faster.",
    "Good support, problem solved the same day.",
    "We are content. More examples in the documentation would help.",
    undefined,
  ],
  3: [
    "Works, but nothing special.",
    "It took two attempts until the answer fitted our question.",
    "All right so far. We hear rather little from you.",
    undefined,
  ],
  2: [
    "Had to ask three times before somebody looked at it.",
    "The last update brought more trouble than help.",
    "Too many interruptions this quarter.",
  ],
  1: [
    "This has been open for weeks and nobody feels responsible.",
    "We lost a whole day because of the outage. Not acceptable.",
    "We are looking at other vendors now.",
  ],
};

/** What answers the scale of NPS, 0 to 10, at a level: `[least, most]`. */
export const npsRange: Readonly<Record<Satisfaction, readonly [number, number]>> = {
  5: [9, 10],
  4: [7, 8],
  3: [5, 6],
  2: [3, 4],
  1: [0, 2],
};
