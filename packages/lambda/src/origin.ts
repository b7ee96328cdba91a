/**
 * The address under which people reach the API: the setting `PUBLIC_URL` for a domain of its own, else the gateway's
 * name. That name is the gateway's own knowledge; `Host` and `X-Forwarded-*` are whatever a caller sends, and would
 * end up in mails to customers.
 *
 * @param domainName from the gateway's event; with a port when it is the local gateway, which speaks plain HTTP
 */
export function originOf(domainName: string, publicUrl = process.env.PUBLIC_URL): string {
  if (publicUrl) return publicUrl;
  return `${/:\d+$/.test(domainName) ? "http" : "https"}://${domainName}`;
}
