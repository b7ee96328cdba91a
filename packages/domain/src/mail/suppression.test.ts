import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { mockClient } from "aws-sdk-client-mock";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import type { MailEvent } from "./status.ts";
import { afterEvent, MAX_SOFT_BOUNCES } from "./suppression.ts";

type Facts = Parameters<typeof afterEvent>[0];
type News = Parameters<typeof afterEvent>[1];

const at = (minute: number) => new Date(Date.UTC(2026, 10, 28, 10, minute)).toISOString();
const NOTHING: Facts = { id: "1", email: "ada@example.com" };
const news = (status: MailEvent["status"], minute = 0, message_id = `${minute}`): News => ({
  ...{ status, at: at(minute), message_id },
});
const after = (events: readonly News[], facts = NOTHING) =>
  events.reduce<Facts>((known, event) => afterEvent(known, event) ?? known, facts);

describe("an address", () => {
  test("has one id, however it is written, which follows from the key of the stage", async () => {
    const ofKey = async (value: string) => {
      const secrets = mockClient(SecretsManagerClient);
      secrets.on(GetSecretValueCommand).resolves({ SecretString: value });
      vi.resetModules();
      const { addressId } = await import("./suppression.ts");
      const ids = await Promise.all(
        ["Ada@MÜLLER.de", "ada@xn--mller-kva.de ", "bob@example.com"].map((email) => addressId(email)),
      );
      secrets.restore();
      return ids;
    };
    vi.stubEnv("ADDRESS_KEY_SECRET_ARN", "arn:key");
    const [ada, same, bob] = await ofKey("a key");
    expect(ada).toBe(same);
    expect(ada).not.toBe(bob);
    expect(ada).toMatch(/^[\da-f]{8}-/);
    const [other] = await ofKey("another key");
    expect(other).not.toBe(ada);
    vi.unstubAllEnvs();
  });

  test("of which there is good news alone is not written down", () => {
    expect(afterEvent(NOTHING, news("sent"))).toBeUndefined();
    expect(afterEvent(NOTHING, news("delivered"))).toBeUndefined();
    expect(afterEvent(NOTHING, news("rejected"))).toBeUndefined();
  });

  test("bounces, and a delivery that comes late does not change that", () => {
    const bounced = after([news("bounced", 2)]);
    expect(bounced).toMatchObject({ bounced_at: at(2), bounce: "hard" });
    expect(afterEvent(bounced, news("delivered", 1))).toBeUndefined();
    expect(afterEvent(bounced, news("bounced", 2))).toBeUndefined();
    expect(afterEvent(bounced, news("bounced", 1))).toBeUndefined();
    expect(afterEvent(bounced, news("complained", 1))).toMatchObject({
      complained_at: at(1),
      bounced_at: at(2),
    });
  });

  test("that is full counts as gone after some mails in a row, whose events may come twice", () => {
    const soft = (n: number) => news("soft_bounced", n);
    const some = Array.from({ length: MAX_SOFT_BOUNCES - 1 }, (_, n) => soft(n));
    expect(after([...some, ...some])).not.toHaveProperty("bounced_at");
    expect(after([...some, soft(50)])).toMatchObject({ bounced_at: at(50), bounce: "soft" });
    // One that arrived in between begins the row anew; of those before it.
    const arrived = after([...some, news("delivered", 2)]);
    expect(arrived.soft_bounces?.map((one) => one.at)).toEqual([at(3)]);
    expect(after([soft(50), soft(51)], arrived)).not.toHaveProperty("bounced_at");
  });

  test("to which a person lets mail go again is not held by what was before", () => {
    const lifted = { ...NOTHING, lifted_at: at(5) };
    for (const status of ["bounced", "complained", "soft_bounced"] as const) {
      expect(afterEvent(lifted, news(status, 5))).toBeUndefined();
      expect(afterEvent(lifted, news(status, 6))).toBeDefined();
    }
  });

  test("is known the same, in whatever order and however often bounces and complaints come", () => {
    const event = fc
      .tuple(fc.constantFrom("bounced", "complained", "sent"), fc.nat({ max: 9 }))
      .map(([status, minute]) => news(status as MailEvent["status"], minute));
    const orders = fc
      .array(event, { maxLength: 6 })
      .chain((some) =>
        fc.tuple(fc.constant(some), fc.shuffledSubarray([...some, ...some], { minLength: 2 * some.length })),
      );
    fc.assert(
      fc.property(orders, ([some, other]) => {
        expect(after(other)).toEqual(after(some));
      }),
    );
  });
});
