/** What reports say in English: read with the first report, and by itself, because most need no other language. */
import { type Texts, textsOf } from "./catalogue.ts";
import english from "./report/en.json" with { type: "json" };

export type ReportKey = keyof typeof english;

export const englishReportTexts: Texts<ReportKey> = textsOf("en", english);
