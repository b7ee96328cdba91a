import { configuredWeights } from "@success-manager/domain/health";
import { commit, UserEntity } from "@success-manager/domain/table";
import { type DemoCustomer, portfolio } from "./portfolio.ts";
import { writeSchedules } from "./schedules.ts";
import { writeTeam } from "./team.ts";
import { customerWrites } from "./writes.ts";

/** What was not there before. */
export interface Seeded {
  readonly users: number;
  readonly customers: number;
  readonly schedules: number;
}

/** True when nobody can sign in yet: a table that has just been made. */
export async function isEmpty(): Promise<boolean> {
  const { data } = await UserEntity.query.byType({}).go({ count: 1 });
  return data.length === 0;
}

/**
 * Writes the demo accounts, customers and scheduled reports that are missing. What is there stays as it is, whoever wrote or changed
 * it; a customer comes with everything that belongs to it or not at all. So a second call changes nothing.
 *
 * Never call this on a table that others can reach: the passwords are public.
 */
export async function seed(now = new Date()): Promise<Seeded> {
  const { ids, added } = await writeTeam(now);
  const idOf = (email: string) => {
    const id = ids.get(email);
    if (id === undefined) throw new Error(`${email} is no demo account`);
    return id;
  };
  const customers = portfolio({ now, idOf, weights: configuredWeights() });
  const written = await Promise.all(customers.map((demo) => write(demo, now)));
  const schedules = await writeSchedules(now, idOf);
  return { users: added, customers: written.filter(Boolean).length, schedules };
}

/** One transaction. False when there is a customer of this name already. */
async function write(demo: DemoCustomer, now: Date): Promise<boolean> {
  return (await commit(customerWrites(demo, now))).length === 0;
}
