import { groups } from "@success-manager/contract";
import { type Api, apiOf, tokensOf } from "@success-manager/contract/api";
import { CONSISTENCY_HEADER } from "@success-manager/contract/client";
import type { Role } from "@success-manager/contract/vocabulary";
import type { Cloud, CloudOptions } from "@success-manager/local";
import { decodeJwt } from "jose";
import { providerSettings } from "./oidc-provider.ts";
import { type Recorder, recorder } from "./recorder.ts";
import { emptyCloud } from "./servers.ts";

export const PASSWORD = "Correct-Horse-1";

export interface Person {
  readonly id: string;
  readonly email: string;
  readonly token: string;
  readonly refresh_token: string;
  readonly session_id: string;
  readonly api: Api;
}

export interface TestCloud extends Cloud {
  readonly database: Recorder;
  readonly stranger: Api;
  readonly admin: Person;
  readonly manager: Person;
  readonly viewer: Person;
  /** Creates a user with `PASSWORD` and signs in. */
  person(role: Role, email?: string): Promise<Person>;
  /** Signs in; a fresh session. */
  signIn(email: string, password?: string): Promise<Person>;
}

/** Makes this process, too, talk to a cloud: for what tests prepare without the API. */
export function enter(environment: Readonly<Record<string, string>>): void {
  Object.assign(process.env, environment, { BCRYPT_COST: CHEAP_HASHES.BCRYPT_COST });
}

/** Hashing is slow on purpose; tests that don't look at passwords need not wait. */
const CHEAP_HASHES = { BCRYPT_COST: "4" };

/** Indexes follow at once here: what is asked and counted is not what a mark asks for (test/http/consistency.test.ts). */
const NO_MARKS = { [CONSISTENCY_HEADER]: "" };

/** Sends each call once, without a key: what is asked and answered is what the call does. */
const onceOf = (url: string, token?: string, headers?: Readonly<Record<string, string>>) =>
  apiOf(url, token, headers, undefined, "none");

let counter = 0;
let signIns = 0;

/**
 * An empty cloud for a test file, with one admin, manager and viewer who are signed in.
 *
 * @param started is called before they sign in: where a proxy that is in the environment learns where it leads
 */
export async function testCloud(
  options: Partial<CloudOptions> = {},
  started: (cloud: Cloud) => void = () => undefined,
): Promise<TestCloud> {
  const database = recorder();
  const cloud = await emptyCloud({
    dynamodbProxy: database.proxy,
    // Enough to meet; each takes a tenth of a second of a core to load.
    maxInstances: 2,
    ...options,
    environment: {
      ...{ LOG_LEVEL: "CRITICAL", OIDC: await providerSettings() },
      ...CHEAP_HASHES,
      ...options.environment,
    },
  });
  started(cloud);
  enter(cloud.environment);
  // After `enter`: the domain reads the table's name when it is loaded.
  const { Users } = await import("@success-manager/domain/users");
  const { Sessions } = await import("@success-manager/domain/auth");
  const stranger = onceOf(cloud.apiUrl);

  const signIn = async (email: string, password = PASSWORD): Promise<Person> => {
    // Everybody has an address of their own: a quick machine would reach the limit of one.
    const { access_token: token, refresh_token } = tokensOf(
      await Sessions.signIn({ username: email, password }, `test ${++signIns}`),
    );
    const api = onceOf(cloud.apiUrl, token, NO_MARKS);
    const { id } = (await api.auth.me({})).body();
    const session_id = String(decodeJwt(token).sid);
    return { id, email, token, refresh_token, session_id, api };
  };
  const person = async (role: Role, email = `${role}${++counter}@example.com`) => {
    await Users.create({ email, full_name: `${role} ${counter}`, role, password: PASSWORD });
    return signIn(email);
  };
  const [admin, manager, viewer] = [await person("admin"), await person("manager"), await person("viewer")];
  return Object.assign(cloud, { database, stranger, admin, manager, viewer, person, signIn });
}

export { type Api, apiOf, groups, tokensOf };
