// What the limits of DynamoDB's partitions do to the directory while all customers are scored, and people and other
// functions go on: with the directory in one partition, with batches in shards that are announced, and all in shards. Simulated in virtual time; what
// syncs, hashes and paces is the domain's own code. npm run simulate:partitions
import { parseArgs } from "node:util";
import { type Outcome, type Scenario, simulate } from "./simulated/portfolio.ts";
import { markdown } from "./table.ts";

const { values } = parseArgs({
  options: {
    customers: { type: "string", default: "10000,100000" },
    containers: { type: "string", default: "1,8,32" },
    seconds: { type: "string", default: "60" },
  },
});
const numbers = (text: string) => text.split(",").map(Number);

const percent = (part: number, whole: number) => `${((100 * part) / Math.max(1, whole)).toFixed(1)} %`;
const rowOf = (layout: Scenario["layout"], outcome: Outcome) => ({
  customers: outcome.customers,
  containers: outcome.containers,
  layout,
  "scored a second": Math.round(outcome.scored / outcome.seconds),
  "lists failed": percent(outcome.lists.failed, outcome.lists.all),
  "their reads p95 ms": Math.round(outcome.lists.p95),
  "writes of people failed": percent(outcome.edits.failed, outcome.edits.all),
  "queries per list": (outcome.queries / Math.max(1, outcome.lists.all)).toFixed(1),
  "read units a second": Math.round(outcome.readUnits / outcome.seconds),
  "of the hottest partition": Math.round(outcome.hottest.read),
  "write units of the hottest": Math.round(outcome.hottest.write),
  "scores seen after ms, p95": Math.round(outcome.behind),
});

const rows = [];
for (const customers of numbers(values.customers))
  for (const containers of numbers(values.containers))
    for (const layout of ["one partition", "announced shards", "16 shards"] as const)
      rows.push(
        rowOf(layout, await simulate({ customers, containers, layout, seconds: Number(values.seconds) })),
      );
console.log(markdown(rows));
