// node test/bench/stream.ts: CPU time of the function that counts, for a record, by how many come in a batch.
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { marshall } from "@aws-sdk/util-dynamodb";
import { startCloud } from "@success-manager/local";
import { assembly, synthesize } from "../support/synthesize.ts";
import { markdown } from "./table.ts";

const SIZES = [1, 10, 100];
/** Records of each kind and size that are measured, after a tenth of them to warm up. */
const RECORDS = 2_000;
const CUSTOMERS = 1_000;
const RECORDS_A_SECOND = 200;

if (!process.env.NO_SYNTH) synthesize();
const data = mkdtempSync(join(tmpdir(), "stream-"));
const cloud = await startCloud({ assembly, data, schedules: false, streams: false });
Object.assign(process.env, cloud.environment, { POWERTOOLS_LOG_LEVEL: "SILENT" });
// After the environment is set: the domain reads the table's name when it is loaded.
const { handler } = await import("../../functions/streams/rollups.ts");
const { company } = await import("./portfolio/company.ts");
const { contactsOf } = await import("./portfolio/contacts.ts");
const { answersOf, linkOf } = await import("./portfolio/answers.ts");
const { HISTORIES } = await import("./portfolio/history.ts");
const { itemOf } = await import("./portfolio/items.ts");
const { timeAt } = await import("./portfolio/time.ts");
const { InteractionEntity, SurveyEntity } = await import("@success-manager/domain/table");

const time = timeAt(new Date());

/** New items of the n-th customer, as the table holds them. */
const KINDS = {
  interactions: (n: number) => {
    const [contact] = contactsOf(company(n, time, HISTORIES.light), time);
    if (!contact) throw new Error("no contact");
    return InteractionEntity.put({
      ...contact,
      id: randomUUID(),
      interaction_date: new Date().toISOString(),
    });
  },
  "survey responses": (n: number) => {
    const whole = company(n, time, HISTORIES.light);
    const [answer] = answersOf(whole, linkOf(whole, time), time);
    if (!answer) throw new Error("no answer");
    return SurveyEntity.put({ ...answer, id: randomUUID(), submitted_at: new Date().toISOString() });
  },
} as const;

let sequence = 0;
const record = (kind: keyof typeof KINDS) => {
  const item = marshall(itemOf(KINDS[kind](sequence % CUSTOMERS)), { removeUndefinedValues: true });
  sequence += 1;
  return {
    eventID: randomUUID().replaceAll("-", ""),
    eventName: "INSERT",
    dynamodb: {
      // As many in a second as a busy team writes.
      ApproximateCreationDateTime: 1_700_000_000 + Math.floor(sequence / RECORDS_A_SECOND),
      Keys: { pk: item.pk, sk: item.sk },
      NewImage: item,
      SequenceNumber: `${sequence}`.padStart(21, "0"),
      SizeBytes: 500,
      StreamViewType: "NEW_AND_OLD_IMAGES",
    },
  };
};

const context = { functionName: "rollups", awsRequestId: "bench" } as never;
const rows = [];
for (const kind of Object.keys(KINDS) as (keyof typeof KINDS)[])
  for (const size of SIZES) {
    const events = Array.from({ length: RECORDS / size }, () =>
      JSON.stringify({ Records: Array.from({ length: size }, () => record(kind)) }),
    );
    const run = async (some: readonly string[]) => {
      const [before, from] = [process.threadCpuUsage(), performance.now()];
      for (const event of some) {
        // The runtime of Lambda parses what it is sent.
        const { batchItemFailures } = await handler(JSON.parse(event), context);
        if (batchItemFailures.length > 0) throw new Error("a record failed");
      }
      const { user, system } = process.threadCpuUsage(before);
      return { cpu: (user + system) / 1000, ms: performance.now() - from };
    };
    await run(events.slice(0, events.length / 10));
    const { cpu, ms } = await run(events.slice(events.length / 10));
    const records = RECORDS * 0.9;
    rows.push({
      records: kind,
      "in a batch": size,
      "CPU ms per record": cpu / records,
      "CPU ms per batch": (cpu / records) * size,
      "ms per batch": (ms / records) * size,
    });
  }
console.log(markdown(rows));
await cloud.stop();
rmSync(data, { recursive: true });
process.exit();
