import { groups } from "@success-manager/contract";
import { docs } from "@success-manager/contract/docs";
import { describe } from "@success-manager/contract/openapi";
import { notFound, unauthorized } from "@success-manager/contract/problem";
import { service } from "@success-manager/lambda";
import release from "../../package.json" with { type: "json" };
import { assets } from "./site/assets.ts";
import { pack } from "./site/packed.ts";
import { redocPage, swaggerPage } from "./site/page.ts";
import { send } from "./site/send.ts";

const { version } = release;

/** Kept for the life of the container: the description depends on the code alone. */
let description: ReturnType<typeof pack> | undefined;
const openapi = () => {
  description ??= pack("openapi.json", JSON.stringify(describe(groups, { version })));
  return description;
};

const files = assets(`${import.meta.dirname}/assets`);

/** Everybody may read this: there is nobody to find behind a token. */
const serve = service(() => Promise.reject(unauthorized("Nobody signs in here.")));

export const handler = serve(docs, {
  swagger: () => swaggerPage(files),
  redoc: () => redocPage(files),
  asset: ({ params, meta }) => {
    const file = files.find(params.file);
    if (!file) throw notFound("File");
    return send(file, meta.headers, "public, max-age=31536000, immutable");
  },
  openapi: ({ meta }) => send(openapi(), meta.headers, "no-cache"),
  health: () => ({ status: "healthy" as const, version }),
});
