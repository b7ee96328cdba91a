import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { daysAfter } from "../calendar.ts";
import { createDirectory } from "../directory/directory.ts";
import { customerItem, deploymentItem } from "../directory/fixture/items.ts";
import { table } from "../directory/fixture/table.ts";
import { activityPeriod, newCustomers, newDeployments } from "./activity.ts";

const day = fc.nat({ max: 20 }).map((n) => daysAfter("2026-03-01", n));
const instant = fc
  .record({ day, time: fc.constantFrom("00:00:00.000", "12:00:00.000", "23:59:59.999") })
  .map(({ day, time }) => `${day}T${time}Z`);

const idOf = (n: number) => `id ${String(n).padStart(2, "0")}`;

const portfolio = fc.record({
  created: fc.array(instant, { maxLength: 30 }),
  deployed: fc.array(day, { maxLength: 30 }),
});

async function directoryOf({ created, deployed }: { created: string[]; deployed: string[] }) {
  const stored = table();
  for (const [n, created_at] of created.entries()) stored.write(customerItem(idOf(n), 1, { created_at }));
  for (const [n, deployment_date] of deployed.entries())
    stored.write(deploymentItem(`deployment ${idOf(n)}`, idOf(0), 1, { deployment_date }));
  const copy = createDirectory(stored.feed);
  await copy.refresh();
  return { copy, stored };
}

/** The newest of these, found by looking at all of them. */
const plainly = (times: readonly string[], start: string, end: string, limit: number) =>
  times
    .map((time, n) => ({ time, n }))
    .filter(({ time }) => time.slice(0, 10) >= start && time.slice(0, 10) <= end)
    .sort((a, b) => (a.time === b.time ? b.n - a.n : a.time < b.time ? 1 : -1))
    .slice(0, limit)
    .map(({ n }) => idOf(n));

describe("the newest of some days", () => {
  it("are those that a look at all customers and deployments finds", async () => {
    await fc.assert(
      fc.asyncProperty(
        portfolio,
        day,
        day,
        fc.integer({ min: 1, max: 12 }),
        async (all, start, end, limit) => {
          const { copy } = await directoryOf(all);
          const customers = newCustomers(copy, { start, end }, limit).map(({ id }) => id);
          expect(customers).toEqual(plainly(all.created, start, end, limit));
          const deployments = newDeployments(copy, { start, end }, limit).map(({ id }) => id);
          const expected = plainly(all.deployed, start, end, limit).map((id) => `deployment ${id}`);
          expect(deployments).toEqual(expected);
        },
      ),
    );
  });

  it("leave out what lies ahead, and take in what has come since they were last asked for", async () => {
    const { copy, stored } = await directoryOf({ created: [], deployed: ["2026-03-09", "2026-03-11"] });
    const newest = () =>
      newDeployments(copy, { start: "2026-03-01", end: "2026-03-10" }, 5).map(({ timestamp }) => timestamp);
    expect(newest()).toEqual(["2026-03-09T00:00:00.000Z"]);
    stored.write(
      deploymentItem("moved", idOf(0), 1, {
        deployment_date: "2026-03-10",
        changed_at: new Date().toISOString(),
      }),
    );
    await copy.refresh();
    expect(newest()).toEqual(["2026-03-10T00:00:00.000Z", "2026-03-09T00:00:00.000Z"]);
  });
});

it.each([
  [{}, "2026-10-23", "2026-11-22"],
  [{ end_date: "2026-03-15" }, "2026-02-13", "2026-03-15"],
  [{ start_date: "2026-11-01" }, "2026-11-01", "2026-11-22"],
  [{ start_date: "2026-12-01" }, "2026-12-01", "2026-11-22"],
  [{ end_date: "1900-01-01" }, "1899-12-02", "1900-01-01"],
  [{ start_date: "1900-01-01", end_date: "2999-12-31" }, "1900-01-01", "2999-12-31"],
])("%j asks for the days from %s to %s", (query, start, end) => {
  expect(activityPeriod(query, "2026-11-22")).toEqual({ start, end });
});
