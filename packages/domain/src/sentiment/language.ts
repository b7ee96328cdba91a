import { eld } from "eld/extrasmall";
import { isOpinionWord } from "./lexicon.ts";

/** As much as a language needs to show. */
const CHARACTERS = 1_000;

/** Few letters look alike in related languages: "excellent service" is French as well, a little more. */
const CLOSE = 0.02;

/** What short answers consist of, beside opinions. */
const ENGLISH = new Set(
  `a all am an and app are as at be been but by call communication customer customers did do does everything experience
  for from had has have he help her his i in is it its job just me meeting my no not of on one or our portal product
  quality really release service services session she so software support team thank thanks that the their them they
  this to too tool training update us user users very was we were who with work you your`.split(/\s+/),
);

/** Whether all words are English ones: detectors need more letters than short answers have. */
const isKnown = (text: string) =>
  text
    .toLowerCase()
    .split(/[^\p{L}\p{M}']+/u)
    .every((word) => word === "" || ENGLISH.has(word) || isOpinionWord(word));

/** Whether a text is recognizably English. */
export function isEnglish(text: string): boolean {
  const looked = text.slice(0, CHARACTERS);
  const detected = eld.detect(looked);
  if (detected.language === "en") return true;
  const { en = 0, ...others } = detected.getScores();
  return (en > 0 && Math.max(...Object.values(others)) - en < CLOSE) || isKnown(looked);
}
