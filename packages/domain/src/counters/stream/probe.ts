import { commitOne, ENTITY_NAME, putItem, StreamEchoEntity } from "../../table/index.ts";
import type { Change } from "./apply.ts";

/** Answers probes: writes down when they came through the stream, for `jobs/system-health.ts`. */
export async function echoProbes(changes: readonly Change[], now = Date.now()): Promise<void> {
  const written = changes.flatMap(({ after }) =>
    after?.[ENTITY_NAME] === "stream_probe" ? Number(after.written_at) : [],
  );
  if (written.length === 0) return;
  const echo = { id: "rollups", written_at: Math.max(...written), seen_at: now };
  await commitOne(putItem(StreamEchoEntity.put(echo)));
}
