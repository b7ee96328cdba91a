import type { RawReply } from "@success-manager/contract/dsl/endpoint";
import { type Notice as Content, notice } from "../site/notice.ts";
import { layout, type Page } from "./layout.ts";

export type Notice = Content & Omit<Page, "content">;

/** A page that says one thing. */
export const noticePage = ({ status, company, ...said }: Notice): Promise<RawReply> =>
  layout({ status, company, title: said.title, content: notice(said) });
