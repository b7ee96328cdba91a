/**
 * Where the links in mailed reports lead: the origin under which people reach us, such as `https://api.example.com`.
 *
 * That is the stage's `public-url`, if it has one, else the gateway's own address, which the functions that mail
 * reports are told (infra/api.ts) because no request brings it along to a job. On one machine it is the local gateway.
 * Undefined only where somebody runs the code without the CDK app; mails have no links then.
 */
export const publicOrigin = (): string | undefined =>
  process.env.PUBLIC_URL || process.env.GATEWAY_URL || undefined;
