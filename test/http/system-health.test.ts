import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type TestCloud, testCloud } from "../support/cloud.ts";
import { type ServiceProxy, serviceProxy } from "../support/service-proxy.ts";

let cloud: TestCloud;
let s3: ServiceProxy;
beforeAll(async () => {
  s3 = await serviceProxy();
  cloud = await testCloud({ environment: { AWS_ENDPOINT_URL_S3: s3.url } });
  s3.forwardTo(cloud.endpoints.s3);
});
afterAll(async () => {
  await cloud?.stop();
  await s3?.close();
});

const health = async () => (await cloud.admin.api.settings.systemHealth({})).body();
/** A machine that is busy for a moment is told as degraded. */
const whenWell = () =>
  vi.waitFor(
    async () => {
      const found = await health();
      expect(found.status).toBe("ok");
      return found;
    },
    { timeout: 60_000, interval: 100 },
  );

describe("the system's health", () => {
  it("is for admins", async () => {
    expect((await cloud.manager.api.settings.systemHealth({})).status).toBe(403);
    expect((await cloud.stranger.settings.systemHealth({})).status).toBe(401);
  });

  it("is measured: table, stream, files, mail and jobs are well on a machine that has just started", async () => {
    const { checked_at, checks } = await whenWell();
    expect(Math.abs(Date.now() - Date.parse(checked_at))).toBeLessThan(60_000);
    expect(checks).toMatchObject({
      table: { status: "ok", latency_ms: expect.any(Number) },
      stream: { status: "ok", lag_ms: expect.any(Number) },
      mail: { status: "ok" },
      files: { status: "ok", latency_ms: expect.any(Number) },
      jobs: { status: "ok" },
      migrations: { status: "ok", pending: [] },
    });
    expect(checks.jobs.jobs.map(({ state }) => state)).toContain("never_ran");
  });

  it("is degraded while a dead letter is in the queue", async () => {
    expect((await whenWell()).checks.dead_letters).toMatchObject({ status: "ok", depth: 0 });
    const { DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } = await import(
      "@aws-sdk/client-sqs"
    );
    const sqs = new SQSClient({});
    const QueueUrl = cloud.environment.DEAD_LETTER_QUEUE_URL;
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "{}" }));
    expect(await health()).toMatchObject({
      status: "degraded",
      checks: { dead_letters: { status: "degraded", depth: 1 } },
    });
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    for (const { ReceiptHandle } of Messages)
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    await whenWell();
  });

  it("follows the stream: a probe is counted for nothing, and comes back", async () => {
    await health();
    await cloud.settled();
    const { stream } = (await whenWell()).checks;
    expect(stream.lag_ms).toBeLessThan(60_000);
  });

  it("is degraded while files can't be reached, and well again afterwards", async () => {
    s3.refuse({ status: 503, body: "" });
    expect(await health()).toMatchObject({ status: "degraded", checks: { files: { status: "down" } } });
    s3.refuse(undefined);
    await whenWell();
  });

  it("is degraded by a job that failed or did not run, and names it", async () => {
    const { JobLockEntity } = await import("@success-manager/domain/table");
    const put = (run_id: string, state: "completed" | "failed") =>
      JobLockEntity.put({ job: "inactivity_check", run_id, state, started_at: run_id, counts: {} }).go();
    const jobOf = async () => {
      const { status, checks } = await health();
      const job = checks.jobs.jobs.find(({ id }) => id === "inactivity_check");
      return { status, detail: checks.jobs.detail, ...job, status_of_jobs: checks.jobs.status };
    };
    await put(new Date().toISOString(), "failed");
    expect(await jobOf()).toMatchObject({
      status: "degraded",
      state: "failed",
      is_late: false,
      detail: "Failed last: “Check customer inactivity alerts”.",
    });
    await put("2026-01-01T09:00:00.000Z", "completed");
    expect(await jobOf()).toMatchObject({
      status: "degraded",
      state: "completed",
      is_late: true,
      detail: "Late: “Check customer inactivity alerts”.",
    });
    await put(new Date().toISOString(), "completed");
    await expect.poll(jobOf).toMatchObject({ status: "ok", status_of_jobs: "ok", is_late: false });
  });
});
