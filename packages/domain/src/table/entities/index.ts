/** Every entity of the table: what is stored, and by which keys it is found. */
export * from "./alert.ts";
export * from "./api-key.ts";
export * from "./audit.ts";
export * from "./customer.ts";
export * from "./deployment.ts";
export * from "./health-score.ts";
export * from "./idempotency.ts";
export * from "./interaction.ts";
export * from "./job.ts";
export * from "./mail.ts";
export * from "./migration.ts";
export * from "./personal-data.ts";
export * from "./report.ts";
export * from "./settings.ts";
export * from "./survey.ts";
export * from "./ticket.ts";
export * from "./user.ts";
