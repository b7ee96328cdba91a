import { type Frame, isIdle, type Profile, selfTimes } from "./profile.ts";

/** Self time of a function in all profiles, and where it is written. */
export interface Hot {
  readonly name: string;
  readonly where: string;
  /** Of npm, a room of the repository, `node`, or `V8` for what is no JavaScript. */
  readonly package: string;
  readonly ms: number;
}

/** What a file belongs to. */
export function packageOf(url: string): string {
  if (url === "") return "V8";
  if (url.startsWith("node:")) return "node";
  if (url.startsWith("wasm:")) return "wasm";
  const [, ofNpm] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url) ?? [];
  const [, room] = /^(packages\/[^/]+|functions|\.build)\//.exec(url) ?? [];
  const [, ofWorker] = /\/(packages\/[^/]+)\/src\//.exec(url) ?? [];
  return ofNpm ?? room ?? ofWorker ?? url;
}

/** Whatever precedes a package's name, or the repository's rooms, says nothing about a function. */
const placeOf = ({ url, lineNumber }: Frame) =>
  url === ""
    ? ""
    : `${url.replace(/^.*node_modules\//, "").replace(/^file:.*\/(?=packages\/)/, "")}:${lineNumber + 1}`;

/** Functions by the time that was spent in them alone, the longest first. */
export function hottest(profiles: readonly Profile[]): Hot[] {
  const found = new Map<string, { -readonly [K in keyof Hot]: Hot[K] }>();
  for (const profile of profiles) {
    const times = selfTimes(profile);
    for (const { id, callFrame } of profile.nodes) {
      const ms = (times.get(id) ?? 0) / 1000;
      if (ms === 0 || isIdle(callFrame)) continue;
      const [name, where] = [callFrame.functionName || "(anonymous)", placeOf(callFrame)];
      const hot = found.get(`${name} ${where}`) ?? { name, where, package: packageOf(callFrame.url), ms: 0 };
      hot.ms += ms;
      found.set(`${name} ${where}`, hot);
    }
  }
  return [...found.values()].sort((a, b) => b.ms - a.ms);
}

/** The same time by what functions belong to. */
export function byPackage(hot: readonly Hot[]): { readonly package: string; readonly ms: number }[] {
  const groups = Map.groupBy(hot, (one) => one.package);
  return [...groups]
    .map(([name, members]) => ({ package: name, ms: members.reduce((sum, { ms }) => sum + ms, 0) }))
    .sort((a, b) => b.ms - a.ms);
}
