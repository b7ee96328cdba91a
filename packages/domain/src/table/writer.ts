/**
 * Who writes: noted once for a request or a run, and stored with each item that people care about. The table's stream
 * then tells who changed what from the images of the item alone (`audit/`), and no use case has to pass it on.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Write } from "./write.ts";

/** Who has written an item, as the item holds it. */
export interface Writer {
  /** `visitor`: somebody with a link of a survey, of a report or to set a password; `system`: nobody has asked for it. */
  readonly kind: "user" | "key" | "job" | "visitor" | "system";
  /** Of a user or key its id, of a job its name. */
  readonly id: string;
  /** As they were called then. */
  readonly name?: string | undefined;
  /** The request in which it was written. */
  readonly request_id?: string | undefined;
}

/** The attribute of an item that holds its writer. */
export const WRITER = "written_by";

/** First words of the keys of items that say who wrote them: what people set, and what is about people getting in. */
const SIGNED = new Set([
  "alert",
  "api_key",
  "customer",
  "deployment",
  "interaction",
  "job_lock",
  "login",
  "outcome",
  "renewal",
  "report",
  "report_schedule",
  "score_backtest",
  "score_definition",
  "score_override",
  "session",
  "settings",
  "suppression",
  "survey",
  "survey_link",
  "ticket",
  "ticket_comments",
  "user",
]);

const context = new AsyncLocalStorage<{ writer: Writer }>();

/** Does something in somebody's name: all that it writes says so, also what it leaves running. */
export const runAs = <T>(writer: Writer, run: () => T): T => context.run({ writer }, run);

/** In whose name the present call writes; undefined outside of requests and runs. */
export const currentWriter = (): Writer | undefined => context.getStore()?.writer;

/** From here on a request is that of somebody whom it has found out: who signs in. Nothing outside of a request. */
export function continueAs(writer: Pick<Writer, "kind" | "id" | "name">): void {
  const store = context.getStore();
  if (store) store.writer = { ...store.writer, ...writer };
}

/** Who changes items as a migration: its run says who has started it, and what it has changed. */
export const MIGRATIONS: Writer = { kind: "job", id: "migrations" };

/** Takes the place of the last writer where nobody is known: what they wrote must not be taken for theirs. */
const NOBODY: Writer = { kind: "system", id: "system" };

/** How people call a writer; null where nobody has asked for a change. */
export const writerName = (writer: Writer | undefined): string | null =>
  writer === undefined || writer.kind === "system" ? null : (writer.name ?? writer.id);

const unsigned = new WeakSet<Write>();

/**
 * A write that changes nothing that anybody set, such as when somebody was last seen: it leaves the last writer. A
 * deletion of what goes on under another key, of which nobody has to know whose it is.
 */
export function withoutWriter(write: Write): Write {
  unsigned.add(write);
  return write;
}

/** How long it is known who deleted an item: longer than a record of the stream can be on its way, dead letters included. */
const KEPT_SECONDS = 30 * 24 * 60 * 60;

interface Key {
  readonly pk: string;
  readonly sk: string;
}

/** Where it says who deleted an item. */
export const deletionKey = ({ pk, sk }: Key): Key => ({ pk: `deletion#${pk}|${sk}`, sk: "deletion" });

/** As the item holds it, without what is not known. */
const stored = ({ kind, id, name, request_id }: Writer) => ({
  kind,
  id,
  ...(name !== undefined && { name }),
  ...(request_id !== undefined && { request_id }),
});

/** Whether an item says who wrote it, by its key. */
export const isSigned = (key: Partial<Record<string, unknown>> | undefined): boolean =>
  SIGNED.has(String(key?.pk).split("#", 1)[0] ?? "");

/** A write of which the item says whose it is; and who deleted it, where it is a deletion. */
function signedOne(write: Write): readonly Write[] {
  const { Put, Update, Delete } = write;
  if (!isSigned(Put?.Item ?? Update?.Key ?? Delete?.Key)) return [write];
  const writer = currentWriter();
  if (Put) {
    // A whole item: without a writer it says nothing.
    const { [WRITER]: _, ...item } = Put.Item ?? {};
    return [{ Put: { ...Put, Item: writer ? { ...item, [WRITER]: stored(writer) } : item } }];
  }
  if (Update && !unsigned.has(write)) {
    const { UpdateExpression = "" } = Update;
    const assignment = `SET #${WRITER} = :${WRITER}`;
    return [
      {
        Update: {
          ...Update,
          UpdateExpression: /\bSET /.test(UpdateExpression)
            ? UpdateExpression.replace(/\bSET /, `${assignment}, `)
            : `${assignment} ${UpdateExpression}`,
          ExpressionAttributeNames: { ...Update.ExpressionAttributeNames, [`#${WRITER}`]: WRITER },
          ExpressionAttributeValues: {
            ...Update.ExpressionAttributeValues,
            [`:${WRITER}`]: stored(writer ?? NOBODY),
          },
        },
      },
    ];
  }
  // That a log-in goes is told by its user; its key is an address, which nothing else shall hold.
  if (Delete?.Key && writer && !unsigned.has(write) && !String(Delete.Key.pk).startsWith("login#")) {
    const expires_at_epoch = Math.floor(Date.now() / 1000) + KEPT_SECONDS;
    const { TableName } = Delete;
    const Item = { ...deletionKey(Delete.Key as never), [WRITER]: stored(writer), expires_at_epoch };
    return [write, { Put: { TableName, Item } }];
  }
  return [write];
}

/**
 * The same writes with their writer, in their order; what they bring with them stands behind. An item says nothing of
 * who deletes it, so that is an item of its own, in the same transaction.
 */
export function signed(writes: readonly Write[]): readonly Write[] {
  const all = writes.map(signedOne);
  return [...all.map(([write]) => write as Write), ...all.flatMap(([, ...beside]) => beside)];
}
