import type { BarChart, Tone } from "@success-manager/pdf/document";
import type { Theme } from "../../../counters/themes.ts";
import { numberText } from "../wording.ts";

/** How many comments are taken apart, the newest: each takes a moment. */
export const LOOKED_AT = 1_000;

/** How many words of each kind are shown. */
const SHOWN = 8;

/** A word that comes once may be anything: "nobody feels responsible" is no praise. */
const LEAST = 2;

/** What comments praise and complain about: words of several of them, and in how many they come, most frequent first. */
export async function themesIn(comments: readonly string[]) {
  // The lexicon is large, and nobody else who loads the reports needs it.
  const { themesOf } = await import("../../../counters/themes.ts");
  const counts = { "+": new Map<string, number>(), "-": new Map<string, number>() };
  for (const comment of comments)
    for (const { sign, words } of themesOf(comment))
      counts[sign].set(words, (counts[sign].get(words) ?? 0) + 1);
  const most = (sign: Theme["sign"]) =>
    [...counts[sign]]
      .filter(([, count]) => count >= LEAST)
      .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
      .slice(0, SHOWN);
  return { praise: most("+"), complaints: most("-") };
}

const bars = (
  title: string,
  tone: Tone,
  words: readonly (readonly [string, number])[],
  max: number,
): BarChart => ({
  kind: "barChart",
  title,
  bars: words.map(([label, value]) => ({ label, value, valueText: numberText(value), tone })),
  max,
});

/** Both kinds on the same scale, so that their bars can be compared. */
export function themeBars({ praise, complaints }: Awaited<ReturnType<typeof themesIn>>): BarChart[] {
  const most = Math.max(...[...praise, ...complaints].map(([, count]) => count));
  return [
    ...(praise.length > 0 ? [bars("Words of praise", "good", praise, most)] : []),
    ...(complaints.length > 0 ? [bars("Words of complaint", "bad", complaints, most)] : []),
  ];
}
