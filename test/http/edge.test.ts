import type { Cloud } from "@success-manager/local";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { enter, PASSWORD } from "../support/cloud.ts";
import { FORM_BODY, JSON_BODY, type Received, sender } from "../support/send.ts";
import { emptyCloud } from "../support/servers.ts";
import { type Storage, storageOf } from "../support/storage.ts";
import { withinAMinute } from "../support/window.ts";

/** A stage with an edge, called as the edge calls it, and past it. */
let cloud: Cloud;
let storage: Storage;
let counter = 0;

beforeAll(async () => {
  const environment = {
    LOG_LEVEL: "CRITICAL",
    BCRYPT_COST: "4",
    ORIGIN_SECRETS: "before,now,next",
    PUBLIC_URL: "https://api.example.com",
  };
  cloud = await emptyCloud({ maxInstances: 2, environment });
  enter(cloud.environment);
  storage = storageOf(cloud);
});
afterAll(async () => {
  storage?.close();
  await cloud?.stop();
});
const forgetLogIns = async () => {
  await storage.remove("logins#");
  await storage.remove("account_logins#");
};
beforeEach(forgetLogIns);

const counted = (work: () => Promise<void>) => () =>
  withinAMinute(async () => {
    await forgetLogIns();
    await work();
  });

const newUser = async () => {
  const { Users } = await import("@success-manager/domain/users");
  const email = `edge${++counter}@example.com`;
  await Users.create({ email, full_name: "A Person", role: "viewer", password: PASSWORD });
  return email;
};

/** What the edge adds for a caller at this address. */
const from = (address: string, secret = "now") => ({
  "x-origin-secret": secret,
  "true-client-ip": address,
});

const logIn = (
  username: string,
  headers: Readonly<Record<string, string>>,
  password = PASSWORD,
  refresh_token = "",
): Promise<Received> =>
  sender(cloud.apiUrl)("POST", "/api/v1/auth/login", {
    headers: { ...FORM_BODY, ...headers },
    body: new URLSearchParams({ username, password, ...(refresh_token && { refresh_token }) }).toString(),
  });
const tokensOf = ({ json }: Received) => json as { access_token: string; refresh_token: string };

const [STRANGER, HOME, TRAIN] = ["198.51.100.66", "203.0.113.7", "203.0.113.8"];

/** As fast as the stranger can: what counts is how often the gateway hands it on. */
const hammer = async (email: string, address: string, times: number) => {
  const answers = await Promise.all(
    Array.from({ length: times }, () => logIn(email, from(address), "Wrong-Horse-1")),
  );
  return answers.map(({ status }) => status);
};

/** What somebody sends who calls the gateway itself. */
const PAST: readonly Readonly<Record<string, string>>[] = [
  {},
  { "x-origin-secret": "no", "true-client-ip": HOME },
];

/** Each address once, until none of them is let through any more. */
async function hammerFrom(email: string, addresses: number): Promise<void> {
  const { Sessions } = await import("@success-manager/domain/auth");
  const form = { username: email, password: "Wrong-Horse-1" };
  for (let n = 0; n < addresses; n++) await Sessions.signIn(form, `198.18.0.${n}`).catch(() => undefined);
}

describe("a call past the edge", () => {
  it.each([
    ["GET", "/health"],
    ["GET", "/docs"],
    ["POST", "/api/v1/auth/login"],
    ["GET", "/api/v1/customers"],
    ["GET", "/api/v1/portal/surveys/view/some-token"],
    ["PUT", "/api/v1/nowhere"],
  ])("of %s %s is refused", async (method, path) => {
    for (const headers of PAST) {
      const {
        status,
        json,
        headers: answered,
      } = await sender(cloud.apiUrl)(method, path, {
        headers,
      });
      expect([status, json]).toEqual([403, { detail: "This is not the API's public address." }]);
      expect(answered.get("content-type")).toBe("application/json");
      expect(answered.get("cache-control")).toBe("no-store");
    }
  });

  it.each(["/survey/some-token", "/report/some-token/file", "/password/some-token"])(
    "of %s is refused, as people are told of every failure there: by a page",
    async (path) => {
      for (const headers of PAST) {
        const refused = await sender(cloud.apiUrl)("GET", path, { headers });
        expect(refused.status).toBe(403);
        expect(refused.headers.get("content-type")).toContain("text/html");
        expect((await sender(cloud.apiUrl)("GET", path, { headers: from(HOME) })).status).not.toBe(403);
      }
    },
  );

  it("does not get in with the right password, and is not counted", async () => {
    const email = await newUser();
    for (let n = 0; n < 12; n++) expect((await logIn(email, { "true-client-ip": HOME })).status).toBe(403);
    expect(await storage.items("logins#")).toEqual([]);
    expect((await logIn(email, from(HOME))).status).toBe(200);
  });

  it("of a preflight is answered by the gateway, which knows no secret", async () => {
    const [origin = ""] = ["http://localhost:5173"];
    const { status, headers } = await sender(cloud.apiUrl)("OPTIONS", "/api/v1/customers", {
      headers: { origin, "access-control-request-method": "GET" },
    });
    expect([status, headers.get("access-control-allow-origin")]).toEqual([204, origin]);
  });
});

describe("a call from the edge", () => {
  it.each(["before", "now", "next"])(
    "is answered with the secret %j, while it is changed",
    async (secret) => {
      const { status } = await sender(cloud.apiUrl)("GET", "/health", { headers: from(HOME, secret) });
      expect(status).toBe(200);
    },
  );

  it("leaves the viewer's address in the session, and the edge's in what leads back here", async () => {
    const email = await newUser();
    const { access_token: token } = tokensOf(await logIn(email, from("2001:db8::7")));
    const { json } = await sender(cloud.apiUrl)("GET", "/api/v1/account/sessions", {
      token,
      headers: from(HOME),
    });
    expect(JSON.stringify(json)).toContain('"2001:db8::7"');
    const { json: described } = await sender(cloud.apiUrl)("GET", "/openapi.json", { headers: from(HOME) });
    expect(JSON.stringify(described)).not.toContain(new URL(cloud.apiUrl).host);
  });

  it(
    "is counted by the viewer's network, not by the edge's address or by what the viewer says",
    counted(async () => {
      const emails = await Promise.all(Array.from({ length: 3 }, newUser));
      const [one = "", two = "", three = ""] = emails;
      // One subscriber, a new address each time.
      for (let n = 0; n < 10; n++)
        expect((await logIn(one, from(`2001:db8:1:2::${n + 1}`), "Wrong-Horse-1")).status).toBe(401);
      expect((await logIn(one, from("2001:db8:1:2:ffff::1"), "Wrong-Horse-1")).status).toBe(429);
      expect((await logIn(one, from("2001:db8:1:3::1"))).status).toBe(200);
      // The same 100 of an address, each for another account.
      const all = Array.from({ length: 100 }, (_, n) => logIn(`nobody${n}@example.com`, from(STRANGER)));
      for (const { status } of await Promise.all(all)) expect(status).toBe(401);
      expect((await logIn(two, { ...from(STRANGER), "x-forwarded-for": HOME })).status).toBe(429);
      expect((await logIn(three, from(HOME))).status).toBe(200);
    }),
  );
});

describe("while a stranger hammers an address of ours, its owner", () => {
  const cases: readonly (readonly [string, (email: string) => Promise<() => Promise<number>>])[] = [
    [
      "signs in from where they were",
      async (email) => {
        await logIn(email, from(HOME));
        return async () => (await logIn(email, from(HOME))).status;
      },
    ],
    [
      "signs in from the same network, with another address of it",
      async (email) => {
        await logIn(email, from("2001:db8:7:7::1"));
        return async () => (await logIn(email, from("2001:db8:7:7:1234::1"))).status;
      },
    ],
    [
      "stays signed in",
      async (email) => {
        const { access_token: token } = tokensOf(await logIn(email, from(HOME)));
        return async () =>
          (await sender(cloud.apiUrl)("GET", "/api/v1/auth/me", { token, headers: from(TRAIN) })).status;
      },
    ],
    [
      "goes on with a session of before, from a new address",
      async (email) => {
        const { refresh_token } = tokensOf(await logIn(email, from(HOME)));
        return async () =>
          (
            await sender(cloud.apiUrl)("POST", "/api/v1/auth/refresh", {
              headers: { ...JSON_BODY, ...from(TRAIN) },
              body: JSON.stringify({ refresh_token }),
            })
          ).status;
      },
    ],
  ];
  it.each(cases)("%s", (_, prepare) =>
    counted(async () => {
      const email = await newUser();
      const enterAgain = await prepare(email);
      const statuses = await hammer(email, STRANGER, 40);
      expect(statuses.filter((status) => status === 401)).toHaveLength(10);
      expect(statuses.filter((status) => status === 429)).toHaveLength(30);
      expect(await enterAgain()).toBe(200);
    })(),
  );

  describe("from everywhere, in all slots of each minute", () => {
    const rest = (email: string) => hammerFrom(email, 130);

    it("signs in from a new address with what is left of an old session", () =>
      counted(async () => {
        const [email, other] = [await newUser(), await newUser()];
        const { access_token: token, refresh_token } = tokensOf(await logIn(email, from(HOME)));
        const others = tokensOf(await logIn(other, from(HOME))).refresh_token;
        await sender(cloud.apiUrl)("POST", "/api/v1/auth/logout", { token, headers: from(HOME) });
        await rest(email);
        expect((await logIn(email, from(TRAIN))).status).toBe(429);
        for (const forged of [others, token, `${refresh_token}x`, "x", ""])
          expect((await logIn(email, from(TRAIN), PASSWORD, forged)).status).toBe(429);
        expect((await logIn(email, from(TRAIN), "Wrong-Horse-1", refresh_token)).status).toBe(401);
        expect((await logIn(email, from(TRAIN), PASSWORD, refresh_token)).status).toBe(200);
      })());

    it("and whoever stole that guesses no faster, from however many addresses", () =>
      counted(async () => {
        const email = await newUser();
        const { refresh_token } = tokensOf(await logIn(email, from(HOME)));
        const guesses = Array.from({ length: 30 }, (_, n) =>
          logIn(email, from(`198.51.100.${n}`), "Wrong-Horse-1", refresh_token),
        );
        const statuses = (await Promise.all(guesses)).map(({ status }) => status);
        expect(statuses.filter((status) => status === 401)).toHaveLength(10);
      })());

    it("changes the password in a session, from a new address", () =>
      counted(async () => {
        const email = await newUser();
        const { access_token: token } = tokensOf(await logIn(email, from(HOME)));
        await rest(email);
        const { status } = await sender(cloud.apiUrl)("PUT", "/api/v1/auth/change-password", {
          token,
          headers: { ...JSON_BODY, ...from(TRAIN) },
          body: JSON.stringify({ current_password: PASSWORD, new_password: "Another-Horse-2" }),
        });
        expect(status).toBe(200);
      })());
  });

  it("signs in from a new address, too", () =>
    counted(async () => {
      const email = await newUser();
      await hammer(email, STRANGER, 40);
      expect((await logIn(email, from(TRAIN))).status).toBe(200);
    })());

  it("costs a comparison of passwords at most ten times a minute for each address of the stranger", () =>
    counted(async () => {
      const email = await newUser();
      const strangers = ["198.51.100.1", "198.51.100.2", "198.51.100.3"];
      const statuses = (await Promise.all(strangers.map((one) => hammer(email, one, 30)))).flat();
      // A refusal compares nothing: 30 of the 90 are compared, and 8 more at most.
      expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(30);
      expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(60);
    })());
});

it("a new address waits for a minute in eight when a stranger has one address, and never for long", async () => {
  const { countStrangerLogin } = await import("@success-manager/domain/rate-limit");
  const email = "waits@example.com";
  // Within an hour of its own, with all free attempts used up.
  const begin = Math.floor(Date.now() / 3_600_000) * 3_600_000;
  const attempt = (address: string, now: number) =>
    countStrangerLogin(address, email, now).then(
      () => true,
      () => false,
    );
  for (let n = 0; n < 30; n++) expect(await attempt(`198.51.100.${n}`, begin)).toBe(true);
  const waits: boolean[] = [];
  for (let minute = 1; minute < 60; minute++) {
    const now = begin + minute * 60_000;
    // The stranger is always first.
    expect(await attempt(STRANGER, now)).toBe(true);
    waits.push(!(await attempt(TRAIN, now)));
  }
  expect(waits.filter(Boolean).length).toBeLessThan(59 / 3);
  const longest = Math.max(
    ...waits
      .join("")
      .split("false")
      .map((run) => run.length / "true".length),
  );
  expect(longest).toBeLessThanOrEqual(6);
});
