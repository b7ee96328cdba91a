import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Served } from "../cloud.ts";
import type { Row } from "../measure/timed.ts";
import { byPackage, hottest } from "./hottest.ts";
import { busyMs, type Profile } from "./profile.ts";
import { bundleOf, mapOf, readable } from "./readable.ts";

const FUNCTIONS_SHOWN = 25;
const PACKAGES_SHOWN = 12;
/** Functions that hardly had anything to do meanwhile are left out. */
const LEAST_SHARE = 0.02;

/** Profiles what functions do, if that is wished for. */
export interface Profiler {
  readonly wanted: boolean;
  /** Profiles the functions of a cloud for as long as `use` takes; the profiles get the name. */
  during<T>(cloud: Served, name: string, use: () => Promise<T>): Promise<T>;
  /** Where time went in all that was profiled, as tables with their titles. */
  tables(): ReadonlyMap<string, readonly Row[]>;
}

const isWorthIt = (profile: Profile) =>
  busyMs(profile) * 1000 > LEAST_SHARE * (profile.endTime - profile.startTime);

/** `GET /customers/{id}` → `GET-customers-id` */
const fileName = (name: string) => name.replaceAll(/[^\w=]+/g, "-").replaceAll(/^-|-$/g, "");

/** Leaves functions alone. */
export const unprofiled: Profiler = { wanted: false, during: (_, __, use) => use(), tables: () => new Map() };

/** @param folder for the profiles; without one, nothing is profiled */
export function profilerInto(folder: string | undefined): Profiler {
  if (folder === undefined) return unprofiled;
  mkdirSync(folder, { recursive: true });
  const all: Profile[] = [];

  function keep(name: string, ofFunction: string, file: string): void {
    const raw: Profile = JSON.parse(readFileSync(file, "utf8"));
    if (!isWorthIt(raw)) return;
    const bundle = bundleOf(ofFunction);
    const profile = bundle ? readable(raw, mapOf(bundle), bundle) : raw;
    writeFileSync(
      join(folder ?? "", `${fileName(`${name} ${bundle ?? ofFunction}`)}.cpuprofile`),
      JSON.stringify(profile),
    );
    all.push(profile);
  }
  return {
    wanted: true,
    async during(cloud, name, use) {
      const taken = mkdtempSync(join(tmpdir(), "profiles-"));
      await cloud.profile();
      try {
        return await use();
      } finally {
        for (const one of await cloud.profiled(taken)) keep(name, one.function, one.file);
        rmSync(taken, { recursive: true });
      }
    },
    tables() {
      const hot = hottest(all);
      const total = hot.reduce((sum, { ms }) => sum + ms, 0);
      const share = (ms: number) => (100 * ms) / total;
      const functions = hot.slice(0, FUNCTIONS_SHOWN).map(({ name, where, package: of, ms }) => ({
        function: name,
        where,
        package: of,
        "self ms": ms,
        "%": share(ms),
      }));
      const packages = byPackage(hot).slice(0, PACKAGES_SHOWN);
      return new Map<string, readonly Row[]>([
        ["functions by self time", functions],
        [
          "self time by package",
          packages.map(({ package: of, ms }) => ({ package: of, "self ms": ms, "%": share(ms) })),
        ],
      ]);
    },
  };
}
