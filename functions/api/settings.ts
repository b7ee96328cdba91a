import { settings } from "@success-manager/contract/settings";
import { systemHealth } from "@success-manager/domain/jobs";
import { Suppressions } from "@success-manager/domain/mail";
import { required } from "@success-manager/domain/migrations";
import { Branding, Settings } from "@success-manager/domain/settings";
import { serveTeam } from "../serve-team.ts";

export const handler = serveTeam(settings, {
  alerts: () => Settings.get("alerts"),
  updateAlerts: ({ body, actor, meta }) => Settings.update("alerts", body, actor, meta.ifMatch),
  reports: () => Settings.get("reports"),
  updateReports: ({ body, actor, meta }) => Settings.update("reports", body, actor, meta.ifMatch),
  branding: () => Settings.get("branding"),
  updateBranding: ({ body, actor, meta }) => Branding.update(body, actor, meta.ifMatch),
  uploadLogo: ({ body, meta }) => Branding.uploadLogo(body.content, meta.origin),
  systemHealth: () => systemHealth(required),
  notifications: () => Settings.get("notifications"),
  updateNotifications: ({ body, actor, meta }) => Settings.update("notifications", body, actor, meta.ifMatch),
  security: () => Settings.get("security"),
  updateSecurity: ({ body, actor, meta }) => Settings.update("security", body, actor, meta.ifMatch),
  tickets: () => Settings.get("tickets"),
  suppressions: ({ query }) => Suppressions.list(query),
  liftSuppression: ({ params }) => Suppressions.lift(params.id),
  outcomes: () => Settings.get("outcomes"),
  updateOutcomes: ({ body, actor, meta }) => Settings.update("outcomes", body, actor, meta.ifMatch),
  updateTickets: ({ body, actor, meta }) => Settings.update("tickets", body, actor, meta.ifMatch),
});
