import * as z from "zod";
import { get, rawResponse } from "./dsl/endpoint.ts";
import { group } from "./dsl/group.ts";

const document = rawResponse("application/json");

export const docs = group(
  "docs",
  "This description, and a sign of life",
  {
    home: get("/", {
      summary: "On to the docs",
      access: "public",
      returns: rawResponse("text/html", 302),
    }),
    swagger: get("/docs", { summary: "Try the API", access: "public", returns: rawResponse("text/html") }),
    redoc: get("/redoc", { summary: "Read the API", access: "public", returns: rawResponse("text/html") }),
    asset: get("/docs/assets/{file}", {
      summary: "Scripts and styles of these pages",
      access: "public",
      params: { file: z.string().regex(/^[a-z0-9.-]{1,64}$/, "must be a file name") },
      returns: rawResponse("application/octet-stream"),
      errors: [404],
    }),
    openapi: get("/openapi.json", {
      summary: "OpenAPI 3.1 document",
      access: "public",
      returns: document,
      alias: ["/api/v1/openapi.json"],
    }),
    health: get("/health", {
      summary: "A sign of life",
      access: "public",
      returns: z.object({ status: z.literal("healthy"), version: z.string() }).meta({ id: "Health" }),
    }),
  },
  "",
);
