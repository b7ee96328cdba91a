import { Secret, TOTP } from "otpauth";
import type { Api } from "./cloud.ts";

const STEP_MS = 30_000;

/** The code that an app shows for a secret, so many steps of 30 seconds from now. */
export const codeOf = (secret: string, steps = 0): string =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + steps * STEP_MS });

export interface Factor {
  readonly secret: string;
  readonly recovery_codes: readonly string[];
}

/** Sets up a second factor and turns it on. The code of now is used up then: the next one is that of one step on. */
export async function turnOn({ account }: Api): Promise<Factor> {
  const { secret } = (await account.setUpSecondFactor({})).body();
  const { recovery_codes } = (await account.enableSecondFactor({ body: { code: codeOf(secret) } })).body();
  return { secret, recovery_codes };
}
