/** `a…@example.com`: enough for its owner to know which, and no address for anybody who finds the link. */
export function masked(address: string): string {
  const at = address.lastIndexOf("@");
  const [first = ""] = address;
  return `${at > 1 ? first : ""}…${address.slice(at)}`;
}
