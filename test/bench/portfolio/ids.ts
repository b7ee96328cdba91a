import { createHash } from "node:crypto";

const digest = (text: string) => createHash("sha256").update(text).digest();

/** The same id for the same thing in every run, so that who measures knows what there is. */
function uuid(kind: string, n: number): string {
  const hex = digest(`${kind}${n}`).toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** What belongs to a customer is numbered after them. */
const OF_ONE = 100;

/** Customers are numbered from 0. */
export const customerId = (n: number) => uuid("customer", n);
export const deploymentId = (n: number, i: number) => uuid("deployment", n * OF_ONE + i);
export const interactionId = (n: number, i: number) => uuid("interaction", n * OF_ONE + i);
export const surveyId = (n: number, i: number) => uuid("survey", n * OF_ONE + i);
/** Of each customer's outcomes 0 is a changed amount, 1 that they left. */
export const outcomeId = (n: number, i: number) => uuid("outcome", n * OF_ONE + i);
/** Of each customer's alerts 0 is open, 1 resolved. */
export const alertId = (n: number, i: number) => uuid("alert", n * OF_ONE + i);
/** The token of a customer's survey link. */
export const linkToken = (n: number) => digest(`survey link${n}`).toString("base64url");

/** Every other customer has a link that waits for an answer. */
export const hasOpenLink = (n: number) => n % 2 === 1;

/** With one of so many customers nobody has spoken for a long time. */
const SILENT = 7;
export const isSilent = (n: number) => n % SILENT === 3;

/** The last of so many customers has churned: nobody there is asked any more. */
export const STATUSES = ["active", "active", "active", "at_risk", "onboarding", "churned"] as const;
const PER_CHURNED = STATUSES.length;

/** The number of the customer for the i-th write: one after the other, none with whom nobody spoke or who has left. */
export function writtenTo(i: number, customers: number): number {
  const [some, of] = [PER_CHURNED - 1, Math.ceil(customers / SILENT)];
  const step = Math.floor(i / some) * PER_CHURNED + (i % some);
  const steps = of < PER_CHURNED ? of : of - (of % PER_CHURNED);
  return (step % steps) * SILENT;
}

/** One of these, in turn. */
export const pick = <T>(values: readonly [T, ...T[]], n: number): T => values[n % values.length] ?? values[0];
