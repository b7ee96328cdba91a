type Nullable<T> = { [K in keyof T]: T[K] | null | undefined };

/**
 * Splits wire changes into what ElectroDB sets and removes: an absent key stays, null clears (decision 9).
 */
export function changes<T extends object>(wire: Nullable<T>): { set: Partial<T>; remove: (keyof T)[] } {
  const set: Partial<T> = {};
  const remove: (keyof T)[] = [];
  for (const key of Object.keys(wire) as (keyof T)[]) {
    const value = wire[key];
    if (value === null) remove.push(key);
    else if (value !== undefined) set[key] = value as T[keyof T];
  }
  return { set, remove };
}

/** The same values without nulls, as new items are stored. */
export const present = <T extends object>(wire: Nullable<T>): Partial<T> => changes<T>(wire).set;
