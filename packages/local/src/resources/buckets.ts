import * as z from "zod";
import { type Assembly, resourcesOf } from "../template/assembly.ts";
import type { Resolver } from "../template/resolver.ts";

/** A bucket for s3rver: its name and configuration documents in S3's XML. */
export type Bucket = { readonly name: string; readonly configs: readonly string[] };

const Properties = z.object({
  CorsConfiguration: z
    .object({
      CorsRules: z.array(
        z.object({
          AllowedMethods: z.array(z.string()),
          AllowedOrigins: z.array(z.string()),
          AllowedHeaders: z.array(z.string()).default([]),
          ExposedHeaders: z.array(z.string()).default([]),
          MaxAge: z.coerce.number().optional(),
        }),
      ),
    })
    .optional(),
});

/** The template's buckets. Their lifecycle rules are ignored: here files stay until somebody deletes them. */
export function bucketsOf(assembly: Assembly, resolver: Resolver): Bucket[] {
  return resourcesOf(assembly, "AWS::S3::Bucket").map((resource) => {
    const rules = resolver.properties(resource, Properties).CorsConfiguration?.CorsRules ?? [];
    const xml = rules.map((rule) =>
      element("CORSRule", [
        ...rule.AllowedOrigins.map((value) => element("AllowedOrigin", [escaped(value)])),
        ...rule.AllowedMethods.map((value) => element("AllowedMethod", [escaped(value)])),
        ...rule.AllowedHeaders.map((value) => element("AllowedHeader", [escaped(value)])),
        ...rule.ExposedHeaders.map((value) => element("ExposeHeader", [escaped(value)])),
        ...(rule.MaxAge === undefined ? [] : [element("MaxAgeSeconds", [String(rule.MaxAge)])]),
      ]),
    );
    return {
      name: resolver.nameOf(resource),
      configs: xml.length === 0 ? [] : [element("CORSConfiguration", xml)],
    };
  });
}

function element(name: string, content: readonly string[]): string {
  return `<${name}>${content.join("")}</${name}>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
