/** Mails about new alerts: escalations and low scores at once, everything else in a digest after the daily checks. */
import { randomUUID } from "node:crypto";
import type { AlertSettings, NotificationSettings } from "@success-manager/contract/settings";
import type { AlertType } from "@success-manager/contract/vocabulary";
import { DAY_MS } from "../calendar.ts";
import { getDirectory, type VisibleBy, visibilityOf } from "../directory/index.ts";
import { MailError, type Message, send, type TeamBranding } from "../mail/index.ts";
import { settingsOf, settingsRequest } from "../settings/index.ts";
import {
  AlertEntity,
  AlertMailEntity,
  batchGet,
  CustomerEntity,
  chunkByWrites,
  commit,
  commitIndependent,
  deleteItem,
  ENTITY_NAME,
  emailKey,
  equals,
  find,
  getRequest,
  MAX_TRANSACTION_ITEMS,
  NO_CUSTOMER,
  partitions,
  putItem,
  queryAll,
  type StoredAlert,
  type StoredCustomer,
  type StoredUser,
  type TeamMember,
  TeamMemberEntity,
} from "../table/index.ts";
import { toUser, usersAmong } from "../users/index.ts";
import { rankOf } from "./detection.ts";
import { alertMail, type MailedAlert } from "./mail-template.ts";

/** New alerts are mailed for so long; what nobody could be told by then is old. */
const NEW_MS = 3 * DAY_MS;
/** After so many in a row that the mail service did not take, the others are not tried: it is the service. */
const MAX_CONSECUTIVE_FAILURES = 3;

interface Settings {
  readonly alerts: AlertSettings;
  readonly notifications: NotificationSettings;
  readonly branding: TeamBranding;
}

const SETTINGS_REQUESTS = [
  settingsRequest("alerts"),
  settingsRequest("notifications"),
  settingsRequest("reports"),
] as const;

type Stored = Parameters<typeof settingsOf>[1];

const toSettings = (alerts: Stored, notifications: Stored, reports: Stored): Settings => ({
  alerts: settingsOf("alerts", alerts),
  notifications: settingsOf("notifications", notifications),
  branding: settingsOf("reports", reports),
});

type Kind = "escalation" | "low_score" | "alert_digest";

/** How people are told of new alerts of a type. */
const kindOf = (type: AlertType): Kind =>
  type === "escalation" ? "escalation" : type === "low_csat" ? "low_score" : "alert_digest";

/** Whom to tell of a kind; nobody where an admin has stopped these mails. */
function recipientsOf(kind: Kind, { alerts, notifications }: Settings): readonly string[] {
  if (!notifications.email_enabled || !notifications[kind]) return [];
  const own = notifications[`${kind}_recipients`];
  return own.length > 0 ? own : alerts.recipients;
}

const isSevere = ({ severity }: Pick<StoredAlert, "severity">, { alerts }: Settings) =>
  rankOf(severity) >= rankOf(alerts.notify_severity);

/** An alert to be mailed, and whose it is. */
type AlertToMail = MailedAlert & Pick<StoredAlert, "customer_id">;

/** A mail about alerts, and who gets it. */
interface AlertMessage {
  readonly to: string;
  readonly mail: Message;
}

/** Sends mails about an alert, or about this and others. Answers whether it is worth another try, because surely nobody got it. */
async function sendToAll(
  messages: readonly AlertMessage[],
  subject: string,
  remaining: () => number,
): Promise<"done" | "retry"> {
  /** Mails that were sent, or may have been. */
  let sent = 0;
  let down = 0;
  for (const { to, mail } of messages) {
    try {
      await send({ to, ...mail, tag: { kind: "alert", subject, mail_id: randomUUID() } }, remaining);
      sent += 1;
      down = 0;
    } catch (error) {
      if (!(error instanceof MailError)) throw error;
      if (error.status === "unknown") sent += 1;
      down = error.retryable || error.status === "unknown" ? down + 1 : 0;
      if (down === MAX_CONSECUTIVE_FAILURES) break;
    }
  }
  return sent === 0 && down > 0 ? "retry" : "done";
}

/** Notes that alerts are being mailed. Answers those that nobody else has noted. */
async function claim<T extends Pick<StoredAlert, "id">>(alerts: readonly T[], now: Date): Promise<T[]> {
  const expires_at_epoch = Math.ceil((now.getTime() + NEW_MS + DAY_MS) / 1000);
  const taken = new Set<T>();
  for (const chunk of chunkByWrites(alerts, () => 1))
    for (const one of await commitIndependent(chunk, ({ id }) => [
      putItem(AlertMailEntity.create({ id, expires_at_epoch })),
    ]))
      taken.add(one);
  return alerts.filter((one) => !taken.has(one));
}

async function release(alerts: readonly Pick<StoredAlert, "id">[]): Promise<void> {
  for (const chunk of chunkByWrites(alerts, () => 1))
    await commit(chunk.map(({ id }) => deleteItem(AlertMailEntity.delete({ id }))));
}

/** What decides who sees a customer; asked when a recipient sees some customers only. */
type CustomersOf = () => Promise<ReadonlyMap<string, VisibleBy>>;

/**
 * Who is told what: everybody all of it, but users who see some customers what is about these. Users who were
 * deactivated are told nothing.
 */
async function messagesTo(
  recipients: readonly string[],
  users: ReadonlyMap<string, StoredUser>,
  alerts: readonly AlertToMail[],
  customersOf: CustomersOf,
  branding: TeamBranding,
): Promise<AlertMessage[]> {
  const whole = alertMail(alerts, branding);
  let customers: ReadonlyMap<string, VisibleBy> | undefined;
  const messages: AlertMessage[] = [];
  for (const to of recipients) {
    const user = users.get(emailKey(to));
    const visibility = user && visibilityOf(toUser(user));
    if (!visibility) {
      messages.push({ to, mail: whole });
      continue;
    }
    customers ??= await customersOf();
    const seen = alerts.filter(({ customer_id }) => {
      const customer = customers?.get(customer_id);
      return customer !== undefined && visibility.shows(customer);
    });
    if (seen.length > 0) messages.push({ to, mail: alertMail(seen, branding) });
  }
  return messages;
}

/**
 * Mails alerts that nobody was told of yet: each once, to all recipients who see its customer. When the mail service
 * surely takes none of it, the alerts stay unmailed for the next time. An invocation that dies while it is sending has
 * told some, and nobody tells the others.
 */
async function mailOnce(
  alerts: readonly AlertToMail[],
  recipients: readonly string[],
  customersOf: CustomersOf,
  branding: TeamBranding,
  now: Date,
  remaining: () => number,
): Promise<"done" | "retry"> {
  const users = await usersAmong(recipients);
  const addresses = recipients.filter((one) => users.get(emailKey(one))?.is_active !== false);
  if (addresses.length === 0) return "done";
  const claimed = await claim(alerts, now);
  const [first] = claimed;
  if (!first) return "done";
  try {
    const messages = await messagesTo(addresses, users, claimed, customersOf, branding);
    const result = await sendToAll(messages, first.id, remaining);
    if (result === "retry") await release(claimed);
    return result;
  } catch (error) {
    await release(claimed);
    throw error;
  }
}

type Item = Readonly<Record<string, unknown>>;

/** A record of the table's stream, as far as it is of use here. */
interface Change {
  readonly before: Item | undefined;
  readonly after: Item | undefined;
}

/** The alert that a change has opened. */
function openedBy({ before, after }: Change): StoredAlert | undefined {
  if (before || after?.[ENTITY_NAME] !== "alert") return undefined;
  return AlertEntity.parse({ Item: after }).data ?? undefined;
}

/** The user who manages a customer: read by id, or looked up among the names of the team. */
async function managerOf(customer: StoredCustomer): Promise<TeamMember | undefined> {
  const { account_manager_id: id } = customer;
  return id === undefined
    ? (await getDirectory()).managerOf(customer)
    : find(getRequest(TeamMemberEntity, id));
}

async function mailAtOnce(alert: StoredAlert, now: Date, remaining: () => number): Promise<"done" | "retry"> {
  const kind = kindOf(alert.alert_type);
  if (kind === "alert_digest" || alert.is_resolved) return "done";
  if (now.getTime() - Date.parse(alert.created_at) > NEW_MS) return "done";
  const [mailed, ...stored] = await batchGet(getRequest(AlertMailEntity, alert.id), ...SETTINGS_REQUESTS);
  const settings = toSettings(...stored);
  const recipients = recipientsOf(kind, settings);
  if (mailed || recipients.length === 0 || !isSevere(alert, settings)) return "done";
  const { customer_id } = alert;
  const customer =
    customer_id === NO_CUSTOMER ? undefined : await find(getRequest(CustomerEntity, customer_id));
  return mailOnce(
    [{ ...alert, customer_name: customer?.company_name }],
    recipients,
    async () => new Map(customer ? [[customer.id, { customer, manager: await managerOf(customer) }]] : []),
    settings.branding,
    now,
    remaining,
  );
}

/** A change that came to nothing; `again` when something else than the change is at fault. */
interface FailedChange<C> {
  readonly change: C;
  readonly error: unknown;
  readonly again: boolean;
}

/** So long an alert that the mail service does not take keeps all others waiting; then it is for people to redrive. */
const KEEPS_TRYING_MS = 60 * 60_000;

/**
 * Mails the escalations and low scores among the changes of the table, to whom an admin has named for them. Changes of
 * an alert that exists are no news.
 *
 * @param remaining milliseconds until the caller is cut off
 * @returns the changes whose mail the mail service did not take: they are to come again, for an hour
 */
export async function mailNewAlerts<C extends Change>(
  changes: readonly C[],
  remaining: () => number,
  now = new Date(),
): Promise<FailedChange<C>[]> {
  const failed: FailedChange<C>[] = [];
  for (const change of changes) {
    const alert = openedBy(change);
    if (!alert || (await mailAtOnce(alert, now, remaining)) !== "retry") continue;
    const again = now.getTime() - Date.parse(alert.created_at) < KEEPS_TRYING_MS;
    failed.push({ change, error: new Error("The mail service takes no mail"), again });
  }
  return failed;
}

/** Those that nobody was told of. */
async function unmailed(alerts: readonly StoredAlert[]): Promise<StoredAlert[]> {
  const left: StoredAlert[] = [];
  for (let n = 0; n < alerts.length; n += MAX_TRANSACTION_ITEMS) {
    const some = alerts.slice(n, n + MAX_TRANSACTION_ITEMS);
    const mailed = await batchGet(...some.map(({ id }) => getRequest(AlertMailEntity, id)));
    left.push(...some.filter((_, index) => mailed[index] === undefined));
  }
  return left;
}

/**
 * Mails the open alerts of the last three days that nobody was told of yet, in one mail. When that fails, the next
 * digest has them.
 */
export async function mailDigest(remaining: () => number, now = new Date()): Promise<void> {
  const settings = toSettings(...(await batchGet(...SETTINGS_REQUESTS)));
  const recipients = recipientsOf("alert_digest", settings);
  if (recipients.length === 0) return;
  const opened = await queryAll<StoredAlert>({
    partition: partitions.type("alert"),
    from: new Date(now.getTime() - NEW_MS).toISOString(),
    filter: equals({ is_resolved: false }),
  });
  const severe = opened.filter(
    (alert) => kindOf(alert.alert_type) === "alert_digest" && isSevere(alert, settings),
  );
  const fresh = await unmailed(severe);
  if (fresh.length === 0) return;
  const { customers } = await getDirectory();
  const named = fresh.map((alert) => ({
    ...alert,
    customer_name: customers.get(alert.customer_id)?.customer.company_name,
  }));
  await mailOnce(named, recipients, async () => customers, settings.branding, now, remaining);
}
