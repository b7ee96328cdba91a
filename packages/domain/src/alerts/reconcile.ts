import type { Severity } from "@success-manager/contract/vocabulary";
import type { AlertState } from "../table/index.ts";
import { type Detection, isWorse } from "./condition.ts";

/** What has to be written so that alerts say what holds now. */
export type Action =
  | { readonly kind: "open"; readonly finding: Detection; readonly before: AlertState | undefined }
  | { readonly kind: "update"; readonly finding: Detection; readonly before: AlertState }
  /** The condition ended while its alert was open. */
  | { readonly kind: "resolve"; readonly before: AlertState }
  /** The condition ended after a person had resolved its alert. */
  | { readonly kind: "forget"; readonly before: AlertState };

type Found = Pick<Detection, "severity" | "title" | "description">;

/** What the system found, as it is stored beside a condition. */
export const detectionKey = ({ severity, title, description }: Found) =>
  JSON.stringify({ severity, title, description });

/** How bad the system found it last; what the alert says where it never found anything. */
function foundSeverity({ found, severity }: AlertState): Severity {
  return found === undefined ? severity : (JSON.parse(found) as Found).severity;
}

function actionFor(finding: Detection, before: AlertState | undefined): Action | undefined {
  if (before === undefined || before.state === "over") return { kind: "open", finding, before };
  if (before.state === "open")
    return before.found === detectionKey(finding) ? undefined : { kind: "update", finding, before };
  // A person has dealt with it: only when it gets worse is there something new to say.
  return isWorse(finding.severity, foundSeverity(before)) ? { kind: "open", finding, before } : undefined;
}

type Place = Pick<Detection, "customer_id" | "condition">;

const placeOf = ({ customer_id, condition }: Place) => `${customer_id} ${condition}`;

/** Whether one of two findings about the same condition goes first: the worse; of equals always the same one. */
const goesFirst = (finding: Detection, other: Detection) =>
  isWorse(finding.severity, other.severity) ||
  (finding.severity === other.severity && detectionKey(finding) < detectionKey(other));

/** One finding per condition, should several speak of the same. */
function worstOf(findings: readonly Detection[]): ReadonlyMap<string, Detection> {
  const worst = new Map<string, Detection>();
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
export function reconcile(findings: readonly Detection[], known: readonly AlertState[]): Action[] {
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
