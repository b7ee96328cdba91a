import { interactions } from "@success-manager/contract/interactions";
import type { Item } from "../../packages/domain/src/counters/contributions.ts";
import type { Row } from "./measure/timed.ts";

/*
 * The small things that every call is made of, each many times in a row: processor time of this thread alone. Runs as
 * a process of its own with the variables of a cloud (`node micro.ts <token> <customer>`), because the domain reads
 * them when it is loaded. Sources, not bundles.
 */
const [token = "", customer_id = ""] = process.argv.slice(2);
const {
  batchGet,
  commit,
  CustomerEntity,
  find,
  getRequest,
  getSession,
  InteractionEntity,
  partitions,
  putItem,
  query,
  UserEntity,
} = await import("@success-manager/domain/table");
const { authenticate } = await import("@success-manager/domain/auth");
const { createServe } = await import("@success-manager/lambda");

const WARM_UP = 1_000;
const REPEATS = 1_000;

/** Microseconds of processor time that one takes. */
async function microseconds(run: () => unknown): Promise<number> {
  for (let i = 0; i < WARM_UP; i++) await run();
  const from = process.threadCpuUsage();
  for (let i = 0; i < REPEATS; i++) await run();
  const { user, system } = process.threadCpuUsage(from);
  return (user + system) / REPEATS;
}

const { sub, sid } = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
const first = async (limit: number): Promise<readonly Item[]> => {
  for await (const { items } of query<Item>(
    { partition: partitions.customer(customer_id), order: "desc" },
    { pageSize: limit },
  ))
    return items;
  return [];
};
const [interaction] = (await first(50)).flatMap((item) => {
  const { data } = InteractionEntity.parse({ Item: item });
  return data?.subject === undefined ? [] : [data];
});
if (!interaction) throw new Error("The customer has no interaction");

const BODY = {
  customer_id,
  interaction_type: "call",
  subject: "Roadmap",
  description: "Talked about what comes next; they liked the plan and want to see it again in spring.",
};
const page = {
  interactions: Array.from({ length: 20 }, () => ({ ...interaction, customer_name: "Ada & Sons" })),
};

/** An endpoint that does nothing: what is left is the stack. */
const actor = {
  id: sub,
  session_id: sid,
  email: "ada@example.com",
  full_name: "Ada",
  role: "admin",
} as never;
const summary = createServe(() => Promise.resolve({ actor, found: [] }))(interactions, {
  summary: () => ({}),
} as never);
const event = {
  routeKey: "GET /api/v1/interactions/summary",
  rawPath: "/api/v1/interactions/summary",
  headers: { authorization: `Bearer ${token}` },
  requestContext: { requestId: "1", domainName: "localhost", http: { method: "GET", sourceIp: "127.0.0.1" } },
} as never;
const context = { getRemainingTimeInMillis: () => 10_000 } as never;
const answer = await summary(event, context);
if (answer.statusCode !== 200) throw new Error(`The empty endpoint answers ${answer.statusCode}`);

const { body } = interactions.endpoints.create;
const RUNS: Readonly<Record<string, () => unknown>> = {
  "GetItem of a customer": () => find(getRequest(CustomerEntity, customer_id)),
  "BatchGetItem of user and session": () => batchGet(getRequest(UserEntity, sub), getSession(sub, sid)),
  "Query of 20 items": () => first(20),
  "TransactWriteItems of two": () =>
    commit([
      putItem(InteractionEntity.put(interaction)),
      putItem(InteractionEntity.put({ ...interaction, id: `${interaction.id}0` })),
    ]),
  "token, user and session": () => authenticate(token),
  "an endpoint that does nothing": () => summary(event, context),
  "validation of a body": () => body.safeParse(BODY),
  "20 interactions as JSON": () => JSON.stringify(page),
};

const rows: Row[] = [];
for (const [step, run] of Object.entries(RUNS)) rows.push({ step, "CPU µs": await microseconds(run) });
console.log(JSON.stringify(rows));
