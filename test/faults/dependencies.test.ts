import { randomUUID } from "node:crypto";
import { SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiOf, type TestCloud, testCloud } from "../support/cloud.ts";
import { emptyCloud } from "../support/servers.ts";

/** Nobody listens on the discard port. */
const NOWHERE = "http://127.0.0.1:9";

const LATER = /try again/i;

describe("when the signing keys can't be read", () => {
  it("nobody is let in, and everybody is told to come back", async () => {
    const cloud = await emptyCloud({
      environment: { AWS_ENDPOINT_URL_SECRETS_MANAGER: NOWHERE, LOG_LEVEL: "CRITICAL" },
    });
    // What is no token at all is refused without a key.
    expect((await apiOf(cloud.apiUrl, "some.access.token").auth.me({})).status).toBe(401);
    const token = await new SignJWT({ sub: randomUUID() })
      .setProtectedHeader({ alg: "HS256" })
      .sign(new TextEncoder().encode("x".repeat(64)));
    const answer = await apiOf(cloud.apiUrl, token).auth.me({});
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "2"]);
    expect(answer.raw).toEqual({ detail: expect.stringMatching(LATER) });
    await cloud.stop();
  });
});

describe("when a job's function can't be started", () => {
  let cloud: TestCloud;
  beforeAll(async () => {
    cloud = await testCloud({ environment: { AWS_ENDPOINT_URL_LAMBDA: NOWHERE } });
  });
  afterAll(() => cloud?.stop());

  it("scoring in the background says so, and scoring at once still works", async () => {
    const { healthScores, customers } = cloud.manager.api;
    await customers.create({ body: { company_name: "Nordlicht" } });
    const refused = await healthScores.calculateAll({ query: { run_async: true } });
    expect(refused.status).toBe(503);
    expect(refused.raw).toEqual({ detail: expect.stringMatching(LATER) });
    expect((await healthScores.calculateAll({})).body()).toMatchObject({ calculated: 1, state: "completed" });
  });

  it("starting a job says so, the job does too, and is free for the next attempt", async () => {
    const { scheduler } = cloud.admin.api;
    for (const _ of ["first", "second"]) {
      const refused = await scheduler.run({ params: { job: "inactivity_check" } });
      expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "2"]);
      expect(refused.raw).toEqual({ detail: expect.stringMatching(LATER) });
    }
    const job = (await scheduler.list({})).body().find(({ id }) => id === "inactivity_check");
    expect(job).toMatchObject({
      is_running: false,
      last_run: { state: "failed", error: expect.stringContaining("could not be started") },
    });
  });
});
