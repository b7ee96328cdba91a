import type { Severity } from "@success-manager/contract/vocabulary";
import type { AlertState } from "../table/index.ts";
import { type Detection, isWorse, levelOf } from "./detection.ts";
import { isSnoozed } from "./serialize.ts";

/** What has to be written so that alerts say what holds now. */
export type AlertAction =
  | { readonly kind: "open"; readonly detection: Detection; readonly before: AlertState | undefined }
  | { readonly kind: "update"; readonly detection: Detection; readonly before: AlertState }
  /** The condition ended while its alert was open. */
  | { readonly kind: "resolve"; readonly before: AlertState }
  /** The condition ended after a person had resolved its alert. */
  | { readonly kind: "clear"; readonly before: AlertState };

type Wording = Pick<Detection, "severity" | "title" | "description">;

/** What the system detected, as it is stored with the state: equal for equal detections. */
export const detectionKey = ({ severity, title, description }: Wording) =>
  JSON.stringify({ severity, title, description });

/** What `detectionKey` made a key of. */
export const parseDetectionKey = (found: string): Wording => JSON.parse(found);

/** How severe the system detected it last; what the alert says where the system never detected anything. */
const detectedSeverity = ({ found, severity }: AlertState): Severity =>
  found === undefined ? severity : parseDetectionKey(found).severity;

function actionFor(detection: Detection, before: AlertState | undefined): AlertAction | undefined {
  if (before === undefined || before.state === "cleared") return { kind: "open", detection, before };
  if (before.state === "open") {
    const isSame = before.found === detectionKey(detection) && before.band === detection.band;
    return isSame ? undefined : { kind: "update", detection, before };
  }
  // A person has resolved it: an alert opens anew only when the condition gets worse.
  return isWorse(detection.severity, detectedSeverity(before))
    ? { kind: "open", detection, before }
    : undefined;
}

/**
 * Whether what is detected ends the snooze of an open alert (decision 17): it is worse than what was detected last, and
 * worse than the alert was when somebody snoozed it. So what got better meanwhile and is as it was again stays snoozed.
 */
export function endsSnooze(detection: Detection, before: AlertState, at: Date): boolean {
  if (!isSnoozed(before, at)) return false;
  const level = levelOf(detection);
  const detectedLast = levelOf({ severity: detectedSeverity(before), band: before.band });
  return level > detectedLast && level > (before.snoozed_level ?? levelOf(before));
}

type StateKey = Pick<Detection, "customer_id" | "condition">;

const keyOf = ({ customer_id, condition }: StateKey) => `${customer_id} ${condition}`;

/** Which of two detections of the same condition counts: the worse; of equally severe ones always the same one. */
const takesPrecedence = (detection: Detection, other: Detection) =>
  isWorse(detection.severity, other.severity) ||
  (detection.severity === other.severity && detectionKey(detection) < detectionKey(other));

/** One detection for each condition. */
function worstByCondition(detections: readonly Detection[]): ReadonlyMap<string, Detection> {
  const worst = new Map<string, Detection>();
  for (const detection of detections) {
    const other = worst.get(keyOf(detection));
    if (!other || takesPrecedence(detection, other)) worst.set(keyOf(detection), detection);
  }
  return worst;
}

/**
 * Compares what holds now with the stored states of the same conditions. An open alert is updated only when the system
 * detects something else than before, so what a person wrote into it stays. An alert that a person resolved opens
 * anew only when its condition is worse. Applying the actions and comparing again gives none.
 *
 * @param detections what holds now
 * @param states all stored states of the conditions that were looked for: those without a detection have ended
 */
export function reconcile(detections: readonly Detection[], states: readonly AlertState[]): AlertAction[] {
  const stored = new Map(states.map((state) => [keyOf(state), state]));
  const holding = worstByCondition(detections);
  const detected = [...holding].flatMap(([key, detection]) => actionFor(detection, stored.get(key)) ?? []);
  const ended = states
    .filter((state) => !holding.has(keyOf(state)))
    .flatMap((before): AlertAction[] => {
      if (before.state === "cleared") return [];
      return [{ kind: before.state === "open" ? "resolve" : "clear", before }];
    });
  return [...detected, ...ended];
}

/** Each action is at most two writes, so that many leave room in a transaction for the change itself. */
const MAX_ACTIONS = 45;

/**
 * What a change of a customer or a deployment means for its existing alerts: they end or are updated with it. It never
 * opens one; that is for the daily check, which also ends what does not fit into the change's transaction.
 *
 * @param detections what holds after the change
 * @param states stored states of the conditions that the change is about
 */
export const updateExisting = (
  detections: readonly Detection[],
  states: readonly AlertState[],
): AlertAction[] =>
  reconcile(detections, states)
    .filter(({ kind }) => kind !== "open")
    .slice(0, MAX_ACTIONS);
