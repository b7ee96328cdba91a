import { existsSync, readdirSync, readFileSync } from "node:fs";
import { SourceMap, type SourceMapPayload } from "node:module";
import { basename, join } from "node:path";
import type { Frame, Profile } from "./profile.ts";

const KEYWORDS = new Set(["async", "await", "for", "function", "if", "return", "switch", "while"]);

/** What a function is called where it is written, judging by what stands before and behind its place in a line. */
function nameAt(line: string, column: number): string | undefined {
  const assigned = /([\w$]+)\s*[:=]\s*(?:async\s*)?(?:function\b\s*\*?\s*)?$/.exec(line.slice(0, column));
  const declared = /^([\w$]+)\s*(?:<[^(]*>)?\(/.exec(line.slice(column));
  return [assigned?.[1], declared?.[1]].find((name) => name !== undefined && !KEYWORDS.has(name));
}

/** A path from the root of the repository: maps lie two folders below, and name modules that plugins made `a:b`. */
const fromRoot = (source: string) =>
  source.replace(/^(?:\.\.\/)+/, "").replace(/^[^/]*(?:\/[^/:]+)*:(?!\/)/, "");

/** What a bundle does while it is loaded: no function, and of no single source. */
const TOP = "(top level of the bundle)";

interface Sources {
  readonly map: SourceMap;
  readonly contents: ReadonlyMap<string, string>;
  /** The bundle itself: what is in it that is of no source. */
  readonly bundle: string;
}

/** Shows where a function of a minified bundle comes from: its source, its place there, and its name. */
function readableFrame(frame: Frame, { map, contents, bundle }: Sources): Frame {
  const entry = map.findEntry(frame.lineNumber, frame.columnNumber);
  if (!("originalSource" in entry)) return { ...frame, functionName: frame.functionName || TOP, url: bundle };
  const { originalSource, originalLine, originalColumn } = entry;
  const line = contents.get(originalSource)?.split("\n", originalLine + 1)[originalLine] ?? "";
  return {
    ...frame,
    functionName: nameAt(line, originalColumn) ?? frame.functionName,
    url: fromRoot(originalSource),
    lineNumber: originalLine,
    columnNumber: originalColumn,
  };
}

const isBundle = ({ url }: Frame) => url.endsWith("/index.mjs");

/** Shows a profile of a function's bundle as one of its sources. */
export function readable(profile: Profile, payload: SourceMapPayload, bundle: string): Profile {
  const sources: Sources = {
    map: new SourceMap(payload),
    contents: new Map(payload.sources.map((source, i) => [source, payload.sourcesContent[i] ?? ""])),
    bundle: `.build/functions/${bundle}/index.mjs`,
  };
  return {
    ...profile,
    nodes: profile.nodes.map(({ callFrame, ...node }) => ({
      ...node,
      callFrame: isBundle(callFrame) ? readableFrame(callFrame, sources) : callFrame,
    })),
  };
}

const MAPS = ".build/maps";
const ENDING = ".mjs.map";

/** The name of a function's bundle: what the function's own name ends with. Undefined when it has no source map. */
export function bundleOf(functionName: string): string | undefined {
  if (!existsSync(MAPS)) return undefined;
  const names = readdirSync(MAPS).map((file) => basename(file, ENDING));
  return names.find((name) => functionName.endsWith(`-${name}`));
}

/** @param bundle a name from `bundleOf` */
export const mapOf = (bundle: string): SourceMapPayload =>
  JSON.parse(readFileSync(join(MAPS, bundle + ENDING), "utf8"));
