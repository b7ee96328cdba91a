import * as z from "zod";
import { del, get, ownAccount } from "./dsl/endpoint.ts";
import { group } from "./dsl/group.ts";
import { message, timestamp } from "./values.ts";

export const Session = z
  .object({
    id: z.uuid(),
    device_info: z.string().meta({ description: "What the browser or program says it is" }),
    ip_address: z.string().nullable(),
    location: z.null().meta({ description: "Not known: addresses are not looked up" }),
    created_at: timestamp.meta({ description: "When it was signed in" }),
    last_active: timestamp.meta({
      description: "When it last got new tokens: within 30 minutes of its last use",
    }),
    expires_at: timestamp.meta({ description: "When it ends if it is not used" }),
    is_current: z.boolean().meta({ description: "Whether this call came from it" }),
  })
  .meta({ id: "Session" });
export type Session = z.infer<typeof Session>;

export const account = group(
  "account",
  "Where one is signed in",
  ownAccount({
    sessions: get("/sessions", {
      summary: "Own sessions that are alive, last used first; the newest 100",
      access: "member",
      returns: z.array(Session),
    }),
    endSession: del("/sessions/{session_id}", {
      summary: "End one of the own sessions: its tokens stop working at once",
      access: "member",
      returns: message,
      errors: [404],
    }),
    endOtherSessions: del("/sessions", {
      summary: "End all own sessions but this one",
      access: "member",
      returns: message,
    }),
  }),
);
