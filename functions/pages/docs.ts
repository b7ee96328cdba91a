import { groups } from "@success-manager/contract";
import { docs } from "@success-manager/contract/docs";
import { createOpenApiDocument } from "@success-manager/contract/openapi";
import release from "../../package.json" with { type: "json" };
import { redocPage, swaggerPage } from "./docs/page.ts";
import { assets } from "./site/assets.ts";
import { pack } from "./site/packed.ts";
import { send } from "./site/send.ts";
import { serve } from "./site/serve.ts";

const { version } = release;

/** Kept for the life of the container: the description depends on the code alone. */
let description: ReturnType<typeof pack> | undefined;
const openapi = () => {
  description ??= pack("openapi.json", JSON.stringify(createOpenApiDocument(groups, { version })));
  return description;
};

const files = assets(`${import.meta.dirname}/assets`, "/docs/assets");

export const handler = serve(docs, {
  swagger: () => swaggerPage(files),
  redoc: () => redocPage(files),
  asset: ({ params, meta }) => files.answer(params.file, meta.headers),
  openapi: ({ meta }) => send(openapi(), meta.headers, "no-cache"),
  health: () => ({ status: "healthy" as const, version }),
});
