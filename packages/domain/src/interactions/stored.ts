import { NO_DUE_DATE, type StoredInteraction } from "../table/index.ts";

type Derived = "follow_up_due" | "performer_key" | "search_key";
type Stamp = "created_at" | "updated_at" | "revision";

/** A contact as it is told; without stamps it counts as written down when it took place. */
export type InteractionInput = Omit<StoredInteraction, Derived | Stamp> &
  Partial<Pick<StoredInteraction, Stamp>>;

/** Completes a contact with what is stored beside it so that lists can find it. */
export const toStoredInteraction = (told: InteractionInput): StoredInteraction => ({
  created_at: told.interaction_date,
  updated_at: told.created_at ?? told.interaction_date,
  revision: 1,
  ...told,
  follow_up_due: told.follow_up_date ?? NO_DUE_DATE,
  performer_key: (told.performed_by_name ?? told.performed_by).toLowerCase(),
  search_key: `${told.subject}\n${told.description}`.toLowerCase(),
});
