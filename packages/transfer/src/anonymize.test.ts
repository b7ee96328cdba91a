import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import * as table from "@success-manager/domain/table";
import { describe, expect, it } from "vitest";
import { ATTRIBUTES, createAnonymizer, createFakes } from "./anonymize.ts";

interface Schema {
  readonly model: { readonly entity: string };
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** Every entity of the table, as ElectroDB knows it. */
const schemas: Schema[] = Object.values(table).flatMap((exported: unknown) =>
  typeof exported === "object" && exported !== null && "schema" in exported
    ? [exported.schema as Schema]
    : [],
);

describe("the list of personal attributes", () => {
  it("knows every entity, and none that is gone", () => {
    expect(schemas.length).toBeGreaterThan(25);
    expect(Object.keys(ATTRIBUTES).sort()).toEqual(schemas.map(({ model }) => model.entity).sort());
  });

  it.each(schemas.map((schema) => [schema.model.entity, schema] as const))(
    "says of each attribute of %s, once, whether it is personal",
    (entity, { attributes }) => {
      const said = ATTRIBUTES[entity];
      if (said === "dropped" || said === undefined) return;
      const names = [...Object.keys(said.personal), ...said.plain].sort();
      expect(names).toEqual(
        Object.keys(attributes)
          .filter((name) => !table.STORAGE_ATTRIBUTES.includes(name) && name !== table.ENTITY_NAME)
          .sort(),
      );
    },
  );
});

const customer = {
  pk: "customer#c1",
  sk: "customer",
  __edb_e__: "customer",
  __edb_v__: "1",
  id: "c1",
  company_name: "Nordlicht",
  contact_email: "Ada@Nordlicht.example",
  contact_phone: "+49 30 123-456",
  notes: "Ada is on leave until Monday.",
  contract_value: 125_000,
  contract_end_date: "2027-01-31",
};

const anonymized = (item: object, seed = "s") => {
  const result = createAnonymizer(seed)(marshall(item));
  return result && unmarshall(result);
};

describe("an anonymized item", () => {
  it("has its figures and dates, and nothing of the person's", () => {
    const result = anonymized(customer);
    expect(result).toMatchObject({ id: "c1", contract_value: 125_000, contract_end_date: "2027-01-31" });
    expect(JSON.stringify(result)).not.toMatch(/nordlicht|ada|leave|123-456/i);
    expect(result?.contact_phone).toMatch(/^\+\d\d \d\d \d{3}-\d{3}$/);
  });

  it("is the same with the same seed, and another with another one", () => {
    expect(anonymized(customer)).toEqual(anonymized(customer));
    expect(anonymized(customer, "t")?.company_name).not.toBe(anonymized(customer)?.company_name);
  });

  it("stands for the same person wherever it is spelled otherwise", () => {
    const { email, person } = createFakes("s");
    expect(email("ADA@example.com")).toBe(email("ada@example.com"));
    expect(person("ADA  Lovelace")).toBe(person("Ada Lovelace"));
    expect(person("Ada Byron")).not.toBe(person("Ada Lovelace"));
    expect(person("system")).toBe("system");
  });

  it("has a key of the fake value where its key is made of a personal one", () => {
    const login = anonymized({
      pk: "login#ada@nordlicht.example",
      sk: "login",
      __edb_e__: "login",
      email_key: "ada@nordlicht.example",
      user_id: "u1",
      password_hash: "$2b$12$x",
    });
    expect(login?.pk).toBe(`login#${login?.email_key}`);
    expect(JSON.stringify(login)).not.toMatch(/ada|\$2b/);
    const user = anonymized({
      pk: "user#u1",
      sk: "user",
      __edb_e__: "user",
      id: "u1",
      email: "Ada@nordlicht.example",
    });
    expect(table.emailKey(user?.email)).toBe(login?.email_key);
    const name = anonymized({
      pk: "company#nordlicht",
      sk: "company",
      __edb_e__: "company",
      name_key: "nordlicht",
      customer_id: "c1",
    });
    expect(name?.pk).toBe(`company#${table.nameKey(anonymized(customer)?.company_name)}`);
  });

  it("is refused when it has something that nobody has thought of", () => {
    expect(() => anonymized({ ...customer, birthday: "1815-12-10" })).toThrow(/birthday of customer/);
    expect(() => anonymized({ pk: "pet#1", sk: "pet", __edb_e__: "pet" })).toThrow(/pet/);
  });

  it("is left out where it is a counter, a limit, a session", () => {
    expect(anonymized({ pk: "rollup#interaction", sk: "day#all", "c:performer|Ada": 3 })).toBeUndefined();
    expect(anonymized({ pk: "session#u1", sk: "x", __edb_e__: "session" })).toBeUndefined();
    expect(anonymized({ pk: "sequence#ticket", sk: "sequence", last: 7 })).toMatchObject({ last: 7 });
  });
});
