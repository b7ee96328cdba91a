/** What is known of a person, to give or to erase it, by an admin's wish. */
import { createHash, randomUUID } from "node:crypto";
import type { UserActor } from "@success-manager/contract/dsl/endpoint";
import type { Person, PersonalDataKind, PersonalDataRun } from "@success-manager/contract/personal-data";
import { conflict } from "@success-manager/contract/problem";
import { runInBackground } from "../jobs/index.ts";
import { fileUrl } from "../reports/index.ts";
import {
  commit,
  emailKey,
  find,
  getOrThrow,
  getRequest,
  NOT_EXISTS,
  PersonalDataEntity,
  type PersonalDataWork,
  put,
  RETRY,
  type StoredPersonalData,
  UserEntity,
  withOptimisticRetry,
} from "../table/index.ts";
import { usersAmong } from "../users/index.ts";
import { exportKey, findOpen, takeOpen } from "./run.ts";

/** What keeps a person to one run of a kind: nobody can tell from it who they are without trying addresses. */
const openKeyOf = (kind: PersonalDataKind, { email, user_id }: PersonalDataWork) =>
  createHash("sha256")
    .update(`${kind} ${user_id ?? emailKey(email ?? "")}`)
    .digest("hex");

/** Whom a run looks for. @throws 404 for an unknown user; 409 for an erasure of somebody who can sign in */
async function personOf(kind: PersonalDataKind, { email, user_id }: Person): Promise<PersonalDataWork> {
  const nobody = { names: [], customers: [], links: [], surveys: [], texts: [], touched: [], part: 0 };
  if (user_id !== undefined) {
    const user = await getOrThrow(getRequest(UserEntity, user_id), "User");
    if (kind === "erasure" && user.is_active)
      throw conflict(
        "This user can sign in. Deactivate them first: what they do meanwhile would not be erased.",
      );
    return { ...nobody, email: user.email, user_id, names: [user.full_name] };
  }
  if (kind === "erasure" && email !== undefined && (await usersAmong([email])).size > 0)
    throw conflict("This is the address of a user of the team. Erase them by their id.");
  return { ...nobody, email };
}

async function toRun(run: StoredPersonalData): Promise<PersonalDataRun> {
  const { id, kind, status, created_at, finished_at = null, counts, error = null } = run;
  const hasFile = kind === "export" && status === "completed";
  const file = hasFile
    ? await fileUrl(exportKey(id), `personal-data-${id}.json`, new Date(), "application/json")
    : null;
  return { id, kind, status, created_at, finished_at, counts: { ...counts }, error, file };
}

/**
 * Starts an export or an erasure. Of many who ask for the same at once, all get the same run; who asks again while it is
 * pending has it go on, should it have broken off.
 *
 * @throws 404; 409; ServiceUnavailable when the job's function can't be started: then who asks again has it begin
 */
export const start = async (
  kind: PersonalDataKind,
  person: Person,
  actor: UserActor,
): Promise<PersonalDataRun> => {
  const run = await withOptimisticRetry(async () => {
    const work = await personOf(kind, person);
    const open_key = openKeyOf(kind, work);
    const made: StoredPersonalData = {
      ...{ id: randomUUID(), kind, status: "pending", open_key, work, counts: {}, revision: 1 },
      ...{ created_at: new Date().toISOString(), created_by_id: actor.id },
    };
    if ((await commit([put(PersonalDataEntity, made, NOT_EXISTS), takeOpen(open_key, made.id)])).length === 0)
      return made;
    const id = await findOpen(open_key);
    return (id !== undefined && (await find(getRequest(PersonalDataEntity, id)))) || RETRY;
  });
  await runInBackground("personal_data");
  return toRun(run);
};

/** @throws 404 */
export const getRun = async (id: string): Promise<PersonalDataRun> =>
  toRun(await getOrThrow(getRequest(PersonalDataEntity, id), "Run"));
