/** What the endpoints of settings do. */
import { type IfMatch, requireMatch, unprocessable } from "@success-manager/contract/problem";
import {
  SECTIONS,
  type SectionName,
  type SettingsAnswer,
  type SettingsChanges,
} from "@success-manager/contract/settings";
import {
  commitOne,
  find,
  putItem,
  RETRY,
  SettingsEntity,
  type StoredSettings,
  splitChanges,
  withOptimisticRetry,
} from "../table/index.ts";
import { settingsOf, settingsRequest } from "./read.ts";

const toAnswer = <S extends SectionName>(
  section: S,
  stored: StoredSettings | undefined,
): SettingsAnswer<S> => ({
  ...settingsOf(section, stored),
  updated_at: stored?.updated_at ?? null,
  updated_by: stored?.updated_by ?? null,
  revision: stored?.revision ?? 0,
});

/** A section as it holds now. */
export const get = async <S extends SectionName>(section: S): Promise<SettingsAnswer<S>> =>
  toAnswer(section, await find(settingsRequest(section)));

/** Writes a section over the one that was read; `undefined` when nobody had set anything. */
const write = (after: StoredSettings, before: StoredSettings | undefined): Promise<boolean> =>
  commitOne(
    putItem(
      SettingsEntity.put(after).where(({ revision }, { eq, notExists }) =>
        before ? eq(revision, before.revision) : notExists(revision),
      ),
    ),
  );

/**
 * Changes a section; of two people who change different settings at once, both changes are kept.
 *
 * @throws 409 when others keep changing it; 412 when `ifMatch` is outdated; 422 for settings that contradict each other
 */
export const update = <S extends SectionName>(
  section: S,
  changes: SettingsChanges<S>,
  { full_name }: { readonly full_name: string },
  ifMatch?: IfMatch,
): Promise<SettingsAnswer<S>> =>
  withOptimisticRetry(async () => {
    const before = await find(settingsRequest(section));
    const revision = before?.revision ?? 0;
    requireMatch(revision, ifMatch);
    const { set, remove } = splitChanges<Record<string, unknown>>({ ...changes });
    const values: Record<string, unknown> = { ...before?.values, ...set };
    for (const key of remove) delete values[key];
    const { keep, contradictions } = SECTIONS[section];
    const settings = settingsOf(section, { values });
    const kept = keep?.(settingsOf(section, before), settings);
    const after: StoredSettings = {
      section,
      values: { ...values, ...kept },
      updated_at: new Date().toISOString(),
      updated_by: full_name,
      revision: revision + 1,
    };
    const [contradiction] = contradictions(kept ?? settings);
    if (contradiction) throw unprocessable(contradiction.field, contradiction.message);
    return (await write(after, before)) ? toAnswer(section, after) : RETRY;
  });
