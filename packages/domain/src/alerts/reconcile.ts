import type { Severity } from "@success-manager/contract/vocabulary";
import type { Condition } from "../table/index.ts";
import { type Finding, isWorse } from "./condition.ts";

/** What has to be written so that alerts say what holds now. */
export type Action =
  | { readonly kind: "open"; readonly finding: Finding; readonly before: Condition | undefined }
  | { readonly kind: "update"; readonly finding: Finding; readonly before: Condition }
  /** The condition ended while its alert was open. */
  | { readonly kind: "resolve"; readonly before: Condition }
  /** The condition ended after a person had resolved its alert. */
  | { readonly kind: "forget"; readonly before: Condition };

type Found = Pick<Finding, "severity" | "title" | "description">;

/** What the system found, as it is stored beside a condition. */
export const foundOf = ({ severity, title, description }: Found) =>
  JSON.stringify({ severity, title, description });

/** How bad the system found it last; what the alert says where it never found anything. */
function foundSeverity({ found, severity }: Condition): Severity {
  return found === undefined ? severity : (JSON.parse(found) as Found).severity;
}

function actionFor(finding: Finding, before: Condition | undefined): Action | undefined {
  if (before === undefined || before.state === "over") return { kind: "open", finding, before };
  if (before.state === "open")
    return before.found === foundOf(finding) ? undefined : { kind: "update", finding, before };
  // A person has dealt with it: only when it gets worse is there something new to say.
  return isWorse(finding.severity, foundSeverity(before)) ? { kind: "open", finding, before } : undefined;
}

type Place = Pick<Finding, "customer_id" | "condition">;

const placeOf = ({ customer_id, condition }: Place) => `${customer_id} ${condition}`;

/** Whether one of two findings about the same condition goes first: the worse; of equals always the same one. */
const goesFirst = (finding: Finding, other: Finding) =>
  isWorse(finding.severity, other.severity) ||
  (finding.severity === other.severity && foundOf(finding) < foundOf(other));

/** One finding per condition, should several speak of the same. */
function worstOf(findings: readonly Finding[]): ReadonlyMap<string, Finding> {
  const worst = new Map<string, Finding>();
  for (const finding of findings) {
    const known = worst.get(placeOf(finding));
    if (!known || goesFirst(finding, known)) worst.set(placeOf(finding), finding);
  }
  return worst;
}

/**
 * Compares what holds now with what is known of the same conditions. An alert that was found before is updated only
 * when the system finds something else, so what a person wrote into it stays; one that a person resolved comes back
 * only when it is worse. Applying the actions and comparing again gives none.
 *
 * @param findings what holds now
 * @param known all stored conditions that the findings were looked for under: those without a finding have ended
 */
export function reconcile(findings: readonly Finding[], known: readonly Condition[]): Action[] {
  const stored = new Map(known.map((condition) => [placeOf(condition), condition]));
  const holding = worstOf(findings);
  const found = [...holding].flatMap(([place, finding]) => actionFor(finding, stored.get(place)) ?? []);
  const ended = known
    .filter((condition) => !holding.has(placeOf(condition)))
    .flatMap((before): Action[] => {
      if (before.state === "over") return [];
      return [{ kind: before.state === "open" ? "resolve" : "forget", before }];
    });
  return [...found, ...ended];
}
