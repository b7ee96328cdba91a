// How long a replay takes: node test/bench/replay.ts --customers 1000 --days 365 [--requests] [--keep <folder>]
// Makes a history that is the same each time, replays it, and prints seconds by what they went to, calls, and the result.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { daysAfter } from "@success-manager/domain/calendar";
import { RECOMMENDED } from "@success-manager/domain/health";
import { startCloud } from "@success-manager/local";
import { planOf, readHistory } from "../../packages/replay/src/history.ts";
import { printResult } from "../../packages/replay/src/print.ts";
import { judge } from "../../packages/replay/src/result.ts";
import { assemblyOf, replay } from "../../packages/replay/src/run.ts";
import { recorder } from "../support/recorder.ts";
import { randomNumbers } from "./simulated/virtual-time.ts";

const FIRST_DAY = "2025-01-01";
const PRODUCTS = ["MonetX", "SupportX", "GreenX"];

/**
 * Files of a history: a tenth leaves in a year. Of these, half escalate and answer badly before, a quarter falls
 * silent, a quarter leaves as it was. Some others escalate and stay.
 */
export function generateHistory(folder: string, customers: number, days: number): void {
  const random = randomNumbers(7);
  const pick = (count: number) => Math.floor(random() * count);
  const lines: Record<string, string[]> = {
    customers: [
      "customer,company_name,industry,account_manager,contract_start_date,contract_end_date,contract_value",
    ],
    deployments: ["customer,product_name,deployment_date"],
    interactions: ["customer,date,interaction_type,sentiment,subject"],
    survey_answers: ["customer,date,survey_type,score"],
    outcomes: ["customer,kind,effective_on,notice_on,reason,contract_end_date"],
  };
  const add = (file: string, ...cells: readonly (string | number)[]) => lines[file]?.push(cells.join(","));
  const managers = Math.max(2, Math.round(customers / 50));
  for (let n = 0; n < customers; n++) {
    const customer = `c${String(n).padStart(5, "0")}`;
    const start = daysAfter(FIRST_DAY, -200 - pick(700));
    const end = daysAfter(FIRST_DAY, 60 + pick(700));
    add(
      "customers",
      customer,
      `Company ${n}`,
      "Software",
      `Manager ${n % managers}`,
      start,
      end,
      1000 * (1 + pick(90)),
    );
    for (const product of PRODUCTS.slice(0, 1 + pick(3)))
      add("deployments", customer, product, daysAfter(start, 5));
    const leaves = random() < (0.1 * days) / 365 ? 30 + pick(Math.max(1, days - 30)) : undefined;
    const story =
      leaves === undefined
        ? random() < 0.15
          ? "rough"
          : "calm"
        : ["rough", "rough", "silent", "calm"][pick(4)];
    const last = leaves ?? days;
    for (let day = -90; day < last; day++) {
      const on = daysAfter(FIRST_DAY, day);
      const isLate = leaves !== undefined && day > leaves - 60;
      if (story === "silent" && isLate) break;
      if (random() < 1 / 14)
        add(
          "interactions",
          customer,
          on,
          ["meeting", "call", "email", "training"][pick(4)] ?? "",
          "",
          "Talk",
        );
      if (random() < 1 / 40)
        add(
          "interactions",
          customer,
          on,
          "support_ticket",
          random() < 0.3 ? "negative" : "neutral",
          "Question",
        );
      const isRough = story === "rough" && (isLate || (leaves === undefined && day % 120 > 90));
      if (random() < (isRough ? 1 / 20 : 1 / 1500))
        add("interactions", customer, on, "escalation", "negative", "Outage");
      if (random() < 1 / 90) add("survey_answers", customer, on, "nps", isRough ? pick(7) : 7 + pick(4));
    }
    if (leaves !== undefined) {
      const on = daysAfter(FIRST_DAY, leaves);
      add("outcomes", customer, "churned", on, daysAfter(on, -pick(30)), "service", "");
    } else if (end <= daysAfter(FIRST_DAY, days))
      add("outcomes", customer, "renewed", end, "", "", daysAfter(end, 365));
  }
  mkdirSync(folder, { recursive: true });
  for (const [file, all] of Object.entries(lines))
    writeFileSync(join(folder, `${file}.csv`), `${all.join("\n")}\n`);
}

const { values } = parseArgs({
  options: {
    customers: { type: "string", default: "1000" },
    days: { type: "string", default: "365" },
    keep: { type: "string" },
    requests: { type: "boolean", default: false },
  },
});
const [customers, days] = [Number(values.customers), Number(values.days)];
const folder = values.keep ?? mkdtempSync(join(tmpdir(), "history-"));
generateHistory(folder, customers, days);
const plan = planOf(readHistory(folder), FIRST_DAY, daysAfter(FIRST_DAY, days - 1));
const database = recorder();
const began = performance.now();
const replayed = await replay({
  plan,
  scoring: { name: RECOMMENDED.name, definition: RECOMMENDED },
  handledAfter: 14,
  assembly: assemblyOf(process.cwd()),
  ...(values.requests && { start: (options) => startCloud({ ...options, dynamodbProxy: database.proxy }) }),
  onDay: (day) =>
    day.endsWith("01") && console.error(day, Math.round((performance.now() - began) / 1000), "s"),
});
const seconds = (performance.now() - began) / 1000;
const result = judge(plan, replayed, { name: RECOMMENDED.name, horizon: 90, handledAfter: 14 });
console.log(printResult([result]));
const rows = Object.entries(replayed.spent).map(([phase, ms]) => `${phase} ${(ms / 1000).toFixed(1)} s`);
const steps = [...plan.days.values()].flatMap((day) => [...day.values()].flat()).length;
console.log(
  `${customers} customers × ${days} days: ${seconds.toFixed(1)} s (${rows.join(", ")}), ` +
    `${((1000 * seconds) / (customers * days)).toFixed(2)} ms a customer and day; ${steps} events, ${replayed.calls} calls` +
    (values.requests ? `; ${database.take().length} + ${database.takeBackground().length} requests` : ""),
);
if (values.keep === undefined) rmSync(folder, { recursive: true });
