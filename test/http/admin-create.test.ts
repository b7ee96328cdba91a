import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { Cloud } from "@success-manager/local";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiOf, tokensOf } from "../support/cloud.ts";
import { emptyCloud } from "../support/servers.ts";

const QUIET = { BCRYPT_COST: "4", LOG_LEVEL: "CRITICAL" };
const root = fileURLToPath(new URL("../..", import.meta.url));

let cloud: Cloud;
beforeAll(async () => {
  cloud = await emptyCloud({ environment: QUIET });
});
afterAll(() => cloud?.stop());

/** Runs the command with the environment of the cloud, on no terminal. */
async function adminCreate(...args: readonly string[]) {
  const child = spawn(process.execPath, ["functions/cli/admin-create.ts", ...args], {
    cwd: root,
    env: { ...process.env, ...cloud.environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const [code, out, err] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { code, out, err };
}

const passwordIn = (out: string) => /shown this once: (\S+)/.exec(out)?.[1] ?? "";

async function signIn(username: string, password: string) {
  const { access_token } = tokensOf(
    (await apiOf(cloud.apiUrl).auth.login({ form: { username, password } })).body(),
  );
  return (await apiOf(cloud.apiUrl, access_token).auth.me({})).body();
}

describe("npm run admin:create", () => {
  it("makes a first admin, who signs in with the password that was shown once", async () => {
    const { code, out, err } = await adminCreate(
      "--email",
      "ada@example.com",
      "--name",
      "Ada King",
      "--generate",
    );
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain("Ada King <ada@example.com> is an admin of the local cloud now.");
    expect(passwordIn(out)).toHaveLength(24);
    const me = await signIn("ada@example.com", passwordIn(out));
    expect(me).toMatchObject({ role: "admin", full_name: "Ada King", is_active: true });
  });

  it("says that an address is taken, whatever its case", async () => {
    const { code, out, err } = await adminCreate("--email", "ADA@example.com", "--name", "Ada", "--generate");
    expect([code, out, err]).toEqual([1, "", "Another user has this e-mail address already.\n"]);
  });

  it("writes into the table of the stage that it is told", async () => {
    const known = await adminCreate(
      "--stage",
      "local",
      "--email",
      "bob@example.com",
      "--name",
      "Bob",
      "--generate",
    );
    expect(known).toMatchObject({ code: 0, out: expect.stringContaining("is an admin of local now") });
    const absent = await adminCreate(
      "--stage",
      "moon",
      "--email",
      "m@example.com",
      "--name",
      "M",
      "--generate",
    );
    expect(absent).toMatchObject({
      code: 1,
      err: expect.stringContaining("There is no table success-manager-moon in this account and region"),
    });
  });

  it("refuses an address that is none before it asks for a password", async () => {
    const { code, err } = await adminCreate("--email", "ada", "--name", "Ada");
    expect([code, err]).toEqual([1, expect.stringContaining("must be an e-mail address")]);
  });

  it("can't ask for a password where nobody can type", async () => {
    const { code, err } = await adminCreate("--email", "eve@example.com", "--name", "Eve");
    expect([code, err]).toEqual([1, expect.stringContaining("use --generate")]);
  });

  it.each([
    [[]],
    [["--email", "ada@example.com"]],
    [["--email", "ada@example.com", "--name", "Ada", "--stage", "No Stage"]],
    [["--colour"]],
  ])("shows its usage for %j", async (args) => {
    const { code, err } = await adminCreate(...args);
    expect([code, err]).toEqual([2, expect.stringContaining("usage: npm run admin:create")]);
  });
});
