import { docs } from "@success-manager/contract/docs";
import { config } from "@success-manager/domain/config";
import release from "../../package.json" with { type: "json" };
import { redocPage, swaggerPage } from "./docs/page.ts";
import { openServe } from "./site/serve.ts";
import { staticAssets } from "./site/static-asset.ts";

const { version } = release;

/** The document is made with the bundle (`infra/bundle/assets.ts`), for all stages; whom to ask is the stage's. */
function withContact(document: string): string {
  const { API_CONTACT } = config();
  if (!API_CONTACT) return document;
  const described = JSON.parse(document);
  described.info.contact = JSON.parse(API_CONTACT);
  return JSON.stringify(described);
}

const files = staticAssets(`${import.meta.dirname}/assets`, "/docs/assets", {
  "openapi.json": withContact,
});

export const handler = openServe()(docs, {
  home: () => ({
    status: 302,
    headers: { location: "/docs", "content-type": "text/html; charset=utf-8" },
    body: "",
  }),
  swagger: () => swaggerPage(files),
  redoc: () => redocPage(files),
  asset: ({ params, meta }) => files.answer(params.file, meta.headers),
  // Its address stays, so readers have to ask.
  openapi: ({ meta }) => files.answer("openapi.json", meta.headers, "no-cache"),
  health: () => ({ status: "healthy" as const, version }),
});
