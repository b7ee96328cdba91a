import { ReportEntity } from "../../table/index.ts";
import { fileName, fileUrl } from "../store.ts";
import { readToken, signerOf } from "./links.ts";

/**
 * Where the file of a mailed report can be loaded for five minutes. Undefined for nobody's link, and for a report that
 * is not kept any more.
 *
 * @throws StoreFailed as `fileUrl`
 */
export async function fileOf(token: string, now = new Date()): Promise<string | undefined> {
  const read = readToken(token);
  if (!read) return undefined;
  const { data: report } = await ReportEntity.get({ id: read.id }).go({ consistent: true });
  const { secret = "", deliveries = [{ recipient: "" }] } = report ?? {};
  const recipients = deliveries.map(({ recipient }) => recipient);
  const holder = signerOf(read.mac, secret, recipients, "file");
  if (!report?.file_path || holder === undefined) return undefined;
  // The table forgets a while after it may.
  if (report.expires_at_epoch * 1000 <= now.getTime()) return undefined;
  return (await fileUrl(report.file_path, fileName(report), now)).url;
}
