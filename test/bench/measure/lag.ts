import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { InteractionEntity } from "@success-manager/domain/table";
import { type Kind, type Portfolio, serve } from "../cloud.ts";
import { type Database, databaseOf } from "../database.ts";
import { company } from "../portfolio/company.ts";
import { contactsOf } from "../portfolio/contacts.ts";
import { HISTORIES } from "../portfolio/history.ts";
import { writtenTo } from "../portfolio/ids.ts";
import { itemOf } from "../portfolio/items.ts";
import { timeAt } from "../portfolio/time.ts";
import { quantile } from "../table.ts";
import type { Row } from "./timed.ts";

const WRITES_A_SECOND = 200;
const RECORDS = 2_000;
/** How often is looked how many have been counted: what is measured is too long by half of it. */
const LOOK_MS = 5;
const PATIENCE_MS = 120_000;

/** New contacts as the table holds them, each with another customer, newer than those before. */
function* contacts(size: number) {
  const time = timeAt(new Date());
  const interaction_date = time.now.toISOString();
  for (let i = 0; i < RECORDS; i++) {
    const [contact] = contactsOf(company(writtenTo(i, size), time, HISTORIES.light), time);
    if (contact) yield itemOf(InteractionEntity.put({ ...contact, interaction_date, id: randomUUID() }));
  }
}

/** Waits until so many contacts have been counted. Answers when each of those from `from` on was. */
async function counted(database: Database, from: number, to: number): Promise<number[]> {
  const began = performance.now();
  const moments: number[] = [];
  while (moments.length < to - from) {
    if (performance.now() - began > PATIENCE_MS) throw new Error("What was written has not been counted");
    const now = await database.contactsCounted();
    while (moments.length < now - from) moments.push(performance.now());
    await pause(LOOK_MS);
  }
  return moments;
}

/** Writes contacts at an even pace. Answers when the database had confirmed each, in this order. */
async function writeEvenly(database: Database, size: number): Promise<number[]> {
  const items = [...contacts(size)];
  const confirmed: number[] = [];
  const began = performance.now();
  const writes = items.map(async (item, n) => {
    await pause(Math.max(0, began + (n * 1000) / WRITES_A_SECOND - performance.now()));
    await database.put(item);
    confirmed.push(performance.now());
  });
  await Promise.all(writes);
  return confirmed;
}

/** From a write to its being counted. Writes are counted in their order, so the n-th is when n more have been. */
async function lag({ size }: Portfolio, database: Database): Promise<Row> {
  const before = await database.contactsCounted();
  const counting = counted(database, before, before + RECORDS);
  const confirmed = await writeEvenly(database, size);
  const moments = await counting;
  const lags = moments.map((moment, n) => Math.max(0, moment - (confirmed[n] ?? moment)));
  const seconds = ((confirmed.at(-1) ?? 0) - (confirmed[0] ?? 0)) / 1000;
  return {
    "writes/s": (RECORDS - 1) / seconds,
    "lag p50 ms": quantile(lags, 0.5),
    "lag p95 ms": quantile(lags, 0.95),
    "lag max ms": quantile(lags, 1),
  };
}

/** A cloud and its database, for as long as `use` takes; nobody signs in. */
async function withDatabase<T>(
  { folder }: Portfolio,
  kinds: readonly Kind[],
  use: (database: Database, settled: () => Promise<void>) => Promise<T>,
): Promise<T> {
  const cloud = await serve(folder, ...kinds);
  const database = databaseOf(cloud.environment);
  try {
    return await use(database, cloud.settled);
  } finally {
    database.close();
    await cloud.stop();
  }
}

/**
 * How far counters are behind while contacts are written, and how fast a backlog is worked off that was written while
 * nobody counted; the start of the counting function is part of that.
 */
export async function counting(portfolio: Portfolio): Promise<Row> {
  const behind = await withDatabase(portfolio, [], async (database, settled) => {
    // What calls have written before is counted first.
    await settled();
    return lag(portfolio, database);
  });
  const before = await withDatabase(portfolio, ["uncounted"], async (database) => {
    await database.putAll(contacts(portfolio.size));
    return database.contactsCounted();
  });
  const seconds = await withDatabase(portfolio, [], async (database) => {
    const from = performance.now();
    await counted(database, before, before + RECORDS);
    return (performance.now() - from) / 1000;
  });
  return { customers: portfolio.size, ...behind, "backlog records": RECORDS, "records/s": RECORDS / seconds };
}
