// @ts-check
// What SES tells of a mail: the shapes of its event publishing, and what its mailbox simulator does to an address
// (Amazon SES Developer Guide, "Examples of event data that Amazon SES publishes to Amazon SNS" and "Using the Amazon SES
// mailbox simulator").

/**
 * An event, and the configuration set that its mail was sent by.
 *
 * @typedef {{ readonly configurationSet: string; readonly event: { readonly eventType: string } }} PublishedEvent
 */

const SIMULATOR = "simulator.amazonses.com";

/**
 * What becomes of a mail to an address. Those of the simulator do what AWS says of them, also with a label
 * (`bounce+1@…`); mail to any other arrives.
 *
 * @param {string} address
 * @returns {readonly ("delivery" | "bounce" | "suppressed" | "complaint")[]}
 */
function outcomesOf(address) {
  const [local = "", domain = ""] = address.toLowerCase().split("@");
  const [mailbox] = domain === SIMULATOR ? local.split("+") : ["success"];
  switch (mailbox) {
    case "bounce":
      return ["bounce"];
    case "suppressionlist":
      return ["suppressed"];
    case "complaint":
      return ["delivery", "complaint"];
    default:
      return ["delivery"];
  }
}

/**
 * The numbered members of a list in a request of the query protocol.
 *
 * @param {Readonly<Record<string, unknown>>} body
 * @param {string} list
 * @param {string} [field]
 */
function membersOf(body, list, field) {
  const found = [];
  for (let n = 1; ; n += 1) {
    const value = body[`${list}.member.${n}${field ? `.${field}` : ""}`];
    if (typeof value !== "string") return found;
    found.push(value);
  }
}

/**
 * All that SES tells of a mail that it took, in order. Nothing for one without a configuration set.
 *
 * @param {Readonly<Record<string, unknown>>} body of SendRawEmail
 * @param {string} messageId
 * @param {Date} now
 * @returns {PublishedEvent[]}
 */
export function eventsOf(body, messageId, now) {
  const { Action, ConfigurationSetName: configurationSet, Source } = body;
  if (Action !== "SendRawEmail" || typeof configurationSet !== "string") return [];
  const destination = membersOf(body, "Destinations");
  const names = membersOf(body, "Tags", "Name");
  const values = membersOf(body, "Tags", "Value");
  const tags = Object.fromEntries(names.map((name, n) => [name, [values[n] ?? ""]]));
  const timestamp = now.toISOString();
  const mail = {
    timestamp,
    source: Source,
    sendingAccountId: "000000000000",
    messageId,
    destination,
    headersTruncated: false,
    tags: { "ses:configuration-set": [configurationSet], ...tags },
  };
  /**
   * @param {string} address
   * @param {number} n
   */
  const after = (address, n) => {
    const at = new Date(now.getTime() + n + 1).toISOString();
    const bounced = (/** @type {string} */ bounceSubType) => ({
      eventType: "Bounce",
      mail,
      bounce: {
        feedbackId: `${messageId}-bounce`,
        bounceType: "Permanent",
        bounceSubType,
        bouncedRecipients: [
          {
            emailAddress: address,
            action: "failed",
            status: "5.1.1",
            diagnosticCode: "smtp; 550 5.1.1 user unknown",
          },
        ],
        timestamp: at,
        reportingMTA: "dsn; inbox.localhost",
      },
    });
    return outcomesOf(address).map((outcome) => {
      switch (outcome) {
        case "bounce":
          return bounced("General");
        case "suppressed":
          return bounced("Suppressed");
        case "complaint":
          return {
            eventType: "Complaint",
            mail,
            complaint: {
              feedbackId: `${messageId}-complaint`,
              complaintSubType: null,
              complainedRecipients: [{ emailAddress: address }],
              timestamp: at,
              userAgent: "Amazon SES Mailbox Simulator",
              complaintFeedbackType: "abuse",
            },
          };
        default:
          return {
            eventType: "Delivery",
            mail,
            delivery: {
              timestamp: at,
              processingTimeMillis: n + 1,
              recipients: [address],
              smtpResponse: "250 2.6.0 Message received",
              reportingMTA: "inbox.localhost",
            },
          };
      }
    });
  };
  return [{ eventType: "Send", mail, send: {} }, ...destination.flatMap(after)].map((event) => ({
    configurationSet,
    event,
  }));
}

/** Shows on the page of the inbox what became of each mail: the last that was told. */
export const OUTCOME_SCRIPT = `
const outcomes = new Map();
let next = 0;
const words = { Send: "sent", Delivery: "delivered", Bounce: "bounced", Complaint: "reported as spam" };
async function showOutcomes() {
  const answer = await fetch("/mail-events?now&after=" + next).catch(() => undefined);
  if (!answer) return;
  const news = await answer.json();
  next = news.next;
  for (const { event } of news.events)
    outcomes.set(event.mail.messageId, words[event.eventType] ?? event.eventType);
  for (const [id, outcome] of outcomes) {
    const mail = [...document.querySelectorAll("button")].find((one) =>
      (one.getAttribute("onclick") ?? "") === "downloadEmail('" + id + "')")?.closest(".email-inner");
    if (!mail) continue;
    let line = mail.querySelector(".outcome");
    if (!line) {
      line = document.createElement("p");
      line.className = "outcome";
      mail.querySelector("p:nth-of-type(2)").after(line);
    }
    line.innerHTML = "<b>Outcome:</b> " + outcome;
  }
}
showOutcomes();
setInterval(showOutcomes, 1000);
`;
