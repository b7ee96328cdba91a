import * as z from "zod";
import type { Pool } from "../functions/pool.ts";
import { type Assembly, type Resource, resourcesOf } from "../template/assembly.ts";
import type { Resolver } from "../template/resolver.ts";
import { type Cors, CorsConfiguration } from "./cors.ts";
import { createRouteSelection, type RouteSelection } from "./route-selection.ts";

/** The template's HTTP API: which function answers which request. */
export type ApiDefinition = {
  readonly id: string;
  readonly cors: Cors | undefined;
  readonly select: RouteSelection<Pool>;
};

const Api = z.object({ ProtocolType: z.literal("HTTP"), CorsConfiguration: CorsConfiguration.optional() });
const Route = z.object({ ApiId: z.string(), RouteKey: z.string(), Target: z.string() });
const Integration = z.object({
  IntegrationType: z.literal("AWS_PROXY"),
  IntegrationUri: z.string(),
  PayloadFormatVersion: z.literal("2.0"),
});

/**
 * Reads the HTTP API with its routes and integrations. Undefined when the template has none; throws when it
 * has several, or a route without a function: one gateway stands for one API.
 */
export function apiOf(
  assembly: Assembly,
  resolver: Resolver,
  poolOf: (arn: string) => Pool | undefined,
): ApiDefinition | undefined {
  const [api, ...others] = resourcesOf(assembly, "AWS::ApiGatewayV2::Api");
  if (api === undefined) return undefined;
  if (others.length > 0) throw new Error(`one HTTP API can run here, the template has ${others.length + 1}`);
  const { CorsConfiguration: cors } = resolver.properties(api, Api);
  const integrations = new Map(
    resourcesOf(assembly, "AWS::ApiGatewayV2::Integration").map((item) => [resolver.refOf(item), item]),
  );

  function poolFor(route: Resource, target: string): Pool {
    const integration = integrations.get(target.replace(/^integrations\//, ""));
    if (integration === undefined) throw new Error(`${route.stack}/${route.id}: no integration ${target}`);
    const uri = resolver.properties(integration, Integration).IntegrationUri;
    const pool = poolOf(functionArnIn(uri));
    if (pool === undefined) throw new Error(`${integration.stack}/${integration.id}: no function ${uri}`);
    return pool;
  }

  const routes = resourcesOf(assembly, "AWS::ApiGatewayV2::Route").map((resource) => {
    const { RouteKey, Target } = resolver.properties(resource, Route);
    return { key: RouteKey, target: poolFor(resource, Target) };
  });
  return { id: resolver.refOf(api), cors, select: createRouteSelection(routes) };
}

/** An integration names the function by its ARN, or by an API Gateway ARN that wraps it. */
function functionArnIn(uri: string): string {
  return /functions\/(arn:.*)\/invocations$/.exec(uri)?.[1] ?? uri;
}
