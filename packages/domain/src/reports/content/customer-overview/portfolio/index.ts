import { CustomerStatus } from "@success-manager/contract/vocabulary";
import { getDirectory } from "../../../../directory/index.ts";
import { type Asked, type Content, parts } from "../../asked.ts";
import { isNarrowed, selectedFrom } from "../../selection.ts";
import { alertsSection } from "./alerts.ts";
import { contactsSection } from "./contacts.ts";
import { healthSection } from "./health.ts";
import { profileSection } from "./profile.ts";
import { renewalsSection } from "./renewals.ts";
import { satisfactionSection } from "./satisfaction.ts";

/** The customer base: who they are and how they fare. Who has left is part of it, as on the dashboard. */
export async function portfolioReport(asked: Asked): Promise<Content> {
  const { filters } = asked;
  const directory = await getDirectory();
  const rows = selectedFrom(directory, {
    ...filters,
    status: filters.status ?? CustomerStatus.options,
  });
  const narrowed = isNarrowed(filters);
  return {
    sections: await parts(asked, [
      ["profile", () => profileSection(rows, asked)],
      ["health", () => healthSection(rows, asked)],
      ["interactions", () => contactsSection(asked, narrowed)],
      ["alerts", () => alertsSection(rows, asked, narrowed)],
      ["csat", () => satisfactionSection(asked, narrowed, directory)],
      ["renewals", () => renewalsSection(rows, asked)],
    ]),
  };
}
