import { SECTIONS, type SectionName, type SettingsBySection } from "@success-manager/contract/settings";
import { find, getRequest, SettingsEntity, type StoredSettings } from "../table/index.ts";

/** How rules, jobs and mails get the settings that they go by. */

/** A section to read in a batch; `settingsOf` makes settings of what is found. */
export const settingsRequest = (section: SectionName) => getRequest(SettingsEntity, section);

/** A section's settings: what is stored, and the default of each that nobody has set. */
export const settingsOf = <S extends SectionName>(
  section: S,
  stored: Pick<StoredSettings, "values"> | undefined,
): SettingsBySection[S] => SECTIONS[section].read(stored?.values);

/** A section's settings as of now, in one read of one unit. */
export const loadSettings = async <S extends SectionName>(section: S): Promise<SettingsBySection[S]> =>
  settingsOf(section, await find(settingsRequest(section)));
