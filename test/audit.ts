// npm run audit: known advisories of the packages in package-lock.json, against those that docs/advisories.json accepts.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import * as z from "zod";

/** An advisory that we live with for a while. */
export const Accepted = z.strictObject({
  /** As GitHub names it. */
  id: z.string().regex(/^GHSA(-[23456789cfghjmpqrvwx]{4}){3}$/),
  package: z.string().min(1),
  /** Why it does no harm here, and what will end it. */
  reason: z.string().min(20),
  /** The last day on which it is accepted. */
  expires: z.iso.date(),
});
export type Accepted = z.infer<typeof Accepted>;

/** What `npm audit --json` prints (npm 7 and newer), as far as it is read. */
const Report = z.object({
  auditReportVersion: z.literal(2),
  vulnerabilities: z.record(
    z.string(),
    z.object({
      via: z.array(
        z.union([
          // Of a package that it needs.
          z.string(),
          z.object({
            name: z.string(),
            title: z.string(),
            url: z.string(),
            severity: z.string(),
            range: z.string(),
          }),
        ]),
      ),
    }),
  ),
});

export interface Verdict {
  /** Whether the registry could be asked. */
  readonly available: boolean;
  /** A line for each advisory that nobody has accepted, or not any more. */
  readonly open: readonly string[];
  readonly accepted: readonly string[];
  /** Acceptances of what is no longer found. */
  readonly obsolete: readonly string[];
}

/**
 * @param printed by `npm audit --json`
 * @param today `YYYY-MM-DD`
 * @throws for what is neither a report nor npm's word that there is none
 */
export function judge(printed: string, acceptances: readonly Accepted[], today: string): Verdict {
  const parsed: unknown = JSON.parse(printed);
  const isRefusal = typeof parsed === "object" && parsed !== null && !("auditReportVersion" in parsed);
  if (isRefusal && ("error" in parsed || "message" in parsed))
    return { available: false, open: [], accepted: [], obsolete: [] };
  const { vulnerabilities } = Report.parse(parsed);
  const found = Object.values(vulnerabilities).flatMap(({ via }) =>
    via.filter((one) => typeof one === "object"),
  );
  const idOf = (url: string) => url.split("/").at(-1) ?? url;
  const unique = new Map(found.map((one) => [`${idOf(one.url)} ${one.name}`, one]));
  const [open, accepted]: [string[], string[]] = [[], []];
  for (const { url, name, severity, title, range } of unique.values()) {
    const known = acceptances.find((one) => one.id === idOf(url) && one.package === name);
    const line = `${idOf(url)} ${name} ${range} (${severity}): ${title}`;
    if (known === undefined) open.push(line);
    else if (known.expires < today) open.push(`${line}; accepted until ${known.expires}`);
    else accepted.push(`${line}; until ${known.expires}: ${known.reason}`);
  }
  const obsolete = acceptances.filter((one) => !unique.has(`${one.id} ${one.package}`)).map(({ id }) => id);
  return { available: true, open, accepted, obsolete };
}

function main(): number {
  const accepted = z
    .array(Accepted)
    .parse(JSON.parse(readFileSync(new URL("../docs/advisories.json", import.meta.url), "utf8")));
  const { stdout } = spawnSync("npm", ["audit", "--json"], {
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  const verdict = judge(
    stdout || '{"message":"npm audit printed nothing"}',
    accepted,
    new Date().toISOString().slice(0, 10),
  );
  if (!verdict.available) {
    const { message = "no reason given" } = JSON.parse(stdout || "{}");
    console.log(`The registry has not been asked: ${message}`);
    console.log(
      "So nothing is known about advisories. This is no failure: run it again where the registry answers.",
    );
    return 0;
  }
  for (const line of verdict.accepted) console.log(`accepted  ${line}`);
  for (const line of verdict.obsolete) console.log(`obsolete  ${line}: remove it from docs/advisories.json`);
  for (const line of verdict.open) console.error(`open      ${line}`);
  console.log(`${verdict.open.length} open, ${verdict.accepted.length} accepted`);
  return verdict.open.length === 0 ? 0 : 1;
}

if (import.meta.main) process.exitCode = main();
