/**
 * Reading what stands in the table for what it should be. Only our own entities write there; a row that came about in
 * another way must not take everybody's lists with it. Each reader answers what it was given.
 */

/** @throws a sentence for people, without the value */
function unreadable(name: string, wanted: string): never {
  throw new Error(`${name} is not ${wanted}`);
}

export const text = (read: string, name: string): string =>
  typeof read === "string" ? read : unreadable(name, "a text");

export const maybeText = (read: string | undefined, name: string): string | undefined =>
  read === undefined ? read : text(read, name);

export const number = (read: number, name: string): number =>
  typeof read === "number" ? read : unreadable(name, "a number");

export const maybeNumber = (read: number | undefined, name: string): number | undefined =>
  read === undefined ? read : number(read, name);

export const flag = (read: boolean, name: string): boolean =>
  typeof read === "boolean" ? read : unreadable(name, "true or false");

export const texts = (read: string[], name: string): string[] =>
  Array.isArray(read) && read.every((one) => typeof one === "string")
    ? read
    : unreadable(name, "a list of texts");

export const record = <R extends object>(read: R, name: string): R =>
  typeof read === "object" && read !== null ? read : unreadable(name, "a record");

/**
 * Reads one of some words, as the code has it: comparing another copy goes through its letters, and using it as a key
 * looks it up first.
 */
export function word<W extends string>(words: readonly W[]) {
  const own = new Map<string, W>(words.map((word) => [word, word]));
  return (read: W, name: string): W => own.get(read) ?? unreadable(name, `one of ${words.join(", ")}`);
}
