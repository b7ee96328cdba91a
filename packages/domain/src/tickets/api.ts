/** Support tickets: opening, reading, changing, commenting. Service levels: `sla.ts`; surveys about them: `reference.ts`. */
import { randomUUID } from "node:crypto";
import type { Actor } from "@success-manager/contract/dsl/endpoint";
import {
  conflict,
  type IfMatch,
  notFound,
  requireMatch,
  unprocessable,
} from "@success-manager/contract/problem";
import type {
  CommentFilter,
  NewComment,
  NewTicket,
  Ticket,
  TicketChanges,
  TicketComment,
} from "@success-manager/contract/tickets";
import { getDirectory } from "../directory/index.ts";
import {
  applyChanges,
  loadRelated,
  loggingWrites,
  readSentiment,
  toStoredInteraction,
} from "../interactions/index.ts";
import { readPage } from "../lists/index.ts";
import { loadSettings } from "../settings/index.ts";
import {
  batchGet,
  commit,
  find,
  getOrThrow,
  getRequest,
  InteractionEntity,
  MAX_KEY,
  MIN_KEY,
  omitNull,
  partitions,
  putItem,
  RETRY,
  type StoredInteraction,
  type StoredTicket,
  type StoredTicketComment,
  TicketCommentEntity,
  TicketEntity,
  TicketNumberEntity,
  UserEntity,
  type Write,
  withOptimisticRetry,
} from "../table/index.ts";
import { toTicket } from "./list.ts";
import { nextNumber } from "./reference.ts";
import { answered, changed, DEFAULT_POLICY, newSla, policyOf, type SlaPolicy } from "./sla.ts";
import { toStoredTicket } from "./stored.ts";

export { list, listByCustomer } from "./list.ts";
export { stats } from "./stats.ts";

type Author = Pick<Actor, "id" | "full_name">;

/**
 * Opens a ticket, and logs the interaction that stands for it with all that follows from that, in one transaction.
 *
 * @throws 404 for an unknown customer; 409 for one who has left; 422 when `assigned_to` is no active user
 */
export async function create(input: NewTicket, actor: Author): Promise<Ticket> {
  const { customer_id, priority, status } = input;
  const [assignee, settings, sentiment] = await Promise.all([
    loadAssignee(input.assigned_to),
    loadSettings("tickets"),
    readSentiment(input),
  ]);
  const [id, now, policy] = [randomUUID(), new Date(), policyOf(settings)];
  const sla = changed(newSla(priority, policy, now), { status }, policy, now);
  const { category, requester_name, requester_email } = input;
  let number: string | undefined;
  return withOptimisticRetry(async () => {
    const related = await loadRelated(customer_id);
    const { customer } = related;
    if (customer.status === "churned")
      throw conflict("This customer has left. Set another status first to open tickets for them.");
    number ??= await nextNumber();
    const ticket = toStoredTicket({
      ...sla,
      ...omitNull({ category, requester_name, requester_email }),
      ...assignee,
      id,
      number,
      customer_id,
      subject: input.subject,
      description: input.description,
      created_by: actor.id,
      created_by_name: actor.full_name,
      comment_count: 0,
      updated_at: sla.created_at,
      revision: 1,
    });
    const shown = await answer(ticket, customer.company_name);
    const writes = [
      putItem(TicketEntity.create(ticket)),
      putItem(TicketNumberEntity.create({ number, ticket_id: id, customer_id })),
      ...(await loggingWrites(interactionOf(ticket, sentiment), related, new Date())),
    ];
    const failed = await commit(writes, { answer: shown });
    // Nobody else has this id: an attempt before this one wrote it, and its answer was lost.
    return failed.length === 0 || failed.includes(0) ? shown : RETRY;
  });
}

/** A ticket with the present names of its customer and of who works on it. @throws 404 */
export async function get(id: string): Promise<Ticket> {
  return answer(await getOrThrow(getRequest(TicketEntity, id), "Ticket"));
}

/**
 * Changes a ticket: absent keys stay, null clears. It stays with its customer. What its interaction says follows in the
 * same transaction.
 *
 * @throws 404; 412 when `ifMatch` is outdated; 422 when `assigned_to` is no active user
 */
export async function update(id: string, changes: TicketChanges, ifMatch?: IfMatch): Promise<Ticket> {
  const [assignee, policy] = await Promise.all([
    loadAssignee(changes.assigned_to),
    changes.priority === undefined ? DEFAULT_POLICY : loadSettings("tickets").then(policyOf),
  ]);
  const ticket = await withOptimisticRetry(async () => {
    const [before, interaction] = await batchGet(
      getRequest(TicketEntity, id),
      getRequest(InteractionEntity, id),
    );
    if (!before) throw notFound("Ticket");
    requireMatch(before.revision, ifMatch);
    const now = new Date();
    const after = withChanges(before, changes, { assignee, policy, now });
    const failed = await commit([
      ticketWrite(before, after),
      ...(interaction ? await interactionWrites(interaction, after, now) : []),
    ]);
    return failed.length === 0 ? after : RETRY;
  });
  return answer(ticket);
}

/** The most that a ticket takes: more is a conversation with a machine. */
const MAX_COMMENTS = 1_000;

/**
 * Comments on a ticket, whatever its status. The first public comment is its first response.
 *
 * @throws 404; 409 for a ticket that has as many as it takes
 */
export function addComment(ticket_id: string, input: NewComment, actor: Author): Promise<TicketComment> {
  const id = randomUUID();
  const now = new Date();
  const created_at = now.toISOString();
  const comment = {
    ...input,
    id,
    ticket_id,
    author_id: actor.id,
    author_name: actor.full_name,
    created_at,
  };
  return withOptimisticRetry(async () => {
    const before = await getOrThrow(getRequest(TicketEntity, ticket_id), "Ticket");
    if (before.comment_count >= MAX_COMMENTS)
      throw conflict(`A ticket takes ${MAX_COMMENTS} comments. Open another one.`);
    const after = toStoredTicket({
      ...(input.is_internal ? before : answered(before, now)),
      comment_count: before.comment_count + 1,
      last_comment_at: created_at,
      updated_at: created_at,
      revision: before.revision + 1,
    });
    const answer = toComment(comment);
    const writes = [ticketWrite(before, after), putItem(TicketCommentEntity.create(comment))];
    const failed = await commit(writes, { answer });
    // An attempt whose answer was lost has written it: nobody else has its id.
    return failed.length === 0 || failed.includes(1) ? answer : RETRY;
  });
}

/** Comments of a ticket, oldest first unless asked otherwise. @throws 404 */
export async function listComments(ticket_id: string, { sort_order: order, ...paging }: CommentFilter) {
  const { comment_count: total } = await getOrThrow(getRequest(TicketEntity, ticket_id), "Ticket");
  const { rows, ...page } = await readPage<StoredTicketComment>(
    {
      partition: partitions.ticketComments(ticket_id),
      from: MIN_KEY,
      to: MAX_KEY,
      order,
      filter: [],
      consistent: true,
    },
    { total, entries: total },
    paging,
    ({ created_at }) => created_at,
  );
  return { comments: rows.map(toComment), ...page };
}

const toComment = (comment: StoredTicketComment): TicketComment => ({
  id: comment.id,
  ticket_id: comment.ticket_id,
  body: comment.body,
  is_internal: comment.is_internal,
  author_id: comment.author_id,
  author_name: comment.author_name,
  created_at: comment.created_at,
});

async function answer(ticket: StoredTicket, customer_name?: string): Promise<Ticket> {
  const { customers, team } = await getDirectory();
  const name = customer_name ?? customers.get(ticket.customer_id)?.customer.company_name;
  return toTicket(ticket, name, { team, now: new Date() });
}

/** What a ticket stores of who works on it; undefined to leave that as it is. @throws 422 unless they are active */
async function loadAssignee(assigned_to: string | null | undefined) {
  if (assigned_to === undefined) return undefined;
  if (assigned_to === null) return { assigned_to: undefined, assigned_to_name: undefined };
  const user = await find(getRequest(UserEntity, assigned_to));
  if (!user?.is_active) throw unprocessable("assigned_to", "must be the id of an active user");
  return { assigned_to, assigned_to_name: user.full_name };
}

interface ChangeContext {
  readonly assignee: Awaited<ReturnType<typeof loadAssignee>>;
  /** What another priority promises. */
  readonly policy: SlaPolicy;
  readonly now: Date;
}

function withChanges(
  before: StoredTicket,
  { status, priority, assigned_to: _, ...input }: TicketChanges,
  { assignee, policy, now }: ChangeContext,
): StoredTicket {
  const { category_key: __, ...rest } = changed(
    before,
    { ...(status && { status }), ...(priority && { priority }) },
    policy,
    now,
  );
  const merged: StoredTicket = { ...rest, ...assignee };
  for (const name of ["category", "requester_name", "requester_email"] as const) {
    const value = input[name];
    if (value === null) delete merged[name];
    else if (value !== undefined) merged[name] = value;
  }
  return toStoredTicket({
    ...merged,
    subject: input.subject ?? before.subject,
    description: input.description ?? before.description,
    updated_at: now.toISOString(),
    revision: before.revision + 1,
  });
}

const ticketWrite = (before: StoredTicket, after: StoredTicket): Write =>
  putItem(TicketEntity.put(after).where(({ revision }, { eq }) => eq(revision, before.revision)));

/** What the interaction that stands for a ticket has from it besides type, id and customer. */
const shared = ({ subject, description, number, status, priority }: StoredTicket) => ({
  subject,
  description,
  ticket_number: number,
  ticket_status: status,
  ticket_priority: priority,
});

/** The interaction that a ticket counts as: health score, timeline, figures and lists know nothing but it. */
export const interactionOf = (
  ticket: StoredTicket,
  sentiment: StoredInteraction["sentiment"],
): StoredInteraction =>
  toStoredInteraction({
    ...shared(ticket),
    id: ticket.id,
    ticket_id: ticket.id,
    customer_id: ticket.customer_id,
    interaction_type: "support_ticket",
    sentiment,
    sentiment_analysed: true,
    performed_by: ticket.created_by_name,
    author_id: ticket.created_by,
    author_name: ticket.created_by_name,
    interaction_date: ticket.created_at,
    follow_up_required: false,
  });

/** Brings the interaction that stands for a ticket in line with it; nothing where it says the same already. */
async function interactionWrites(
  before: StoredInteraction,
  ticket: StoredTicket,
  now: Date,
): Promise<Write[]> {
  const facts = shared(ticket);
  const isSame = Object.entries(facts).every(([name, value]) => before[name as keyof typeof facts] === value);
  if (isSame) return [];
  const { subject, description } = facts;
  const after = { ...(await applyChanges(before, { subject, description }, undefined, now)), ...facts };
  return [
    putItem(InteractionEntity.put(after).where(({ revision }, { eq }) => eq(revision, before.revision))),
  ];
}
