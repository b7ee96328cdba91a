/**
 * What writes a function's output to the log, each line with the function's short name before it:
 * `success-manager-local-api-customers` prints as `api-customers`. Without a log the text is dropped unread.
 */
export function createFunctionLogger(
  name: string,
  names: readonly string[],
  log: ((line: string) => void) | undefined,
): (text: string) => void {
  if (log === undefined) return () => undefined;
  const short = name.slice(sharedPrefix(names).length);
  return (text) => {
    for (const line of text.trimEnd().split("\n")) log(`[${short}] ${line}`);
  };
}

/** What all names begin with, up to a dash; nothing when there is only one. */
function sharedPrefix(names: readonly string[]): string {
  const [first = "", ...others] = names;
  if (others.length === 0) return "";
  let end = 0;
  while (end < first.length && others.every((name) => name[end] === first[end])) end += 1;
  return first.slice(0, first.lastIndexOf("-", end - 1) + 1);
}
