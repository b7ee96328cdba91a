import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import type { OidcSettings } from "./provider.ts";
import { isPublicAddress, ProviderUnavailable, providerFetch } from "./provider-fetch.ts";

vi.stubEnv("TABLE_NAME", "success-manager-test");
const { personOf } = await import("./log-in.ts");

const SETTINGS: OidcSettings = {
  issuer: "https://login.example.com",
  client_id: "client",
  scopes: ["openid"],
  email_proof: "email_verified",
  mail_domains: ["example.com"],
  default_role: "viewer",
  label: "Sign in",
  origins: ["https://app.example.com"],
  local: false,
};
const CLAIMS = { iss: SETTINGS.issuer, sub: "1", email: "Ada@Example.COM", email_verified: true };

const come = (settings: Partial<OidcSettings>, claims: object = {}) =>
  personOf({ ...SETTINGS, ...settings }, { ...CLAIMS, ...claims });
const isOut = (settings: Partial<OidcSettings>, claims: object = {}) => {
  try {
    come(settings, claims);
    return false;
  } catch (error) {
    expect(error).toMatchObject({ status: 403 });
    return true;
  }
};

describe("who comes in by what a provider says", () => {
  test("has a verified address: by the claim, by Entra's claim, or by the issuer's own directory", () => {
    for (const email_verified of [true, "true"]) expect(isOut({}, { email_verified })).toBe(false);
    for (const email_verified of [false, "false", undefined, null, "", 0, {}])
      expect(isOut({}, { email_verified })).toBe(true);

    const entra = { email_proof: "xms_edov" } as const;
    for (const xms_edov of [true, "1", 1, "true"]) expect(isOut(entra, { xms_edov })).toBe(false);
    // Entra's `email` is whatever an admin of any tenant has written; its owner is not proved by that.
    for (const xms_edov of [false, "0", 0, undefined]) expect(isOut(entra, { xms_edov })).toBe(true);

    const google = { email_proof: "hd" } as const;
    expect(isOut(google, { hd: "example.com" })).toBe(false);
    // An account of their own by the company's address.
    for (const more of [{}, { hd: "example.org" }, { hd: "example.com", email_verified: false }])
      expect(isOut(google, more)).toBe(true);

    const own = { email_proof: "issuer" } as const;
    expect(isOut(own, { email_verified: undefined })).toBe(false);
    expect(isOut(own, { email_verified: false })).toBe(true);
    expect(isOut(own, { email_verified: undefined, email: "ada@example.org" })).toBe(true);
  });

  test("is of one of the domains, where some are named", () => {
    expect(isOut({ mail_domains: [] }, { email: "ada@example.org" })).toBe(false);
    for (const email of [
      "ada@example.org",
      "ada@sub.example.com",
      "ada@example.com.evil.org",
      "ada@xexample.com",
    ])
      expect(isOut({}, { email })).toBe(true);
  });

  test("has the role of the claim, the default one, or none where that keeps people out", () => {
    const roles = { claim: "roles", values: { boss: "admin", lead: "manager" } } as const;
    expect(come({ roles }, { roles: ["x", "lead", "boss"] }).role).toBe("admin");
    expect(come({ roles }, { roles: "lead" }).role).toBe("manager");
    expect(come({ roles }).role).toBe("viewer");
    expect(come({ roles, default_role: "manager" }, { roles: [] }).role).toBe("manager");
    expect(isOut({ roles, default_role: "none" }, { roles: ["toString", "x"] })).toBe(true);
    // Without a mapping, roles are given here: who is known comes in, and nobody is made.
    expect(come({ default_role: "none" })).toMatchObject({ role: undefined, first_role: undefined });
    expect(come({ default_role: "admin" })).toMatchObject({ role: undefined, first_role: "admin" });
  });

  test("has a name, of one line, whatever is told", () => {
    expect(come({}, { name: " Ada\nWinter " }).full_name).toBe("Ada Winter");
    expect(come({}, { given_name: "Ada", family_name: "Winter" }).full_name).toBe("Ada Winter");
    expect(come({}).full_name).toBe("Ada");
    fc.assert(
      fc.property(fc.anything(), (name) => {
        const { full_name } = come({}, { name });
        expect(full_name.length).toBeGreaterThan(0);
        expect(full_name.length).toBeLessThanOrEqual(255);
        expect(full_name).not.toMatch(/[\r\n\0]/);
      }),
    );
  });
});

describe("an address of a provider", () => {
  test.each([
    ..."127.0.0.1 10.1.2.3 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0".split(
      " ",
    ),
    ..."192.0.2.1 198.18.0.1 203.0.113.1 224.0.0.1 255.255.255.255".split(" "),
    ..."::1 :: fe80::1 fc00::1 fd00:ec2::254 ff02::1 ::ffff:169.254.169.254 ::127.0.0.1".split(" "),
    ..."64:ff9b::a9fe:a9fe 2002:a9fe:a9fe:: 2001:0:a9fe:a9fe:: 2001:db8::1 not-an-address".split(" "),
  ])("%s is not of the public internet", (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  test.each("8.8.8.8 172.32.0.1 1.1.1.1 2606:4700:4700::1111 2a00:1450:4001:81b::200e".split(" "))(
    "%s is",
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );

  test.each([
    "http://login.example.com/keys",
    "https://169.254.169.254/latest/meta-data/",
    "https://[::1]/keys",
    "https://[::ffff:10.0.0.1]/keys",
    // What a URL makes of other ways to write an address.
    "https://2852039166/",
    "https://0x7f.1/",
    // A name that leads to this machine.
    "https://localhost/keys",
    "ftp://login.example.com/",
    "file:///etc/passwd",
  ])("%s is not asked", async (address) => {
    await expect(providerFetch(false, 1_000)(address)).rejects.toThrow(ProviderUnavailable);
  });
});
