/** Ticket numbers, and the surveys that name one. */
import { uniqueForm } from "@success-manager/contract/text";
import {
  find,
  getRequest,
  TicketEntity,
  TicketNumberEntity,
  type TicketSurvey,
  takeNumber,
  updateItem,
  type Write,
} from "../table/index.ts";

const DIGITS = 6;

/** The next number of the stage: `T-000123`. */
export const nextNumber = async () => `T-${String(await takeNumber("ticket")).padStart(DIGITS, "0")}`;

/** A number as people type it: any case, blanks anywhere, full width or not. */
const numberKey = (typed: string) => uniqueForm(typed).replaceAll(" ", "").toUpperCase();

/** Numbers have as many digits as they need; what is longer is no number, and a key is bounded. */
const LONGEST = 20;

/**
 * The ticket of a customer that a reference names; undefined when it names none, or one of another customer.
 * One request, where the reference could be a number.
 */
export async function findTicket(reference: string, customer_id: string): Promise<string | undefined> {
  const number = numberKey(reference);
  if (!/^T-\d+$/.test(number) || number.length > LONGEST) return undefined;
  const found = await find(getRequest(TicketNumberEntity, number));
  return found?.customer_id === customer_id ? found.ticket_id : undefined;
}

/** Shows a response at its ticket; the newest one wins. Tickets are never deleted, so the ticket exists. */
export const surveyWrite = (ticket_id: string, survey: TicketSurvey): Write =>
  updateItem(
    TicketEntity.patch({ id: ticket_id })
      .set({ survey, updated_at: survey.submitted_at })
      .add({ revision: 1 }),
  );
