import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { RECOMMENDED } from "@success-manager/domain/health";
import { render } from "@success-manager/pdf";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { planOf, readHistory } from "../../packages/replay/src/history.ts";
import { documentOf, printResult } from "../../packages/replay/src/print.ts";
import { judge, type ReplayResult } from "../../packages/replay/src/result.ts";
import { replay, type Scoring } from "../../packages/replay/src/run.ts";
import { hasSaasData, writeSaasHistory } from "../support/saas-history.ts";
import { emptyCloud } from "../support/servers.ts";
import { assembly } from "../support/synthesize.ts";

/** Ways of being a customer over two months, and what a replay should say of each. */

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "replay-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const TWO: Scoring = { name: RECOMMENDED.name, definition: RECOMMENDED };
const SETTINGS = { horizon: 60, handledAfter: 10 };

async function resultOf(
  history: string,
  [from, to]: readonly [string, string],
  { scoring = TWO, order = "iso" }: { readonly scoring?: Scoring; readonly order?: "iso" | "dmy" } = {},
): Promise<ReplayResult> {
  const plan = planOf(readHistory(history, order), from, to);
  const { handledAfter } = SETTINGS;
  const replayed = await replay({
    ...{ plan, scoring, handledAfter, assembly },
    // Each instance takes longer to load than a small history needs of it.
    start: (options) => emptyCloud({ ...options, maxInstances: 1 }),
  });
  return judge(plan, replayed, { name: scoring.name, ...SETTINGS });
}

function write(name: string, files: Readonly<Record<string, readonly string[]>>): string {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  for (const [file, lines] of Object.entries(files))
    writeFileSync(join(path, `${file}.csv`), lines.join("\n"));
  return path;
}

/** Weekly meetings of a customer from December to March. */
const meetings = (customer: string, until = "2025-03-31") =>
  Array.from({ length: 18 }, (_, n) => new Date(Date.UTC(2024, 11, 2 + 7 * n)).toISOString().slice(0, 10))
    .filter((on) => on <= until)
    .map((on) => `${customer},${on},meeting,positive,`);

const PRODUCTS = ["MonetX", "SupportX", "GreenX"];
const deployed = (customer: string) => PRODUCTS.map((product) => `${customer},${product},2024-02-01`);

const small = () =>
  write("small", {
    customers: [
      "customer,company_name,account_manager,contract_start_date,contract_end_date,contract_value",
      "loud,Loud Inc,Ada Byron,2024-01-10,2026-12-31,12000",
      "silent,Silent Ltd,Ada Byron,2024-01-10,2026-12-31,8000",
      "happy,Happy GmbH,Grace Hopper,2024-01-10,2026-12-31,9000.50",
      "ending,Ending SA,Grace Hopper,2024-01-10,2025-03-05,500",
      "calmed,Calmed AG,Grace Hopper,2024-01-10,2026-12-31,700",
      "back,Back BV,,2024-01-10,2026-12-31,700",
    ],
    deployments: [
      "customer,product_name,deployment_date",
      ...["loud", "happy", "ending", "calmed", "back"].flatMap(deployed),
      "silent,MonetX,2024-02-01",
    ],
    interactions: [
      "customer,date,interaction_type,sentiment,resolved_on",
      ...[...meetings("loud"), ...meetings("happy"), ...meetings("ending"), ...meetings("calmed")],
      ...meetings("back", "2025-02-05"),
      "loud,2025-02-10,escalation,negative,",
      "loud,2025-02-18,escalation,negative,",
      "calmed,2025-02-10,escalation,negative,2025-02-12",
    ],
    survey_answers: ["customer,date,survey_type,score", "happy,2025-02-03,nps,10"],
    outcomes: [
      "customer,kind,effective_on,notice_on,reason,contract_end_date,amount_after",
      "loud,churned,2025-02-25,2025-02-20,service_support,,",
      "silent,churned,2025-02-26,,,,",
      "back,churned,2025-02-06,,moved away,,",
      "back,reactivated,2025-02-16,,,,900",
      "ending,renewed,2025-02-24,,,2027-03-05,600",
    ],
  });

describe("a replay", () => {
  let result: ReplayResult;
  beforeAll(async () => {
    result = await resultOf(small(), ["2025-02-01", "2025-03-02"]);
  });
  const lossOf = (customer: string) => result.lost.find((one) => one.customer === customer);

  it("warns of who escalates before they leave, from the day of the escalation", () => {
    expect(lossOf("loud")).toMatchObject({
      ...{ warning: "warned", account_manager: "Ada Byron", first_warning_on: "2025-02-10" },
      ...{ lead_days: 15, lead_days_before_notice: 10, withdrawn_warnings: 0, reason: "service_support" },
    });
    expect(lossOf("loud")?.said).toContain("Escalation");
  });

  it("knows too little of who is silent, and says that nobody speaks with them", () => {
    // Nobody was ever in touch: 60 days after the customer was recorded it is a high alert.
    expect(lossOf("silent")).toMatchObject({ unknown_since: "2025-02-01", warning: "warned" });
    expect(lossOf("silent")?.said).toContain("No contact");
  });

  it("leaves who is well alone, also when their contract comes to its end", () => {
    const [grace] = result.managers.filter((one) => one.account_manager === "Grace Hopper");
    expect(grace).toMatchObject({ customers: 3, lost: 0, warnings: 1, undecided: 1 });
  });

  it("tells of a departure before somebody comes back, and of mails", () => {
    expect(lossOf("back")).toMatchObject({
      warning: "none",
      effective_on: "2025-02-06",
      reason: "moved away",
    });
    expect(result.managers.map(({ account_manager, mails }) => [account_manager, mails > 0])).toEqual([
      [null, false],
      ["Ada Byron", true],
      ["Grace Hopper", true],
    ]);
  });
});

test("two replays give the same bytes, here by version 1 of the score", async () => {
  const history = write("tiny", {
    customers: [
      "customer,account_manager,contract_start_date,contract_end_date",
      ...["a,Ada,2024-12-01,2025-01-20", "b,Ada,2024-12-01,2026-01-01", "c,Bob,2025-01-05,2026-01-01"],
    ],
    interactions: [
      "customer,date,interaction_type,sentiment",
      ...["a", "b", "c"].flatMap((one) => [
        `${one},2025-01-06,escalation,negative`,
        `${one},2025-01-06,call,neutral`,
      ]),
    ],
    outcomes: ["customer,kind,effective_on", "a,churned,2025-01-08", "b,churned,2025-01-09"],
  });
  const scoring: Scoring = { name: "The specification's score", definition: undefined };
  const printed = async () => {
    const result = await resultOf(history, ["2025-01-04", "2025-01-09"], { scoring });
    const pdf = Buffer.from(await render(documentOf([result])));
    return { json: JSON.stringify(result), text: printResult([result]), pdf: pdf.toString("base64") };
  };
  const [first, second] = [await printed(), await printed()];
  expect(second).toEqual(first);
  expect(first.json).toContain('"version":1');
  expect(first.text).toContain("2 customers left. Of 2 a warning stood until then");
});

describe("the command", () => {
  const command = (...args: readonly string[]) =>
    promisify(execFile)(process.execPath, ["packages/replay/src/replay.ts", ...args]).then(
      ({ stdout }) => ({ code: 0, said: stdout }),
      ({ code, stderr }: { readonly code: number; readonly stderr: string }) => ({ code, said: stderr }),
    );
  const days = ["--from", "2025-01-01", "--to", "2025-01-31"];

  it.each<[readonly string[], string]>([
    [days, "--history is needed"],
    [["--history", ".", "--from", "2025-02-01", "--to", "2025-01-31"], "--to must not be before --from"],
  ])("refuses %j", async (args, message) => {
    const { code, said } = await command(...args);
    expect(said).toContain(message);
    expect(code).toBe(2);
  });

  it("names faulty lines before anything runs", async () => {
    const history = write("faulty", {
      customers: ["customer,contract_start_date", "a,2024-01-01"],
      interactions: ["customer,date,interaction_type", "a,2024-13-01,call", "b,2024-01-01,call"],
    });
    expect(await command("--history", history, ...days)).toEqual({
      code: 1,
      said: [
        "interactions.csv line 2, date: must be a date like 2026-01-31",
        "interactions.csv line 3, customer: b is not in customers.csv",
        "",
      ].join("\n"),
    });
  });
});

describe.skipIf(!hasSaasData)("public data of a software company", () => {
  it("are read whole, with their byte order marks, days, reasons and customers who came back", () => {
    const path = join(folder, "saas");
    writeSaasHistory(path, () => true);
    const history = readHistory(path, "dmy");
    expect(history.rows).toMatchObject({ customers: 500, interactions: 2_000, survey_answers: 1_175 });
    expect(history.unread).toEqual([{ file: "customers.csv", columns: ["seats"] }]);
    expect([...history.reasons.keys()].sort()).toEqual([
      ...["budget", "competitor", "features", "pricing", "support", "unknown"],
    ]);
    expect(
      history.customers.filter(({ outcomes }) => outcomes.some(({ kind }) => kind === "reactivated")).length,
    ).toBeGreaterThan(50);
    // Without the order, days like 05-06-2024 are nobody's to guess.
    expect(() => readHistory(path)).toThrow("can be two days");
  });

  it("are replayed, a slice of them", async () => {
    const [from, to] = ["2024-10-20", "2024-11-02"];
    const { customers } = readHistory(join(folder, "saas"), "dmy");
    const leaving = customers
      .filter(({ outcomes }) =>
        outcomes.some(
          ({ kind, effective_on }) => kind === "churned" && effective_on > from && effective_on <= to,
        ),
      )
      .slice(0, 4)
      .map(({ customer }) => customer);
    const path = join(folder, "saas-slice");
    writeSaasHistory(path, (n, id) => leaving.includes(id) || n < 6);
    const { lost, scoring } = await resultOf(path, [from, to], { order: "dmy" });
    expect(scoring.version).toBe(2);
    expect(lost.map(({ customer }) => customer).sort()).toEqual(expect.arrayContaining(leaving.sort()));
    expect(lost.every(({ effective_on }) => effective_on > from && effective_on <= to)).toBe(true);
  });
});
