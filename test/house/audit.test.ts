import { isNoted, isPersonal, isSecret, RULES, UNAUDITED } from "@success-manager/domain/audit";
import { ATTRIBUTES } from "@success-manager/transfer";
import { describe, expect, test } from "vitest";

describe("the audit trail", () => {
  test("knows of each entity whether changes of it are noted, and why not", () => {
    // A test of its own holds that these are all entities.
    expect(Object.keys({ ...RULES, ...UNAUDITED }).sort()).toEqual(Object.keys(ATTRIBUTES).sort());
    expect(Object.keys(RULES).filter((name) => name in UNAUDITED)).toEqual([]);
  });

  test.each(Object.keys(RULES))("holds what is personal of %s apart, and no secrets", (entity) => {
    const known = ATTRIBUTES[entity];
    if (known === undefined) throw new Error(`${entity} is not in the list of personal attributes`);
    if (known === "dropped") return;
    // Names of companies are no personal data; what searches look at is not noted.
    const PLAIN = ["company", "company_key", "search", "remove"];
    const personal = Object.entries(known.personal).filter(([, kind]) => !PLAIN.includes(kind));
    const unknown = personal.filter(
      ([name]) => isNoted(entity, name) && !isPersonal(name) && !isSecret(name),
    );
    expect(unknown).toEqual([]);
    const secrets = Object.entries(known.personal).filter(([, kind]) =>
      ["secret", "password"].includes(kind),
    );
    expect(secrets.filter(([name]) => isNoted(entity, name) && !isSecret(name))).toEqual([]);
  });
});
