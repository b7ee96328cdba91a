import type { StoredReport } from "../../table/index.ts";
import { buildDocument } from "../document/index.ts";
import { failed, generated } from "../states.ts";
import { fileKey, storeFile } from "../store.ts";
import { type Means, timeOf } from "./means.ts";
import { save, saveGenerated } from "./save.ts";
import { sentenceOf } from "./sentence.ts";

/** How an attempt to generate ended. */
export interface Generated {
  /** As it is stored now; undefined when it belongs to somebody else meanwhile. */
  readonly report: StoredReport | undefined;
  /** The file; undefined when there is none. */
  readonly pdf?: Uint8Array | undefined;
}

/** Loaded only here: fonts and the making of PDFs are larger than all the rest. */
async function printed(report: StoredReport, now: Date): Promise<Uint8Array> {
  const [document, { render }] = await Promise.all([
    buildDocument(report, now),
    import("@success-manager/pdf"),
  ]);
  return render(document);
}

/** Makes the file of a report that the caller holds, and stores both. What goes wrong is noted with the report. */
export async function generating(report: StoredReport, means: Means): Promise<Generated> {
  const file_path = fileKey(report);
  let pdf: Uint8Array;
  try {
    pdf = await printed(report, timeOf(means));
    await storeFile(file_path, pdf);
  } catch (error) {
    means.log(report.id, error);
    const stored = await save(report, failed(report, sentenceOf(error), timeOf(means)));
    if (stored && stored.due_at === undefined) means.givenUp(stored);
    return { report: stored };
  }
  const next = generated(report, { file_path, file_size: pdf.length }, timeOf(means));
  return { report: await saveGenerated(report, next), pdf };
}
