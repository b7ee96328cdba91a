import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readResults } from "../results.ts";
import { inventoryOf, productionResources } from "./inventory.ts";
import { ASSUMED, assumedWith, measuredIn } from "./model.ts";
import { tables, withTables } from "./paper.ts";

// `npm run cost`: the tables of docs/cost.md, from what was measured, what production's templates hold, and prices.

const MEASURED = join(import.meta.dirname, "measured.json");
const PAPER = join(import.meta.dirname, "../../../docs/cost.md");

const usage = `usage: npm run cost -- [options]
  --set <name>=<number>  in place of an assumption; any number of times. There are:
                         ${Object.entries(ASSUMED)
                           .flatMap(([name, value]) =>
                             typeof value === "number" ? [`${name}=${value}`] : [],
                           )
                           .join(", ")}
  --measured <file>      what the bench has written there: npm run bench -- --sizes 10000 --only costs --json <file>
  --write                writes the tables into docs/cost.md
  --help                 this text
`;

try {
  const { values } = parseArgs({
    options: {
      set: { type: "string", multiple: true, default: [] },
      measured: { type: "string", default: MEASURED },
      write: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) console.log(usage);
  else {
    const assumed = assumedWith(values.set);
    const measured = measuredIn(readResults(values.measured));
    const made = tables(measured, inventoryOf(await productionResources()), assumed);
    if (values.write) {
      if (values.set.length > 0) throw new Error("--write takes no --set: the paper tells what ASSUMED says");
      writeFileSync(PAPER, withTables(readFileSync(PAPER, "utf8"), made));
      console.log("docs/cost.md is written");
    } else for (const [name, text] of Object.entries(made)) console.log(`## ${name}\n\n${text}\n`);
  }
} catch (error) {
  console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
  process.exitCode = 2;
}
