import type { ReportFilters, Section as SectionName } from "@success-manager/contract/report-filters";
import type { Section } from "@success-manager/pdf/document";
import type { Period } from "../period.ts";

/** What a report is asked to show. */
export interface Asked {
  readonly filters: ReportFilters;
  readonly period: Period;
  readonly now: Date;
}

/** What a type of report has to say. */
export interface Content {
  /** What it is about in particular, such as a customer; the report's own name when absent. */
  readonly subtitle?: string | undefined;
  readonly sections: readonly Section[];
}

/** Whether a part of the report is wanted: all are, unless some are named. */
export const wants = ({ filters: { sections = [] } }: Asked, part: SectionName): boolean =>
  sections.length === 0 || sections.includes(part);

/** The parts that are wanted, in their order; the others are not worked out. */
export async function parts(
  asked: Asked,
  all: readonly (readonly [part: SectionName, make: () => Section | Promise<Section>])[],
): Promise<readonly Section[]> {
  return Promise.all(all.filter(([part]) => wants(asked, part)).map(([, make]) => make()));
}
