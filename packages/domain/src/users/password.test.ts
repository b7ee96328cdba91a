import native from "bcrypt";
import js from "bcryptjs";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

beforeEach(() => {
  vi.resetModules();
  vi.stubEnv("BCRYPT_COST", "4");
});
afterEach(() => {
  vi.doUnmock("bcrypt");
  vi.unstubAllEnvs();
});

const passwords = () => import("./password.ts");

/** The same, on a platform without a binary. */
function withoutBinary() {
  vi.doMock("bcrypt", () => {
    throw new Error("No native build was found");
  });
  return passwords();
}

const SALT = "$2b$04$abcdefghijklmnopqrstuu";

const SPECIAL = [
  "",
  " ",
  "a",
  "a\0b",
  "\0",
  "x".repeat(71),
  "x".repeat(72),
  "x".repeat(73),
  "x".repeat(255),
  "x".repeat(256),
  "ü".repeat(36),
  "ü".repeat(37),
  `x${"ü".repeat(36)}`,
  "日本語パスワード",
  "😀".repeat(18),
  "é",
  "e\u0301",
  "\u00ff\u00a3345",
];

describe("both libraries", () => {
  test.each(SPECIAL)("make the same hash of %j", (password) => {
    expect(native.hashSync(password, SALT)).toBe(js.hashSync(password, SALT));
  });

  test("make the same hash of any text, with any salt", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 90 }),
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        (password, bytes) => {
          const salt = `$2b$04$${js.encodeBase64([...bytes], 16)}`;
          expect(native.hashSync(password, salt)).toBe(js.hashSync(password, salt));
        },
      ),
      { numRuns: 100 },
    );
  });

  test("make hashes of the same kind and cost", async () => {
    for (const { hash } of [native, js])
      expect(await hash("Correct-Horse-1", 5)).toMatch(/^\$2b\$05\$.{53}$/);
  });
});

describe.each([
  ["in C", passwords, withoutBinary],
  ["in JavaScript", withoutBinary, passwords],
])("a password that was hashed %s", (_where, here, there) => {
  test.each(SPECIAL.filter((password) => Buffer.byteLength(password) <= 72))(
    "is known to the other library: %j",
    async (password) => {
      const { hashPassword } = await here();
      const hash = await hashPassword(password);
      vi.resetModules();
      vi.doUnmock("bcrypt");
      const { passwordMatches } = await there();
      expect(await passwordMatches(password, hash)).toBe(true);
      expect(await passwordMatches(`${password}.`, hash)).toBe(false);
    },
  );
});

describe.each([
  ["in C", passwords],
  ["in JavaScript", withoutBinary],
])("compared %s, a password", (_where, load) => {
  test.each(["2a", "2b", "2y"])("matches a hash of version %s", async (version) => {
    const { passwordMatches } = await load();
    const hash = js.hashSync("Correct-Horse-1", 4).replace("$2b$", `$${version}$`);
    expect(await passwordMatches("Correct-Horse-1", hash)).toBe(true);
    expect(await passwordMatches("Correct-Horse-2", hash)).toBe(false);
  });

  test.each(["x".repeat(73), `x${"ü".repeat(36)}`])("that is cut off matches nothing: %s", async (typed) => {
    const { passwordMatches } = await load();
    expect(await passwordMatches(typed, js.hashSync(typed, 4))).toBe(false);
  });

  test("may be typed on another keyboard", async () => {
    const { hashPassword, passwordMatches } = await load();
    const hash = await hashPassword("Caf\u00e9-Horse-1");
    expect(await passwordMatches("Cafe\u0301-Horse-1", hash)).toBe(true);
  });

  test("matches nobody", async () => {
    const { passwordMatches } = await load();
    for (const typed of ["", "Correct-Horse-1"]) expect(await passwordMatches(typed, undefined)).toBe(false);
  });
});

test.each(["04", "12"])("an unknown address costs one comparison at the same cost, %s", async (cost) => {
  vi.stubEnv("BCRYPT_COST", cost);
  const [hashSync, compareSync] = [vi.fn(native.hashSync), vi.fn(native.compareSync)];
  vi.doMock("bcrypt", () => ({ default: { hashSync, compareSync } }));
  const { passwordMatches } = await passwords();
  await passwordMatches("Correct-Horse-1", undefined);
  expect(hashSync).not.toHaveBeenCalled();
  expect(compareSync.mock.calls).toEqual([
    ["Correct-Horse-1", expect.stringMatching(new RegExp(`^\\$2b\\$${cost}\\$.{53}$`))],
  ]);
});
