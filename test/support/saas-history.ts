import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseCsv } from "../../packages/replay/src/history.ts";

/** Public data of a software company, which lie beside the project and are no part of it: see the README there. */
const FOLDER = fileURLToPath(new URL("../../../shared/data/", import.meta.url));

export const hasSaasData = existsSync(join(FOLDER, "saas-accounts.csv"));
if (!hasSaasData) console.warn(`Left out: the replay of public churn data, which is not in ${FOLDER}`);

type Row = Readonly<Record<string, string>>;

function rowsOf(file: string): Row[] {
  const [heading, ...rows] = parseCsv(file, readFileSync(join(FOLDER, file), "utf8"));
  return rows.map(({ cells }) =>
    Object.fromEntries(heading?.cells.map((name, n) => [name, cells[n] ?? ""]) ?? []),
  );
}

/** Of `27-07-2023 03:00` the day, as it is written. */
const dayIn = (typed = "") => typed.slice(0, "dd-mm-yyyy".length);
/** To compare days. */
const iso = (typed = "") => dayIn(typed).split("-").reverse().join("-");
const cell = (text = "") => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

function byAccount(rows: readonly Row[]): ReadonlyMap<string, readonly Row[]> {
  return Map.groupBy(rows, ({ account_id = "" }) => account_id);
}

/**
 * Writes the data in the format of a replay, with their days as they are (day first).
 *
 * - Who left more than once came back in between: on the day of their first subscription after leaving. Where there is
 *   none, the later departure is left out.
 * - A ticket is a support ticket or, with its flag, an escalation until it was closed. Its satisfaction is an answer.
 * - The industry stands for the account manager, whom the data don't name.
 *
 * @param isTaken which accounts
 */
export function writeSaasHistory(folder: string, isTaken: (n: number, id: string) => boolean): void {
  const accounts = rowsOf("saas-accounts.csv").filter(({ account_id = "" }, n) => isTaken(n, account_id));
  const [departures, tickets, subscriptions] = [
    byAccount(rowsOf("saas-churn_events.csv")),
    byAccount(rowsOf("saas-supports_ticket.csv")),
    byAccount(rowsOf("saas-subscriptions.csv")),
  ];
  const lines = {
    customers: ["\uFEFFcustomer,company_name,industry,account_manager,contract_start_date,seats"],
    deployments: ["customer,product_name,deployment_date,license_expiry"],
    interactions: ["customer,date,interaction_type,subject,resolved_on"],
    survey_answers: ["customer,date,survey_type,score"],
    outcomes: ["customer,kind,effective_on,reason,voluntary"],
  };
  for (const { account_id = "", account_name, industry, signup_date = "", seats } of accounts) {
    lines.customers.push([account_id, cell(account_name), industry, industry, signup_date, seats].join(","));
    lines.deployments.push([account_id, "MonetX", signup_date, "31-12-2025"].join(","));
    for (const { submitted_at, closed_at, priority, satisfaction_score, escalation_flag } of tickets.get(
      account_id,
    ) ?? []) {
      const escalated = escalation_flag === "TRUE";
      const kind = escalated ? "escalation" : "support_ticket";
      const on = dayIn(submitted_at);
      const closed = escalated ? dayIn(closed_at) : "";
      lines.interactions.push([account_id, on, kind, `${priority} ticket`, closed].join(","));
      if (satisfaction_score)
        lines.survey_answers.push([account_id, on, "post_ticket", satisfaction_score].join(","));
    }
    let last = iso(signup_date);
    let isGone = false;
    const starts = (subscriptions.get(account_id) ?? []).map(({ start_date = "" }) => start_date);
    const sorted = (departures.get(account_id) ?? []).toSorted((a, b) =>
      iso(a.churn_date) < iso(b.churn_date) ? -1 : 1,
    );
    for (const { churn_date = "", reason_code } of sorted) {
      const back = starts
        .filter((start) => iso(start) > last && iso(start) < iso(churn_date))
        .sort((a, b) => (iso(a) < iso(b) ? -1 : 1))[0];
      if (iso(churn_date) <= last || (isGone && back === undefined)) continue;
      if (isGone) lines.outcomes.push([account_id, "reactivated", back, "", ""].join(","));
      lines.outcomes.push([account_id, "churned", churn_date, `${reason_code}  `, "TRUE"].join(","));
      [last, isGone] = [iso(churn_date), true];
    }
  }
  mkdirSync(folder, { recursive: true });
  for (const [name, all] of Object.entries(lines))
    writeFileSync(join(folder, `${name}.csv`), `${all.join("\r\n")}\r\n`);
}
