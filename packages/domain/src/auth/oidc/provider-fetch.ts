/** How a provider of log-ins is asked: over TLS, at public addresses alone, and no longer or more than it may take. */
import { lookup } from "node:dns";
import { request as requestPlain } from "node:http";
import { request as requestTls } from "node:https";
import { BlockList, isIP, type LookupFunction } from "node:net";

/** Entra's keys, the longest answer known, have some 20 KB. */
const MAX_BYTES = 256 * 1024;

/** A provider that can't be asked, or answers nothing of use: another attempt may help. */
export class ProviderUnavailable extends Error {
  override readonly name = "ProviderUnavailable";
}

/** IANA's special-purpose registries (RFC 6890): what is in there is this machine, its network, or nobody. */
const SPECIAL = [
  ...["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"],
  ...["192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15"],
  ...["198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"],
  // Of the public ones: Teredo and other protocols', documentation, 6to4, which leads to any IPv4 address.
  ...["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"],
];
/** All of the public internet's IPv6. */
const GLOBAL_UNICAST = ["2000::/3"];

function listOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [network = "", prefix] = range.split("/");
    list.addSubnet(network, Number(prefix), network.includes(":") ? "ipv6" : "ipv4");
  }
  return list;
}

let special: BlockList | undefined;
let globalUnicast: BlockList | undefined;

/** Whether an IP address is one of the public internet. */
export function isPublicAddress(address: string): boolean {
  special ??= listOf(SPECIAL);
  globalUnicast ??= listOf(GLOBAL_UNICAST);
  const family = isIP(address);
  if (family === 4) return !special.check(address, "ipv4");
  return family === 6 && globalUnicast.check(address, "ipv6") && !special.check(address, "ipv6");
}

const refuse = (host: string) => new ProviderUnavailable(`${host} is not at a public address`);

/** Resolves a name once, for the connection itself, so that what is checked is what is connected to. */
const lookupPublic: LookupFunction = (hostname, options, callback) =>
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, "", 0);
    const [first] = addresses;
    if (first === undefined || !addresses.every(({ address }) => isPublicAddress(address)))
      return callback(refuse(hostname), "", 0);
    return options.all ? callback(null, addresses) : callback(null, first.address, first.family);
  });

/** What is asked of `fetch` by openid-client and jose. */
interface Asked {
  readonly method?: string | undefined;
  readonly headers?: ConstructorParameters<typeof Headers>[0];
  readonly body?: unknown;
  readonly signal?: AbortSignal | null | undefined;
}

/**
 * `fetch` for a provider. Follows no redirects.
 *
 * @param local whether the provider may be on this machine, and without TLS
 * @param answerMs how long it may take, from the look-up of its name to the last byte
 * @throws ProviderUnavailable
 */
export const providerFetch =
  (local: boolean, answerMs: number) =>
  async (address: string | URL, { method = "GET", headers, body, signal }: Asked = {}): Promise<Response> => {
    const url = new URL(address);
    const host = url.hostname.replace(/^\[|\]$/g, "");
    if (!local && url.protocol !== "https:") throw new ProviderUnavailable(`${url.origin} is without TLS`);
    // Names alone are looked up.
    if (!local && isIP(host) !== 0 && !isPublicAddress(host)) throw refuse(host);
    const late = AbortSignal.timeout(answerMs);
    const send = url.protocol === "https:" ? requestTls : requestPlain;
    try {
      return await new Promise<Response>((resolve, reject) => {
        const request = send(url, {
          method,
          headers: Object.fromEntries(new Headers(headers)),
          signal: signal ? AbortSignal.any([late, signal]) : late,
          // Each connection is checked anew.
          agent: false,
          ...(!local && { lookup: lookupPublic }),
        });
        request.on("error", reject);
        request.on("response", (response) => {
          const chunks: Buffer[] = [];
          let size = 0;
          response.on("error", reject);
          response.on("data", (chunk: Buffer) => {
            size += chunk.length;
            if (size > MAX_BYTES) request.destroy(new ProviderUnavailable("its answer is too long"));
            else chunks.push(chunk);
          });
          response.on("end", () => {
            const status = response.statusCode ?? 502;
            const type = response.headers["content-type"];
            const bytes = [204, 205, 304].includes(status) ? null : Buffer.concat(chunks);
            resolve(new Response(bytes, { status, ...(type && { headers: { "content-type": type } }) }));
          });
        });
        request.end(body === undefined || body === null ? undefined : String(body));
      });
    } catch (error) {
      if (error instanceof ProviderUnavailable) throw error;
      throw new ProviderUnavailable(`${url.origin} could not be asked`, { cause: error });
    }
  };
