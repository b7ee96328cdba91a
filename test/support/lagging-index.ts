import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import * as z from "zod";

const Value = z.looseObject({ S: z.string().optional() });
const Item = z.record(z.string(), z.unknown());
type Item = z.infer<typeof Item>;
const Written = z.looseObject({ Key: Item.optional(), Item: Item.optional() });
const Body = z.looseObject({
  TableName: z.string().optional(),
  IndexName: z.string().optional(),
  Key: Item.optional(),
  Item: Item.optional(),
  TransactItems: z.array(z.record(z.string(), Written)).optional(),
  KeyConditionExpression: z.string().optional(),
  FilterExpression: z.string().optional(),
  ProjectionExpression: z.string().optional(),
  ExpressionAttributeNames: z.record(z.string(), z.string()).optional(),
  ExpressionAttributeValues: z.record(z.string(), Value).optional(),
});
type Body = z.infer<typeof Body>;
const Found = z.looseObject({ Items: z.array(Item).default([]), Count: z.number().default(0) });

const WRITES = new Set(["PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"]);

const keyOf = ({ pk, sk }: Item) => ({ pk, sk });
const nameOf = (item: Item) => JSON.stringify(keyOf(item));
const textOf = (item: Item, attribute: string) => Value.safeParse(item[attribute]).data?.S;

/** Keys of the items that a request writes. */
const writtenBy = ({ Key, Item: item, TransactItems = [] }: Body): Item[] => {
  const parts = TransactItems.flatMap((part) =>
    Object.entries(part).flatMap(([kind, written]) => (kind === "ConditionCheck" ? [] : [written])),
  );
  return [{ Key, Item: item }, ...parts].flatMap((written) => {
    const given = written.Key ?? written.Item;
    return given ? [keyOf(given)] : [];
  });
};

/**
 * A database whose indexes follow its items some time later, as those of DynamoDB do: until then a query of an index
 * answers what an item was before. The one on this machine is never late.
 */
export function laggingIndexes() {
  let lagMs = 0;
  /** Items that were written, with what they were before; undefined for one that was not there. */
  const before = new Map<string, { readonly at: number; readonly item: Item | undefined }>();

  const send = async (target: string, headers: Record<string, string>, operation: string, body: object) =>
    fetch(target, {
      method: "POST",
      headers: { ...headers, "x-amz-target": `DynamoDB_20120810.${operation}` },
      body: JSON.stringify(body),
    });

  /** What an index showed of these items `lagMs` ago. */
  const outdated = ({ IndexName, ...body }: Body, answer: z.infer<typeof Found>) => {
    const late = [...before].filter(([, { at }]) => Date.now() - at < lagMs);
    const names = new Set(late.map(([name]) => name));
    const items = answer.Items.filter((item) => !names.has(nameOf(item)));
    const { KeyConditionExpression = "", ExpressionAttributeValues: values = {}, FilterExpression } = body;
    const [, pk = ""] = /^(\w+) =/.exec(KeyConditionExpression) ?? [];
    const sk = pk.replace(/pk$/, "sk");
    const [from = "", to = "\uffff"] = [values[":from"]?.S, values[":to"]?.S];
    for (const [, { item }] of late) {
      const sortKey = item && textOf(item, sk);
      // What a filter would say of it, nobody here knows.
      if (!item || sortKey === undefined || FilterExpression !== undefined) continue;
      if (textOf(item, pk) !== values[":partition"]?.S || sortKey < from || sortKey > to) continue;
      items.push(item);
    }
    const direction = body.ScanIndexForward === false ? -1 : 1;
    items.sort((a, b) => direction * ((textOf(a, sk) ?? "") < (textOf(b, sk) ?? "") ? -1 : 1));
    return { ...answer, Items: items, Count: items.length };
  };

  return {
    /** From now on indexes are so late. */
    lag: (ms: number) => {
      lagMs = ms;
    },
    /** For `startCloud`. */
    async proxy(target: string) {
      const server = createServer(async (request, response) => {
        const sent = await text(request);
        const operation = String(request.headers["x-amz-target"]).split(".")[1] ?? "";
        const { host: _, connection: __, "content-length": ___, ...rest } = request.headers;
        const headers = rest as Record<string, string>;
        const body = Body.parse(JSON.parse(sent));
        const seen: [string, Item | undefined][] = [];
        if (WRITES.has(operation) && lagMs > 0)
          for (const key of writtenBy(body)) {
            const TableName = body.TableName ?? tableNameIn(body);
            const answer = await send(target, headers, "GetItem", {
              TableName,
              Key: key,
              ConsistentRead: true,
            });
            seen.push([nameOf(key), z.object({ Item: Item.optional() }).parse(await answer.json()).Item]);
          }
        const isLate = operation === "Query" && body.IndexName !== undefined && lagMs > 0;
        // The keys tell which item is meant.
        const asked =
          isLate && body.ProjectionExpression !== undefined
            ? {
                ...body,
                ProjectionExpression: `${body.ProjectionExpression}, #late_pk, #late_sk, #late_sort`,
                ExpressionAttributeNames: {
                  ...body.ExpressionAttributeNames,
                  "#late_pk": "pk",
                  "#late_sk": "sk",
                  "#late_sort": `${/^(\w+)pk =/.exec(body.KeyConditionExpression ?? "")?.[1] ?? ""}sk`,
                },
              }
            : body;
        const answer = await send(target, headers, operation, withoutDuplicates(asked));
        const answered = await answer.text();
        if (answer.ok)
          for (const [name, item] of seen) before.set(name, { at: Date.now(), item: lagOf(name, item) });
        const isFound = isLate && answer.ok && body.Select !== "COUNT";
        const out = isFound ? JSON.stringify(outdated(body, Found.parse(JSON.parse(answered)))) : answered;
        response.writeHead(answer.status, { "content-type": "application/x-amz-json-1.0" }).end(out);
      });
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

  /** Of several writes within the lag, the index still shows what was before the first. */
  function lagOf(name: string, item: Item | undefined): Item | undefined {
    const earlier = before.get(name);
    return earlier && Date.now() - earlier.at < lagMs ? earlier.item : item;
  }
}

const tableNameIn = ({ TransactItems = [] }: Body): string | undefined => {
  const [first = {}] = TransactItems;
  return z.looseObject({ TableName: z.string() }).safeParse(Object.values(first)[0]).data?.TableName;
};

/** A projection may name each attribute once. */
function withoutDuplicates<T extends Body>(body: T): T {
  const { ProjectionExpression, ExpressionAttributeNames: names = {} } = body;
  if (ProjectionExpression === undefined) return body;
  const byPath = new Map(
    ProjectionExpression.split(",")
      .map((part) => [names[part.trim()] ?? part.trim(), part.trim()] as const)
      .reverse(),
  );
  const kept = [...byPath.values()].reverse();
  const rest = JSON.stringify([body.KeyConditionExpression, body.FilterExpression]);
  return {
    ...body,
    ProjectionExpression: kept.join(", "),
    ExpressionAttributeNames: Object.fromEntries(
      Object.entries(names).filter(([name]) => kept.includes(name) || new RegExp(`${name}\\b`).test(rest)),
    ),
  };
}
