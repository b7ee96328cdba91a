import { uniqueForm } from "@success-manager/contract/text";
import type { StoredCustomer, TeamMember } from "../table/index.ts";

/**
 * Managers are people, not names: who is linked by id is that user, and a text that names exactly one active user means
 * that user too. Any other text stands for somebody without an account, however it is spelled; two users of one name
 * stay two people.
 */

const forms = new Map<string, string>();
/** What people write there may be something else for every customer. */
const MAX_FORMS = 10_000;

/** The form in which two spellings of a name are the same: as company names are compared (decision 8). */
export function nameForm(name: string): string {
  const known = forms.get(name);
  if (known !== undefined) return known;
  const form = uniqueForm(name);
  if (forms.size >= MAX_FORMS) forms.clear();
  forms.set(name, form);
  return form;
}

type Managed = Pick<StoredCustomer, "account_manager_id" | "account_manager">;

/** The users of the team, by id and by name. */
export function createTeam() {
  const byId = new Map<string, TeamMember>();
  const byName = new Map<string, Map<string, TeamMember>>();

  const namesakes = (form: string): Iterable<TeamMember> => byName.get(form)?.values() ?? [];

  /** The one active user of this name; undefined when there is none, or more than one. */
  const named = (name: string): TeamMember | undefined => {
    let found: TeamMember | undefined;
    for (const member of namesakes(nameForm(name))) {
      if (!member.is_active) continue;
      if (found) return undefined;
      found = member;
    }
    return found;
  };

  return {
    byId: byId as ReadonlyMap<string, TeamMember>,
    named,
    /** Who manages a customer: the linked user, else the one whom the text names. */
    managerOf: ({ account_manager_id: id, account_manager: name }: Managed): TeamMember | undefined => {
      if (id !== undefined) return byId.get(id);
      return name === undefined ? undefined : named(name);
    },
    /** A name that tells people apart: with the e-mail address where several users have it. */
    label: ({ full_name, email }: TeamMember): string =>
      (byName.get(nameForm(full_name))?.size ?? 0) > 1 ? `${full_name} (${email})` : full_name,
    /** Stores a member; answers whether a customer's manager may be another now, or bear another name. */
    set(member: TeamMember): (customer: Managed) => boolean {
      const before = byId.get(member.id);
      const changed = new Set([nameForm(member.full_name)]);
      if (before) {
        const form = nameForm(before.full_name);
        changed.add(form);
        byName.get(form)?.delete(member.id);
      }
      byId.set(member.id, member);
      const form = nameForm(member.full_name);
      byName.set(form, (byName.get(form) ?? new Map<string, TeamMember>()).set(member.id, member));
      const people = new Set([member.id]);
      for (const name of changed) for (const { id } of namesakes(name)) people.add(id);
      return ({ account_manager_id: id, account_manager: name }) =>
        id !== undefined ? people.has(id) : name !== undefined && changed.has(nameForm(name));
    },
  };
}

export type Team = Pick<ReturnType<typeof createTeam>, "managerOf" | "label">;
