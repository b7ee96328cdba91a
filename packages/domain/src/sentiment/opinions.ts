import type { Sentiment } from "@success-manager/contract/vocabulary";
import { isEnglish } from "./language.ts";
import {
  BOOSTERS,
  DEALT_WITH,
  EXCESS,
  IDIOMS,
  MENTIONED,
  NEGATION_ENDS,
  NEGATORS,
  OPINIONS,
  type Opinion,
  RECURRENT,
  RESOLVED,
  RESOLVING,
  SEVERE,
  TROUBLE,
  WISHES,
  WORK_WITH,
  WORKED_ON,
} from "./lexicon.ts";

/** What a text praises (`+`) or complains about (`-`). */
export interface Theme {
  readonly sign: "+" | "-";
  readonly words: string;
}

/** An opinion in its place, after negation. */
interface Finding {
  readonly sign: "+" | "-";
  /** 0: a theme, and no evidence of a mood. */
  readonly strength: 0 | 1 | 2;
  readonly theme?: string | undefined;
  /** Whether it can be the topic of a note as well: an outage, something slow. */
  readonly isTopic: boolean;
  /** Whether it stands before what it says it of, and may be a kind of thing: an angry customer scenario. */
  readonly isKind?: boolean;
}

/** What of a text is looked at, so that no text costs much time. */
const CHARACTERS = 10_000;
/** An item has to hold the themes of all answers of a month. */
const THEMES = 20;
/** From so much evidence on: one strong word, or two others. */
const ENOUGH = 2;

/** How many words a "not" reaches, and a "would". */
const NEGATION_REACH = 5;
const WISH_REACH = 4;

/** `couldn't be happier`, `could not have asked for better` */
const NO_BETTER =
  /\b(?:can't|cannot|can not|couldn't|could not) (?:have )?(?:be|been|get|ask(?:ed)? for|wish(?:ed)? for|imagined?|hoped? for)(?: any| a| an| much)? (more |better|worse|\w+ier|\w+er)\b ?(\w+)?/g;

const wordsOf = (text: string): string[] => text.match(/[\p{L}\p{M}\p{N}_]+(?:'\p{L}+)?/gu) ?? [];

/** Parts of a sentence, in which a "not" or a "would" holds. */
const clausesOf = (sentence: string) =>
  sentence.split(/[,:()[\]"“”„«»–—/|]+|\s-+\s|\b(?:but|however|although|though|whereas)\b/i);

/** Other questions are about what may be. */
const COMPLAINING_QUESTION = /^\s*(why|how come)\b/i;

/** Names that end in what companies end in. */
const COMPANY =
  /(?:\p{Lu}[\p{L}\p{M}&'-]* ){1,5}(?:Ltd|Limited|Inc|Corp|LLC|LLP|PLC|plc|GmbH|AG|SE|KG|SA|SpA|SRL|BV|AB|Co|Group|Holding)\b\.?/gu;

const isCapitalized = (word = "") => /^\p{Lu}\p{Ll}/u.test(word);

/** Hides names such as Happy Foods: capital letters side by side, where others are small. */
function withoutNames(sentence: string): string {
  const words = wordsOf(sentence);
  const capitals = words.filter(isCapitalized).length;
  if (capitals < 2 || capitals > words.length / 2) return sentence;
  let n = -1;
  return sentence.replace(/[\p{L}\p{M}\p{N}_]+(?:'\p{L}+)?/gu, (word) => {
    n += 1;
    const besides = isCapitalized(words[n + 1]) || (n > 1 && isCapitalized(words[n - 1]));
    return isCapitalized(word) && besides ? "_" : word;
  });
}

const opinionAt = (words: readonly string[], n: number): Opinion | undefined => {
  const word = words[n] ?? "";
  if (word === "like" || word === "likes" || word === "liked") return likingAt(words, n);
  return OPINIONS.get(word);
};

/** People like things; other things are like others. */
const LIKING: Opinion = { sign: "+", strength: 2, theme: "like", judges: true };
const ADVERB =
  /^(really|also|all|do|did|does|especially|particularly|very|much|still|don't|didn't|doesn't|not|never)$/;
const PEOPLE =
  /^(they|we|i|you|users|people|customers|clients|admins|colleagues|everybody|everyone|who|teams|which)$/;

function likingAt(words: readonly string[], n: number): Opinion | undefined {
  let before = n - 1;
  while (ADVERB.test(words[before] ?? "")) before -= 1;
  const subject = words[before] ?? "";
  if (WISHES.has(subject) || WISHES.has(words[before + 1] ?? "")) return undefined;
  return words[n] !== "like" || PEOPLE.test(subject) ? LIKING : undefined;
}

/** Takes fixed expressions out of a clause, with what they say. */
function takeIdioms(clause: string, findings: Finding[]): string {
  let rest = clause;
  for (const mentioned of MENTIONED) rest = rest.replace(mentioned, " _ ");
  rest = rest.replace(NO_BETTER, (whole, comparative: string, next = "") => {
    const word = comparative === "more " ? next : comparative;
    const opinion = OPINIONS.get(word);
    if (!opinion) return whole;
    findings.push({ sign: opinion.sign, strength: 2, theme: opinion.theme, isTopic: false });
    return " _ ";
  });
  for (const [pattern, sign, strength, theme] of IDIOMS)
    rest = rest.replace(pattern, () => {
      if (sign !== "") findings.push({ sign, strength, theme, isTopic: sign === "-" && strength === 1 });
      return " _ ";
    });
  return rest;
}

/** What holds for each word of a clause: whether it is negated, and whether it is only wished or possible. */
function moods(words: readonly string[]) {
  let [negation, wish] = [0, 0];
  return words.map((word, n) => {
    const mood = { negated: negation > 0, wished: wish > 0 };
    [negation, wish] = [negation - 1, wish - 1];
    const next = words[n + 1];
    if (NEGATION_ENDS.has(word)) [negation, wish] = [0, 0];
    else if (NEGATORS.has(word) && next !== "only" && next !== "just") negation = NEGATION_REACH;
    else if (WISHES.has(word)) wish = WISH_REACH;
    return mood;
  });
}

/** What makes a statement of an adjective. */
const BEING =
  /^(is|are|was|were|am|be|been|being|feels?|felt|gets?|got|becomes?|became|seems?|seemed|remains?|i'm|they're|we're|he's|she's|it's)$/;

function findOpinion(
  opinion: Opinion,
  previous: readonly string[],
  { negated, wished }: { readonly negated: boolean; readonly wished: boolean },
): Finding | undefined {
  const { sign, theme, judges } = opinion;
  const isKind = !previous.some((word) => BEING.test(word));
  const before = previous.at(-1) ?? "";
  const isBoosted = BOOSTERS.has(before) || (sign === "-" && EXCESS.has(before));
  const strength = isBoosted ? 2 : opinion.strength;
  if (!negated)
    return wished ? undefined : { sign, strength, theme, isTopic: sign === "-" && strength < 2, isKind };
  // "Not bad" is no praise worth counting.
  if (sign === "-") return undefined;
  return { sign: "-", strength: judges ? 2 : 1, theme: `not ${theme}`, isTopic: !judges };
}

/** Whether an outage is one that somebody had, again and again or in earnest, and not a thing to work with. */
function findTrouble(words: readonly string[], n: number): Finding | undefined {
  if (WORK_WITH.has(words[n + 1] ?? "")) return undefined;
  const [before, after] = [words.slice(Math.max(0, n - 3), n), words.slice(n + 1, n + 3)];
  const amount = before.join(" ");
  const isCause = /\b(because of|due to|caused by)\b/.test(words.slice(Math.max(0, n - 4), n).join(" "));
  const isSevere =
    before.some((word) => SEVERE.has(word)) ||
    /\b(too (many|much)|lots of|full of|lot of|so many)\b/.test(amount) ||
    after.some((word) => RECURRENT.has(word));
  return {
    sign: "-",
    strength: isSevere ? 2 : isCause ? 1 : 0,
    theme: TROUBLE.get(words[n] ?? ""),
    isTopic: true,
  };
}

function findingsOfClause(clause: string): Finding[] {
  const findings: Finding[] = [];
  const words = wordsOf(takeIdioms(clause, findings));
  const mood = moods(words);
  const holds = (set: ReadonlySet<string>) => words.some((word, n) => set.has(word) && !mood[n]?.negated);
  words.forEach((word, n) => {
    const state = mood[n] ?? { negated: false, wished: false };
    const opinion = opinionAt(words, n);
    if (opinion) {
      // Failing tests and wrong numbers are what a note is about, unless it calls something failing or wrong.
      const isAttribute = opinion.sign === "-" && opinion.strength === 1 && WORK_WITH.has(words[n + 1] ?? "");
      const found = isAttribute ? undefined : findOpinion(opinion, words.slice(Math.max(0, n - 3), n), state);
      if (found) findings.push(found);
    } else if (TROUBLE.has(word) && !state.negated && !state.wished && !holds(RESOLVING)) {
      const found = findTrouble(words, n);
      if (found) findings.push(found);
    }
  });
  const [isDealtWith, isWorkedOn] = [holds(DEALT_WITH) || holds(RESOLVED), holds(WORKED_ON)];
  const told = findings.filter(
    ({ sign, isTopic, isKind }) => sign === "+" || !((isDealtWith && isTopic) || (isWorkedOn && isKind)),
  );
  const isRepeated = words.some((word) => RECURRENT.has(word));
  const hasComplaint = told.some(({ sign, strength }) => sign === "-" && strength === 1);
  return isRepeated && hasComplaint ? [...told, { sign: "-", strength: 1, isTopic: true }] : told;
}

/** What a text says, sentence by sentence. */
function findingsOf(text: string): Finding[] {
  const sentences =
    text
      .slice(0, CHARACTERS)
      .replaceAll("’", "'")
      .replace(COMPANY, "_")
      .match(/[^.!?;\n]+(?:[.!?;\n]+|$)/g) ?? [];
  return sentences.flatMap((sentence) => {
    const findings = clausesOf(withoutNames(sentence)).flatMap((clause) =>
      findingsOfClause(clause.toLowerCase().replace(/\s+/g, " ")),
    );
    return sentence.includes("?") && !COMPLAINING_QUESTION.test(sentence) ? [] : findings;
  });
}

const evidence = (findings: readonly Finding[], sign: Finding["sign"]): number =>
  findings.reduce((sum, finding) => sum + (finding.sign === sign ? finding.strength : 0), 0);

/**
 * How something went, by the words of texts about it (decision 26). Neutral unless there is evidence: one strong word or
 * two others, after negation. Texts that are not recognizably English say nothing.
 */
export function sentimentOf(...texts: readonly string[]): Sentiment {
  const findings = texts.flatMap((text) => {
    const found = findingsOf(text);
    return found.length > 0 && isEnglish(text) ? found : [];
  });
  const [praise, complaints] = [evidence(findings, "+"), evidence(findings, "-")];
  if (complaints >= ENOUGH && complaints > praise) return "negative";
  return praise >= ENOUGH && praise > complaints ? "positive" : "neutral";
}

/**
 * The themes of what a customer wrote, each once however often and in which form it comes, 20 at most. A trouble that
 * was solved is no complaint. Texts that are not recognizably English have none.
 */
export function themesOf(text: string): Theme[] {
  const found = new Map<string, Theme>();
  for (const { sign, theme } of findingsOf(text))
    if (theme !== undefined) found.set(`${sign}${theme}`, { sign, words: theme });
  if (found.size === 0 || !isEnglish(text)) return [];
  return [...found.values()].slice(0, THEMES);
}
