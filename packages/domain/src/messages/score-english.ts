/** Why a score moved, in English: read by itself, because alerts say it in no other language. */
import { type Texts, textsOf } from "./catalogue.ts";
import english from "./score/en.json" with { type: "json" };

export type ScoreKey = keyof typeof english;

export const englishScoreTexts: Texts<ScoreKey> = textsOf("en", english);
