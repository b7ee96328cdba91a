import type { RawReply } from "@success-manager/contract/dsl/endpoint";
import { html } from "hono/html";
import { assets } from "../site/assets.ts";
import { layout, type Site } from "../site/layout.ts";
import { type Notice as Content, notice } from "../site/notice.ts";

export interface Notice extends Content {
  readonly status: number;
  /** The report that it is about, where the link is known. */
  readonly report_name?: string | undefined;
}

/** The styles and the mark of the pages. */
export const files = assets(`${import.meta.dirname}/assets`, "/report/assets");

const REPORT: Site = { files };

/** A name reads in its own direction, whatever stands beside it. */
const kicker = (name: string | undefined) =>
  name ? html`Report <strong><bdi>${name}</bdi></strong>` : "Success Manager";

/** A page that says one thing. */
export const noticePage = ({ status, report_name, ...said }: Notice): Promise<RawReply> =>
  layout(REPORT, { status, title: said.title, kicker: kicker(report_name), content: notice(said) });
