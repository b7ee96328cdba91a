import * as z from "zod";
import { created, del, get, patch, post } from "./dsl/endpoint.ts";
import { group } from "./dsl/group.ts";
import { paging } from "./paging.ts";
import { count, integer, line, message, timestamp, uuid } from "./values.ts";
import { Scope } from "./vocabulary.ts";

/** Which customers a key sees: those that match each list that is named. All others do not exist for it. */
export const CustomerScope = z
  .object({
    account_manager_ids: z.array(uuid).min(1, "must not be empty").max(50).optional().meta({
      description: "Customers whose account manager is one of these users",
    }),
    industries: z
      .array(line(100))
      .min(1, "must not be empty")
      .max(50)
      .optional()
      .meta({ description: "Customers of one of these industries, in any spelling" }),
  })
  .refine((named) => Object.values(named).some((list) => list !== undefined), {
    error: "must name account_manager_ids or industries",
  })
  .meta({ id: "CustomerScope" });
export type CustomerScope = z.infer<typeof CustomerScope>;

const scopes = z
  .array(Scope)
  .min(1, "must not be empty")
  .max(Scope.options.length)
  .transform((named) => Scope.options.filter((scope) => named.includes(scope)))
  .meta({
    override: { type: "array", minItems: 1, items: { type: "string", enum: [...Scope.options] } },
  });

const MAX_DAYS = 365;
const days = integer(1, MAX_DAYS);

export const NewApiKey = z
  .object({
    name: line(100),
    scopes,
    customers: CustomerScope.nullish(),
    expires_in_days: days.default(90),
  })
  .meta({ id: "NewApiKey" });
export type NewApiKey = z.infer<typeof NewApiKey>;

export const ApiKeyChanges = z
  .object({
    name: line(100).nullish(),
    scopes: scopes.nullish(),
    customers: CustomerScope.nullish().meta({ description: "Null lets it see all customers" }),
    expires_in_days: days.nullish(),
  })
  .meta({ id: "ApiKeyChanges" });
export type ApiKeyChanges = z.infer<typeof ApiKeyChanges>;

export const Rotation = z
  .object({
    overlap_hours: integer(0, 168)
      .default(24)
      .meta({ description: "How long the secret of before goes on working" }),
    expires_in_days: days.default(90),
  })
  .meta({ id: "ApiKeyRotation" });
export type Rotation = z.infer<typeof Rotation>;

export const KeyState = z.enum(["active", "expired", "revoked"]);

export const ApiKey = z
  .object({
    id: uuid,
    name: z.string(),
    state: KeyState,
    scopes: z.array(Scope),
    customers: CustomerScope.nullable(),
    secrets: z.array(
      z.object({
        ends_in: z.string().meta({ description: "The last four characters, to know it by" }),
        created_at: timestamp,
        expires_at: timestamp,
      }),
    ),
    expires_at: timestamp.meta({ description: "When the newest secret ends" }),
    last_used_at: timestamp.nullable().meta({ description: "To the hour" }),
    created_by: z.string(),
    created_by_id: uuid,
    created_at: timestamp,
    updated_at: timestamp,
    revoked_at: timestamp.nullable(),
    revision: count,
  })
  .meta({ id: "ApiKey" });
export type ApiKey = z.infer<typeof ApiKey>;

export const IssuedApiKey = z
  .object({
    ...ApiKey.shape,
    secret: z
      .string()
      .meta({ description: "The bearer token. Shown this once; nobody can look it up later" }),
  })
  .meta({ id: "IssuedApiKey" });
export type IssuedApiKey = z.infer<typeof IssuedApiKey>;

const { limit, cursor } = paging();
export const ApiKeyFilter = z.object({ limit, cursor });
export type ApiKeyFilter = z.infer<typeof ApiKeyFilter>;

export const apiKeys = group("api-keys", "Keys by which programs call the API without signing in", {
  list: get("/", {
    summary: "List keys, revoked ones too, newest first; never their secrets",
    access: "admin",
    query: ApiKeyFilter,
    returns: z.object({
      api_keys: z.array(ApiKey),
      limit: count,
      next_cursor: z.string().nullable().meta({ description: "Opaque; null on the last page" }),
    }),
  }),
  create: post("/", {
    summary: "Create a key; the answer shows its secret, once",
    access: "admin",
    body: NewApiKey,
    returns: created(IssuedApiKey),
    errors: [409],
  }),
  get: get("/{id}", {
    summary: "A key, without its secrets",
    access: "admin",
    returns: ApiKey,
    errors: [404],
  }),
  update: patch("/{id}", {
    summary: "Change what a key is called, may do, and when it ends; from its next request on",
    access: "admin",
    body: ApiKeyChanges,
    returns: ApiKey,
    errors: [404, 409, 412],
  }),
  rotate: post("/{id}/rotate", {
    summary: "Give a key a new secret; the one before goes on for some hours",
    access: "admin",
    body: Rotation.nullish(),
    returns: created(IssuedApiKey),
    errors: [404, 409, 412],
  }),
  revoke: del("/{id}", {
    summary: "Revoke a key: its next request is refused",
    access: "admin",
    returns: message,
    errors: [404, 412],
  }),
});
