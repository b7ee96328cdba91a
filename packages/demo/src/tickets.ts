import type { TicketPriority } from "@success-manager/contract/vocabulary";
import type {
  StoredInteraction,
  StoredSurvey,
  StoredTicket,
  StoredTicketComment,
} from "@success-manager/domain/table";
import { answered, changed, DEFAULT_POLICY, newSla, toStoredTicket } from "@success-manager/domain/tickets";
import { type DemoAccount, james, sarah } from "./accounts.ts";
import { hoursAfter } from "./dates.ts";
import { demoId, type Random, randomOf } from "./random.ts";
import type { Story } from "./stories/story.ts";
import { emailOf } from "./surveys.ts";
import { ticketTexts } from "./texts.ts";

/** A ticket with everything that was said about it. */
export interface DemoTicket {
  readonly ticket: StoredTicket;
  /** Oldest first. */
  readonly comments: readonly StoredTicketComment[];
}

const DIGITS = 6;

/** Numbers in the order in which tickets were opened, by the id of the interaction that stands for each. */
export function ticketNumbers(interactions: readonly StoredInteraction[], first: number) {
  const opened = interactions
    .filter(({ interaction_type }) => interaction_type === "support_ticket")
    .map(({ id, interaction_date }) => ({ id, key: `${interaction_date}#${id}` }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  return new Map(opened.map(({ id }, n) => [id, `T-${String(first + n).padStart(DIGITS, "0")}`]));
}

interface Context {
  readonly story: Story;
  readonly numbers: ReadonlyMap<string, string>;
  /** The responses about tickets, and others. */
  readonly surveys: readonly StoredSurvey[];
  /** Nothing happens from then on. */
  readonly today: Date;
  /** When the customer left: by then all is closed. */
  readonly left: Date | undefined;
  /** Of the user with this e-mail address. */
  readonly userId: (email: string) => string;
}

/** The tickets that a customer's interactions stand for. */
export const ticketsOf = (interactions: readonly StoredInteraction[], context: Context): DemoTicket[] =>
  interactions
    .filter(({ interaction_type }) => interaction_type === "support_ticket")
    .map((interaction) => demoTicket(interaction, context));

const priorityOf = ({ sentiment }: StoredInteraction, random: Random): TicketPriority =>
  sentiment === "negative"
    ? random.pick(["high", "high", "critical"] as const)
    : random.pick(["low", "medium", "medium"] as const);

/** Which part of the promised time an answer takes; one in eight is late. */
const effort = (random: Random) =>
  random.next() < 0.125 ? 1.1 + random.next() / 2 : 0.1 + random.next() * 0.7;

/** Of tickets that are younger, most are still worked on. */
const RECENT_HOURS = 14 * 24;
const STILL_OPEN = 0.75;

/** Hours after which a resolved ticket is closed. */
const CLOSED_AFTER_HOURS = 3 * 24;

/** Answered within its service level mostly, resolved before its customer was asked how that went. */
function demoTicket(interaction: StoredInteraction, context: Context): DemoTicket {
  const { id, subject, description } = interaction;
  const { story, numbers, surveys, today, left, userId } = context;
  const random = randomOf(`${id}\nticket`);
  const opened = new Date(interaction.interaction_date);
  const priority = priorityOf(interaction, random);
  const { first_response, resolution } = DEFAULT_POLICY[priority];
  const survey = surveys.find(({ ticket_id }) => ticket_id === id);
  const asked = survey && hoursAfter(new Date(survey.submitted_at), -0.6);
  const earliest = (...instants: readonly (Date | undefined)[]) =>
    new Date(Math.min(...instants.flatMap((instant) => instant?.getTime() ?? [])));
  const end = left && hoursAfter(left, -0.1);
  const response = earliest(
    hoursAfter(opened, first_response * effort(random)),
    asked && hoursAfter(asked, -0.2),
    end && hoursAfter(end, -0.5),
  );
  const resolved =
    asked ?? earliest(hoursAfter(response, resolution * effort(random)), end && hoursAfter(end, -0.1));
  const closed = earliest(hoursAfter(resolved, CLOSED_AFTER_HOURS), end);
  const waits = asked === undefined && random.next() < 0.3;
  const isRecent = asked === undefined && left === undefined && hoursAfter(opened, RECENT_HOURS) > today;
  const stillOpen = isRecent && random.next() < STILL_OPEN;
  const [desk, person] = [
    random.pick<DemoAccount>([sarah, james]),
    random.pick([story.contact, story.colleague]),
  ];

  const steps: readonly (readonly [Date, (ticket: StoredTicket) => StoredTicket])[] = [
    [response, (ticket) => answered(ticket, response)],
    [
      hoursAfter(response, 0.05),
      (ticket) =>
        changed(
          ticket,
          { status: waits ? "waiting" : "in_progress" },
          DEFAULT_POLICY,
          hoursAfter(response, 0.05),
        ),
    ],
    [resolved, (ticket) => changed(ticket, { status: "resolved" }, DEFAULT_POLICY, resolved)],
    [closed, (ticket) => changed(ticket, { status: "closed" }, DEFAULT_POLICY, closed)],
  ];
  const past = (stillOpen ? steps.slice(0, 2) : steps).filter(([at]) => at < today);
  const texts = ticketTexts[interaction.sentiment];
  const said = (
    [
      [hoursAfter(opened, 0.02), true, texts.note],
      [response, false, texts.answer],
      [hoursAfter(resolved, -0.01), false, texts.solution],
    ] as const
  ).filter(([at, , text]) => at < today && !(stillOpen && text === texts.solution));
  const comments = said.map(
    ([at, is_internal, body], n): StoredTicketComment => ({
      id: demoId("ticket comment", id, n),
      ticket_id: id,
      body,
      is_internal,
      author_id: userId(desk.email),
      author_name: desk.full_name,
      created_at: at.toISOString(),
    }),
  );
  const last = past.at(-1)?.[0] ?? opened;
  const start = toStoredTicket({
    ...newSla(priority, DEFAULT_POLICY, opened),
    id,
    number: numbers.get(id) ?? "",
    customer_id: interaction.customer_id,
    subject,
    description,
    category: random.pick(["Access", "Data", "Reports", "Performance"]),
    assigned_to: userId(desk.email),
    assigned_to_name: desk.full_name,
    requester_name: person,
    requester_email: emailOf(person, story),
    created_by: interaction.author_id ?? userId(desk.email),
    created_by_name: interaction.author_name ?? desk.full_name,
    comment_count: comments.length,
    ...(comments.length > 0 && { last_comment_at: comments.at(-1)?.created_at }),
    ...(survey && { survey: { id: survey.id, score: survey.score, submitted_at: survey.submitted_at } }),
    updated_at: survey && new Date(survey.submitted_at) > last ? survey.submitted_at : last.toISOString(),
    revision: 1 + past.length + comments.length,
  });
  return { ticket: past.reduce((ticket, [, act]) => act(ticket), start), comments };
}

/** The interactions of a customer, with what those have from their ticket that stand for one. */
export function withTickets(
  interactions: readonly StoredInteraction[],
  tickets: readonly DemoTicket[],
): StoredInteraction[] {
  const byId = new Map(tickets.map(({ ticket }) => [ticket.id, ticket]));
  return interactions.map((interaction) => {
    const ticket = byId.get(interaction.id);
    if (!ticket) return interaction;
    const { id: ticket_id, number, status, priority } = ticket;
    return {
      ...interaction,
      ticket_id,
      ticket_number: number,
      ticket_status: status,
      ticket_priority: priority,
    };
  });
}
