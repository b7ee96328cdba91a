import type { SurveyType } from "@success-manager/contract/vocabulary";
import { demoId, type Random } from "../../../packages/demo/src/random.ts";
import { DAY_MS } from "./days.ts";
import type { DeploymentFact } from "./facts.ts";

export interface ResponseFact {
  readonly id: string;
  readonly survey_type: SurveyType;
  readonly score: number;
  readonly at: string;
  /** What it is about, if anything. */
  readonly about?: DeploymentFact;
  readonly feedback?: string;
}

const LONG = "They answered within the hour, and it has worked ever since. ".repeat(4).trim();

/** Answers of a customer over 14 months, on both scales. None lies on the edge of the last 90 days. */
export function responsesOf(
  n: number,
  deployments: readonly DeploymentFact[],
  random: Random,
  now: Date,
): ResponseFact[] {
  return Array.from({ length: random.whole(0, 4) }, (_, k) => {
    const survey_type = random.pick<SurveyType>(["nps", "quarterly", "post_ticket", "onboarding", "nps"]);
    const days = random.pick([random.whole(1, 88), random.whole(92, 420)]);
    const [about] = deployments;
    const feedback = random.pick([LONG, "Quick help.", ""]);
    return {
      id: demoId("answer", n, k),
      survey_type,
      score: survey_type === "nps" ? random.whole(0, 10) : random.whole(1, 5),
      at: new Date(now.getTime() - days * DAY_MS - n * 1_000 - k).toISOString(),
      ...(about && random.next() < 0.5 && { about }),
      ...(feedback && { feedback }),
    };
  });
}
