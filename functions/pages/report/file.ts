import type { RawReply } from "@success-manager/contract/dsl/endpoint";
import { noticePage } from "./notice.ts";

const gone = () =>
  noticePage({
    status: 404,
    icon: "lost",
    tone: "calm",
    title: "We can’t find this report",
    text: "The address may have been cut off on its way: open the link from your mail again. If it is an old mail, the report is not kept any more.",
  });

/** To the file itself. Its address lets anybody in for a while, so nobody keeps it. */
const seeFile = (location: string): RawReply => ({
  headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store", location },
  body: "The report is at its own address, for five minutes.",
});

/** @param url of the file; undefined when there is none for the holder of the link */
export const filePage = async (url: string | undefined): Promise<RawReply> => (url ? seeFile(url) : gone());
