/** Going through everything that may be about a person, part by part, from where it stood. */
import {
  AlertEntity,
  AlertStateEntity,
  type AnyEntity,
  ApiKeyEntity,
  batchGet,
  type Cursor,
  CustomerEntity,
  DeploymentEntity,
  deleteItem,
  find,
  getRequest,
  IdentityEntity,
  InteractionEntity,
  LoginEntity,
  OutcomeEntity,
  OutcomeVersionEntity,
  type PersonalDataWork,
  partitions,
  queryAll,
  type Range,
  RenewalEntity,
  ReportEntity,
  ReportScheduleEntity,
  readRange,
  readStored,
  rewriteOf,
  ScoreBacktestEntity,
  ScoreDefinitionEntity,
  ScoreOverrideEntity,
  SecondFactorEntity,
  SessionEntity,
  type StoredItem,
  type StoredSession,
  SuppressionEntity,
  SurveyEntity,
  SurveyLinkEntity,
  sleepWithJitter,
  TeamMemberEntity,
  TicketCommentEntity,
  TicketEntity,
  UserEntity,
  type Write,
  writeRewrite,
} from "../table/index.ts";
import { erasedItem, findingOf } from "./person.ts";

const ENTITIES: Readonly<Record<string, AnyEntity>> = {
  customer: CustomerEntity,
  deployment: DeploymentEntity,
  teammate: TeamMemberEntity,
  survey_link: SurveyLinkEntity,
  survey: SurveyEntity,
  ticket: TicketEntity,
  ticket_comment: TicketCommentEntity,
  interaction: InteractionEntity,
  outcome: OutcomeEntity,
  outcome_version: OutcomeVersionEntity,
  renewal: RenewalEntity,
  alert: AlertEntity,
  alert_condition: AlertStateEntity,
  score_backtest: ScoreBacktestEntity,
  score_definition: ScoreDefinitionEntity,
  score_override: ScoreOverrideEntity,
  report_schedule: ReportScheduleEntity,
  report: ReportEntity,
  suppression: SuppressionEntity,
  user: UserEntity,
  api_key: ApiKeyEntity,
};

const type = (entity: string) => partitions.type(entity);
/**
 * Where those stand who lead to others come first: customers whose contact they are, links, answers. Then links again:
 * an answer that was given meanwhile is known by its link, and none is given once the link is revoked.
 */
const FINDING: readonly Range[] = [
  ...partitions.everywhere("directory"),
  type("survey_link"),
  type("survey"),
  type("ticket"),
];
export const ERASING: readonly Range[] = [
  type("survey_link"),
  ...partitions.everywhere("directory"),
  type("survey"),
  type("ticket"),
  type("interaction"),
  type("outcome"),
  type("outcome_version"),
  ...partitions.everywhere("alert_condition"),
  type("alert"),
  type("score_definition"),
  type("score_backtest"),
  type("score_override"),
  type("report_schedule"),
  type("report"),
  type("suppression"),
  type("api_key"),
  type("user"),
];

export const PARTS: readonly (readonly ["find" | "erase", Range])[] = [
  ...FINDING.map((range) => ["find", range] as const),
  ...ERASING.map((range) => ["erase", range] as const),
];

const PAGE = 200;
const ATTEMPTS = 8;
/** What is kept of each kind on the way: nobody is the contact of more. */
const MOST = 2_000;

const adding = (known: readonly string[], ...more: readonly unknown[]): readonly string[] =>
  [
    ...new Set([...known, ...more.flatMap((one) => (typeof one === "string" && one !== "" ? [one] : []))]),
  ].slice(0, MOST);

const timeOf = ({ values }: StoredItem) => String(values.created_at ?? values.submitted_at ?? "");

/** The work with what an item tells. */
export function learn(work: PersonalDataWork, item: StoredItem): PersonalDataWork {
  const finding = item.entity && findingOf(item.entity, item.values, work);
  if (!finding) return work;
  const time = timeOf(item);
  return {
    ...work,
    names: adding(work.names, ...(finding.names ?? [])),
    customers: adding(work.customers, finding.customer),
    links: adding(work.links, finding.link),
    surveys: adding(work.surveys, finding.survey),
    texts: adding(work.texts, finding.text),
    since: time !== "" && (work.since === undefined || time < work.since) ? time : work.since,
  };
}

export const readPage = (range: Range, cursor: Cursor | undefined) => readRange(range, cursor, PAGE);

const companyOf = async (item: StoredItem) =>
  item.entity === "survey"
    ? (await find(getRequest(CustomerEntity, String(item.values.customer_id))))?.company_name
    : undefined;

/** Who writes it: the run has the entry in the audit trail, and not each item. */
const WRITER = { kind: "job", id: "personal_data" } as const;

/**
 * Erases a person from an item, as it is now. Answers whether there was anything.
 *
 * @throws 503 in words when others keep changing it
 */
export async function eraseItem(found: StoredItem, work: PersonalDataWork, now: string): Promise<boolean> {
  let item: StoredItem | undefined = found;
  for (let attempt = 0; attempt < ATTEMPTS && item; attempt++) {
    const entity: AnyEntity | undefined = ENTITIES[item.entity ?? ""];
    if (!entity) return false;
    const values = erasedItem(item.entity ?? "", item.values, work, now, await companyOf(item));
    const isWriter = (item.values.written_by as { id?: unknown } | undefined)?.id === work.user_id;
    const isNamed = work.user_id !== undefined && isWriter;
    if (!values && !isNamed) return false;
    const rewrite = (values && rewriteOf(entity, item, values)) ?? { set: {}, remove: [] };
    if ((await writeRewrite(item, rewrite, WRITER)).written) return true;
    await sleepWithJitter(attempt);
    item = await readStored(item.key);
  }
  if (!item) return false;
  throw new Error(`${found.entity} is busy`);
}

/** Comments of a ticket, which stand by themselves. */
export const commentsOf = async (ticket_id: string): Promise<StoredItem[]> =>
  (await readRange(partitions.ticketComments(ticket_id), undefined, 1_000)).items as StoredItem[];

/** How a user signs in: their sessions, second factor, log-in, and who they are at a provider. */
export async function signInsOf(user_id: string, email_key: string) {
  const [sessions, [factor, login]] = await Promise.all([
    queryAll<StoredSession>({ partition: partitions.sessions(user_id), consistent: true }),
    batchGet(getRequest(SecondFactorEntity, user_id), getRequest(LoginEntity, email_key)),
  ]);
  const own = login?.user_id === user_id ? login : undefined;
  const identity = own?.identity_id && (await find(getRequest(IdentityEntity, own.identity_id)));
  return { sessions, factor, login: own, identity: identity || undefined };
}

/** The deletions that end how a user signs in, in their order. */
export function endOf(
  user_id: string,
  { sessions, factor, login, identity }: Awaited<ReturnType<typeof signInsOf>>,
): Write[] {
  return [
    ...sessions.map(({ id }) => deleteItem(SessionEntity.delete({ user_id, id }))),
    ...(factor ? [deleteItem(SecondFactorEntity.delete({ user_id }))] : []),
    ...(identity ? [deleteItem(IdentityEntity.delete({ id: identity.id }))] : []),
    // The log-in last: by it the person at a provider is found again, should this break off.
    ...(login ? [deleteItem(LoginEntity.delete({ email_key: login.email_key }))] : []),
  ];
}
