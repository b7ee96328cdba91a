import { createServer, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import { type Access, refusedBy } from "./policies.ts";

/** A request that the functions made to the database. */
export interface DatabaseRequest {
  /** `Query`, `BatchGetItem`, … */
  readonly operation: string;
  /** The index of a query; undefined for the table itself. */
  readonly index: string | undefined;
  /** Whose items it is about: what their partition keys begin with, `customer` or `rollup`. Sorted. */
  readonly subjects: readonly string[];
  /** Read and write units together, as the database counts them. */
  readonly units: number;
  /** What a role must allow for it: `Query byType`, or the actions of a transaction's parts. */
  readonly permissions: readonly string[];
  /** The function that asks; undefined for a test. */
  readonly asking: string | undefined;
}

export interface Recorder {
  /** What was asked since the last call of `take`; what functions of the stream ask is left out. */
  take(): DatabaseRequest[];
  /** What was asked in the background since the last call of this: what `take` leaves out. */
  takeBackground(): DatabaseRequest[];
  /** Answers the next requests of an operation with an error instead of asking the database. */
  fail(operation: string, error: string, times: number): void;
  /** Lets the next request of an operation through, and answers with an error as if nobody knew what came of it. */
  loseAnswer(operation: string): void;
  /**
   * From now on the first answer to each request of these operations is lost that way, in the background, too, and what
   * the SDK repeats is answered. None of them ends it.
   */
  loseFirstAnswers(operations: readonly string[]): void;
  /** How many of them are still to come. */
  failuresLeft(operation: string): number;
  /** For `startCloud`: puts the recorder between the functions and the database. */
  proxy(target: string): Promise<{ url: string; close(): Promise<void> }>;
}

interface Projection {
  ProjectionExpression?: string;
  ExpressionAttributeNames?: Readonly<Record<string, string>>;
}

interface Body extends Projection {
  TableName?: string;
  IndexName?: string;
  ReturnConsumedCapacity?: string;
  TransactItems?: readonly Part[];
  Key?: Item;
  Item?: Item;
  RequestItems?: Readonly<Record<string, { readonly Keys?: readonly Item[] } & Projection>>;
  KeyConditionExpression?: string;
  ExpressionAttributeValues?: Readonly<Record<string, { readonly S?: string }>>;
}

interface Item {
  readonly pk?: { readonly S?: string };
  readonly sk?: { readonly S?: string };
}

/** A part of a transaction: what it does, and the item it is about. */
type Part = Readonly<Record<string, { readonly Item?: Item; readonly Key?: Item }>>;

interface Capacity {
  CapacityUnits?: number;
}

interface Answered {
  ConsumedCapacity?: Capacity | Capacity[];
}

async function textOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** IAM knows no transactions, only their parts ("Using IAM with DynamoDB transactions", Developer Guide). */
const PARTS: Readonly<Record<string, string>> = {
  Put: "PutItem",
  Update: "UpdateItem",
  Delete: "DeleteItem",
  ConditionCheck: "ConditionCheckItem",
};

function permissionsOf(operation: string, { IndexName, TransactItems }: Body): string[] {
  if (operation === "TransactWriteItems")
    return [
      ...new Set(
        (TransactItems ?? []).flatMap((item) => Object.keys(item).map((part) => PARTS[part] ?? part)),
      ),
    ];
  return [operation === "Query" ? `Query ${IndexName ?? "table"}` : operation];
}

/** Every item and partition that a request asks for, each with the action that IAM wants allowed for it. */
function accessesOf(operation: string, body: Body): Access[] {
  const { TransactItems, RequestItems, KeyConditionExpression = "", ExpressionAttributeValues = {} } = body;
  const resource = body.IndexName ?? "table";
  if (TransactItems)
    return TransactItems.flatMap((part) =>
      Object.entries(part).map(([kind, { Item, Key }]) => ({
        action: PARTS[kind] ?? kind,
        resource,
        key: (Item ?? Key)?.pk?.S,
      })),
    );
  if (RequestItems)
    return Object.values(RequestItems).flatMap(({ Keys = [], ...projection }) =>
      Keys.map(({ pk }) => ({
        action: operation,
        resource,
        key: pk?.S,
        attributes: attributesOf(projection),
      })),
    );
  const [, queried = ""] = /=\s*(:\w+)/.exec(KeyConditionExpression) ?? [];
  const key = (body.Item ?? body.Key)?.pk?.S ?? ExpressionAttributeValues[queried]?.S;
  return [{ action: operation, resource, key, attributes: attributesOf(body) }];
}

/** What a projection names; undefined where there is none. */
const attributesOf = ({ ProjectionExpression, ExpressionAttributeNames: names = {} }: Projection) =>
  ProjectionExpression?.split(",").map((name) => names[name.trim()] ?? name.trim());

/** What the partition keys begin with that a request names; of a query, the one that it reads. */
function subjectsOf(body: Body): string[] {
  const { TransactItems = [], RequestItems = {}, KeyConditionExpression = "" } = body;
  const parts = TransactItems.flatMap((part) => Object.values(part));
  const items = [body, ...parts].flatMap(({ Item, Key }) => [Item ?? Key ?? {}]);
  const keys = Object.values(RequestItems).flatMap(({ Keys = [] }) => Keys);
  const [, queried = ""] = /=\s*(:\w+)/.exec(KeyConditionExpression) ?? [];
  const partitions = [
    ...[...items, ...keys].map(({ pk }) => pk?.S),
    body.ExpressionAttributeValues?.[KeyConditionExpression && queried]?.S,
  ];
  return [...new Set(partitions.flatMap((key) => key?.split("#")[0] ?? []))].sort();
}

/** Functions of the stream follow what a call has written, while that call or the next one is at work. */
const isBackground = (asking: string | undefined) => asking?.includes("-streams-") ?? false;

const unitsOf = ({ ConsumedCapacity: used }: Answered) =>
  [used ?? []].flat().reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);

/** Stands between the functions and the database, writes down what passes, and fails what a test wants to fail. */
export function recorder(): Recorder {
  let seen: DatabaseRequest[] = [];
  let inBackground: DatabaseRequest[] = [];
  const failures = new Map<string, { error: string; times: number }>();
  let lost: string | undefined;
  let losing: readonly string[] = [];
  /** What of these was sent already. */
  const sent = new Set<string>();
  const isLost = (operation: string, body: string, asking: string | undefined) => {
    if (losing.includes(operation) && !sent.has(body)) {
      sent.add(body);
      return true;
    }
    if (lost !== operation || isBackground(asking)) return false;
    lost = undefined;
    return true;
  };

  return {
    take() {
      const taken = seen;
      seen = [];
      return taken;
    },
    takeBackground() {
      const taken = inBackground;
      inBackground = [];
      return taken;
    },
    fail: (operation, error, times) => failures.set(operation, { error, times }),
    loseAnswer: (operation) => {
      lost = operation;
    },
    loseFirstAnswers: (operations) => {
      losing = operations;
      sent.clear();
    },
    failuresLeft: (operation) => failures.get(operation)?.times ?? 0,
    async proxy(target) {
      const { hostname, port } = new URL(target);
      const server = createServer(async (incoming, outgoing) => {
        const operation = String(incoming.headers["x-amz-target"]).split(".")[1] ?? "";
        const asked = JSON.parse(await textOf(incoming)) as Body;
        const asking = incoming.headers["x-amz-security-token"]?.toString();
        const refused = asking ? refusedBy(asking, accessesOf(operation, asked)) : [];
        if (refused.length > 0) {
          const message = `${asking} may not: ${JSON.stringify(refused)}`;
          process.stderr.write(`${message}\n`);
          outgoing.writeHead(400, { "content-type": "application/x-amz-json-1.0" });
          outgoing.end(JSON.stringify({ __type: "com.amazon.coral.service#AccessDeniedException", message }));
          return;
        }
        const failure = failures.get(operation);
        if (failure && failure.times > 0 && !isBackground(asking)) {
          failure.times -= 1;
          outgoing.writeHead(400, { "content-type": "application/x-amz-json-1.0" });
          outgoing.end(
            JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${failure.error}`, message: "test" }),
          );
          return;
        }
        const body = JSON.stringify({ ...asked, ReturnConsumedCapacity: "TOTAL" });
        const { "content-length": _, ...headers } = incoming.headers;
        const onward = request({ hostname, port, method: "POST", path: "/", headers }, async (answer) => {
          const text = await textOf(answer);
          if (answer.statusCode === 200)
            (isBackground(asking) ? inBackground : seen).push({
              operation,
              index: asked.IndexName,
              subjects: subjectsOf(asked),
              units: unitsOf(JSON.parse(text)),
              permissions: permissionsOf(operation, asked),
              asking,
            });
          if (isLost(operation, body, asking)) {
            outgoing.writeHead(500, { "content-type": "application/x-amz-json-1.0" });
            outgoing.end(
              JSON.stringify({
                __type: "com.amazonaws.dynamodb.v20120810#InternalServerError",
                message: "test",
              }),
            );
            return;
          }
          // The checksum covers the answer with capacities, so it still holds.
          outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
          outgoing.end(text);
        });
        onward.on("error", () => outgoing.destroy());
        onward.setHeader("content-length", Buffer.byteLength(body));
        onward.end(body);
      });
      // Functions keep their connections; none ends while one of them is about to use it.
      server.keepAliveTimeout = 0;
      await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
      return {
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        close: () =>
          new Promise<void>((done) => {
            server.closeAllConnections();
            server.close(() => done());
          }),
      };
    },
  };
}
