import { open, type Portfolio } from "../cloud.ts";
import { type Row, timed } from "./timed.ts";

/** How long a new function takes for its first list: loading itself, the keys, and all that it keeps in memory. */
export async function cold(portfolios: readonly Portfolio[]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const portfolio of portfolios) {
    const running = await open(portfolio);
    const deployments = await timed(running, { path: "/deployments?limit=1" });
    const alerts = await timed(running, { path: "/alerts?is_resolved=false&limit=1" });
    await running.stop();
    rows.push({
      customers: portfolio.size,
      "first list of deployments ms": deployments,
      "first list of open alerts ms": alerts,
    });
  }
  return rows;
}
