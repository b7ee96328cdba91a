import { docs } from "@success-manager/contract/docs";
import release from "../../package.json" with { type: "json" };
import { redocPage, swaggerPage } from "./docs/page.ts";
import { openServe } from "./site/serve.ts";
import { staticAssets } from "./site/static-asset.ts";

const { version } = release;

const files = staticAssets(`${import.meta.dirname}/assets`, "/docs/assets");

export const handler = openServe()(docs, {
  home: () => ({
    status: 302,
    headers: { location: "/docs", "content-type": "text/html; charset=utf-8" },
    body: "",
  }),
  swagger: () => swaggerPage(files),
  redoc: () => redocPage(files),
  asset: ({ params, meta }) => files.answer(params.file, meta.headers),
  // Made with the bundle (`infra/bundle/assets.ts`). Its address stays, so readers have to ask.
  openapi: ({ meta }) => files.answer("openapi.json", meta.headers, "no-cache"),
  health: () => ({ status: "healthy" as const, version }),
});
