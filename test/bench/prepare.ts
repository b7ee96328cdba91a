import { rebuild } from "@success-manager/domain/rollup/rebuild";
import { Users } from "@success-manager/domain/user";
import { ADMIN } from "./cloud.ts";
import { databaseOf } from "./database.ts";
import { fill } from "./portfolio/fill.ts";

/** Counting anew takes a minute for 10 000 customers; the counters come about in the same way. */
const COMPARED = 1_000;

/** `node prepare.ts <customers>` fills the table of its environment, and looks whether its counters are right. */
const customers = Number(process.argv[2]);
await Users.create({ ...ADMIN, full_name: "Admin", role: "admin" });
const database = databaseOf(process.env);
await fill(database, customers);
database.close();
if (customers <= COMPARED) {
  const { drifts, moving, unreadable } = await rebuild({ write: false, settle: async () => undefined });
  const wrong = [...drifts, ...moving, ...unreadable];
  if (wrong.length > 0) throw new Error(`${wrong.length} counters are not what they count`);
}
