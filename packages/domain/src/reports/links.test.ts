import { randomBytes, randomUUID } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { linkToken, parseToken, verifyRecipient } from "./links.ts";

const signing = () => ({ id: randomUUID(), secret: randomBytes(32).toString("base64url") });
const PEOPLE = ["ada@example.com", "Grace@Example.com", "alan@example.com"];

/** Whom a token is of, for an item with these recipients. */
const holderOf = (token: string, { secret }: { readonly secret: string }, purpose: "leave" | "file") => {
  const { mac = "" } = parseToken(token) ?? {};
  return verifyRecipient(mac, secret, PEOPLE, purpose);
};

describe("a link", () => {
  test("names its item, and belongs to one recipient", () => {
    const schedule = signing();
    for (const recipient of PEOPLE) {
      const token = linkToken(schedule, recipient, "leave");
      expect(parseToken(token)?.id).toBe(schedule.id);
      expect(holderOf(token, schedule, "leave")).toBe(recipient);
    }
  });

  test("is the same in whatever case the address is written", () => {
    const schedule = signing();
    expect(linkToken(schedule, "ADA@example.com", "leave")).toBe(
      linkToken(schedule, "ada@example.com", "leave"),
    );
    expect(holderOf(linkToken(schedule, "grace@example.COM", "leave"), schedule, "leave")).toBe(PEOPLE[1]);
  });

  test("holds no address", () => {
    const token = linkToken(signing(), "ada@example.com", "file");
    expect(token).toMatch(/^[\da-f-]{36}\.[\w-]{43}$/);
    expect(Buffer.from(token.slice(37), "base64url").toString("latin1")).not.toContain("ada");
  });

  test("is good for nothing else: another schedule, purpose or person", () => {
    const [one, other] = [signing(), signing()];
    const token = linkToken(one, "ada@example.com", "leave");
    expect(holderOf(token, other, "leave")).toBeUndefined();
    expect(holderOf(token, one, "file")).toBeUndefined();
    expect(holderOf(linkToken(one, "eve@example.com", "leave"), one, "leave")).toBeUndefined();
  });

  test("is nobody's as soon as one character differs", () => {
    const schedule = signing();
    const token = linkToken(schedule, "ada@example.com", "leave");
    const signs = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"];
    fc.assert(
      fc.property(fc.integer({ min: 37, max: 79 }), fc.constantFrom(...signs), (at, sign) => {
        const tampered = token.slice(0, at) + sign + token.slice(at + 1);
        const expected = tampered === token ? "ada@example.com" : undefined;
        expect(holderOf(tampered, schedule, "leave")).toBe(expected);
      }),
    );
  });
});

describe("what can't be a token", () => {
  const token = linkToken(signing(), "ada@example.com", "leave");
  test.each([
    "",
    ".",
    token.slice(1),
    token.slice(0, -1),
    `${token}A`,
    ` ${token}`,
    `${token}\n`,
    token.toUpperCase(),
    token.replace(".", "/"),
    `${token.slice(0, 37)}${"ü".repeat(43)}`,
    "A".repeat(4000),
    "\u0000",
  ])("is not read: %j", (text) => expect(parseToken(text)).toBeUndefined());

  test("throws for nothing that anybody types", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 40 }), (text) => parseToken(text) === undefined),
    );
  });
});
