import { groups } from "@success-manager/contract";
import { docs } from "@success-manager/contract/docs";
import { createOpenApiDocument } from "@success-manager/contract/openapi";
import release from "../../package.json" with { type: "json" };
import { redocPage, swaggerPage } from "./docs/page.ts";
import { serve } from "./site/serve.ts";
import { compress, sendAsset, staticAssets } from "./site/static-asset.ts";

const { version } = release;

/** Kept for the life of the container: the description depends on the code alone. */
let description: ReturnType<typeof compress> | undefined;
const openapi = () => {
  description ??= compress("openapi.json", JSON.stringify(createOpenApiDocument(groups, { version })));
  return description;
};

const files = staticAssets(`${import.meta.dirname}/assets`, "/docs/assets");

export const handler = serve(docs, {
  home: () => ({
    status: 302,
    headers: { location: "/docs", "content-type": "text/html; charset=utf-8" },
    body: "",
  }),
  swagger: () => swaggerPage(files),
  redoc: () => redocPage(files),
  asset: ({ params, meta }) => files.answer(params.file, meta.headers),
  openapi: ({ meta }) => sendAsset(openapi(), meta.headers, "no-cache"),
  health: () => ({ status: "healthy" as const, version }),
});
