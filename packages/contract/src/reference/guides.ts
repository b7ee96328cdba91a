/** A chapter for people, as a tag of the document. */
export interface Guide {
  /** The tag's name. */
  readonly id: string;
  readonly title: string;
  /** Markdown. */
  readonly text: string;
}

/** A call that a guide shows. `test/http/examples.test.ts` runs all of them, in their order, as one script. */
const shell = (script: string) => `\`\`\`shell\n${script}\n\`\`\``;

/**
 * What holds for all operations. Facts are those of the code: limits of `paging.ts` and `values.ts`, sessions of
 * decision 6, quotas of decision 22 (docs/decisions.md).
 */
export const GUIDES: readonly Guide[] = [
  {
    id: "guide-start",
    title: "First call",
    text: `All of the API is JSON over HTTPS below \`/api/v1\`. Times are UTC in ISO 8601 with milliseconds
(\`2026-01-31T08:00:00.000Z\`), days are \`YYYY-MM-DD\` in UTC, ids are UUIDs, names are \`snake_case\`.

Sign in, keep the token, ask:

${shell(`API=http://localhost:8000
TOKEN=$(curl -s "$API/api/v1/auth/login" \\
  -d username=admin@extravis.com \\
  --data-urlencode password=Admin@123 |
  sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')
curl -s "$API/api/v1/customers?limit=3" \\
  -H "Authorization: Bearer $TOKEN"`)}

That account is one of the demo data that \`npm start\` fills a machine with; a deployed stage has none.

In TypeScript the client of this repository knows every path, field and type:

\`\`\`typescript
import { apiOf, tokensOf } from "@success-manager/contract/api";

const stranger = apiOf("http://localhost:8000");
const form = { username: "admin@extravis.com", password: "Admin@123" };
const { access_token } = tokensOf((await stranger.auth.login({ form })).body());

const api = apiOf("http://localhost:8000", access_token);
const { customers } = (await api.customers.list({ query: { limit: 3 } })).body();
\`\`\`

\`body()\` throws when the call failed; \`status\`, \`headers\` and \`raw\` never do.

A path works with and without a slash at its end. HEAD works where GET does. Bodies are UTF-8, 1 MiB at most, and
not compressed. New fields may come in any answer, so ignore what you do not know.`,
  },
  {
    id: "guide-signing-in",
    title: "Signing in",
    text: `\`POST /api/v1/auth/login\` takes an e-mail address and a password as a form and gives two tokens. Send the
**access token** with each call as \`Authorization: Bearer …\`; it is good for 30 minutes. The **refresh token** is good
for 7 days and for one use: \`POST /api/v1/auth/refresh\` takes it and gives the next pair. A session lasts 30 days at
most, unless the stage says otherwise.

- Refresh when an answer is 401, or shortly before \`expires_in\` seconds have passed. Keep the new refresh token: for 30
  seconds the old one still gives the same successor (a second tab, an answer that was lost), after that it **ends the
  session**, because somebody else may have it.
- Every request reads the session. Signing out, a deactivated account, another role: all hold from the next request on.
- A changed password ends all other sessions of the account.
- An account with a **second factor** gets \`second_factor_required\` and a \`ticket\` instead of tokens:
  \`POST /api/v1/auth/login/second-factor\` takes it with a code of the authenticator app, within five minutes. Where a team
  asks for a second factor (\`/settings/security\`), who has none can sign in and is answered 403 until one is set up
  (\`POST /api/v1/account/2fa/setup\`, then \`/enable\`). "Authorize" on this page knows no second factor.
- A **forgotten password** is replaced by a mailed link: \`POST /api/v1/auth/forgot-password\`, or the page \`/password\`.
- A browser can't keep a secret from scripts that run in it: a page that stores tokens needs a strict content policy.

**Programs** do not sign in: they send an API key in place of the access token, \`Authorization: Bearer smk_live_…\`. An
admin makes one (\`POST /api/v1/api-keys\`) and sees it once.

- Its scopes say what it may: \`customers:read\` for GET below \`/customers\`, \`customers:write\` for everything else there;
  one does not include the other. None allows what is for admins, nor anything of \`/auth\`, \`/account\`, \`/users\`,
  \`/api-keys\` and \`/settings/security\`.
- A filter (\`customers\`) has it see customers of some account managers or industries alone: the others do not exist
  for it, in lists, figures, reports and writes alike. What is about all customers is 403.
- It ends after 90 days unless made for less or more, a year at most. \`rotate\` gives it a new secret while the one
  before goes on for 24 hours: time to exchange it everywhere. \`DELETE\` ends it with the next request.
- What it does carries its name: \`API key "Billing sync"\`.

Roles: \`viewer\` reads, logs what happens (interactions, tickets, answers, alerts) and makes reports. \`manager\` also changes customers,
deployments, schedules and survey links. \`admin\` also manages users, settings and jobs. Each operation says which it
needs. 401 says who you are is not known, 403 that you may not.`,
  },
  {
    id: "guide-paging",
    title: "Paging",
    text: `Lists answer \`{<rows>, total, skip, limit, next_cursor}\`. \`total\` counts what the filters match, before paging.

${shell(`curl -s "$API/api/v1/interactions?limit=20" \\
  -H "Authorization: Bearer $TOKEN"
curl -s "$API/api/v1/interactions?limit=20&skip=20" \\
  -H "Authorization: Bearer $TOKEN"`)}

- \`limit\` is how many rows a page has at most. More than the most (100; customers 1000) means the most, and \`limit\` of
  the answer says what was used.
- \`cursor\`: send \`next_cursor\` of the page before, with the same filters and order. A page costs the same however far
  behind it is, and rows that come or go in between neither repeat nor hide others. \`next_cursor\` is null on the last
  page. A cursor is opaque, and made for its list: another one is 422.
- \`skip\` is there for page numbers. It reads what it skips, so prefer \`cursor\` to go through everything.`,
  },
  {
    id: "guide-filters",
    title: "Filters and sorting",
    text: `Filters are query parameters; several are combined with and. One that comes twice is 422, so is a value that can't be, and
a range whose end lies before its beginning: an empty page would hide the mistake. Parameters that an operation does
not know are ignored.

${shell(`QUERY="status=at_risk&sort_by=contract_value&sort_order=desc"
curl -s "$API/api/v1/customers?$QUERY" \\
  -H "Authorization: Bearer $TOKEN"`)}

- \`sort_by\` takes one of the columns that the operation lists, \`sort_order\` \`asc\` or \`desc\`. Ties go by id, rows without
  a value come last in both orders. Texts stand in the order in which people sort: \`Äther\` before \`Zulu\`, \`Company 2\`
  before \`Company 10\`.
- \`search\` finds a part of a text without regard to case, accents and other spellings: \`muller\` finds \`Müller\`.
- Days are whole days in UTC, both ends included.
- Yes and no may be written \`true\`, \`1\`, \`yes\`, \`on\`, \`t\`, \`y\` and their opposites.
- Customers who have left (\`churned\`) are left out of lists of customers and of all figures unless you ask for them.`,
  },
  {
    id: "guide-errors",
    title: "Errors",
    text: `Every failure is JSON with \`detail\`, a sentence for the person who called. Refused input (422) adds \`errors\`, one entry
for each field: \`loc\` (where it stood), \`msg\` (goes on from the field's name) and \`type\` (the kind of rule). What was
sent is never repeated.

${shell(`curl -s "$API/api/v1/customers" \\
  -H "Authorization: Bearer $TOKEN" \\
  -H "Content-Type: application/json" \\
  -d '{"company_name": "", "contact_email": "ada"}'`)}

| Status | Means | Do |
| ------ | ----- | -- |
| 400 | it can't be done, such as deactivating oneself | say so |
| 401 | not signed in, or no more | refresh, else sign in |
| 403 | signed in, but not allowed | say so |
| 404 | there is no such thing | say so |
| 409 | it contradicts what is there, such as a name that is taken | show \`detail\`, let the person decide |
| 410 | it was there, such as a link that has expired | say so |
| 412 | somebody else changed it meanwhile (\`If-Match\`) | load it again, repeat the change |
| 413, 415 | too large, or compressed | send less, send it plain |
| 422 | the input breaks a rule | show each \`msg\` at its field |
| 429 | too often | wait as \`Retry-After\` says |
| 500 | our fault; it is logged under \`x-request-id\` | tell us that id |
| 503 | a part is not reachable right now | repeat after \`Retry-After\` seconds |

What never reaches our code (no valid HTTP, more requests than the gateway lets through) is answered by the gateway,
with \`message\` in place of \`detail\`. Read \`detail ?? message\`.`,
  },
  {
    id: "guide-rate-limits",
    title: "Rate limits",
    text: `Three kinds of limits, all answered with 429. Ours say in \`Retry-After\` how many seconds to wait; the gateway's says
nothing, so wait a second.

- **Requests.** The gateway lets through so many a second for the whole stage (100 with bursts of 200, unless the stage
  says otherwise), and fewer log-ins (10, bursts of 20).
- **Guessing.** 10 log-ins a minute for an account and an address of the network together, 100 for an address. Checking
  the current password is a log-in. Addresses that never signed in to an account share few attempts; a device that
  signed in before sends its last \`refresh_token\` along and is not slowed down by strangers. Survey links: 120 calls a
  minute from an address. Links to set a password: 30. Log-ins with a provider: 200 steps, two each.
- **What costs us.** Each user has quotas by the hour: 120 reports, 300 mails, 120 jobs, unless the stage says otherwise.
  Operations that spend of them say so. They are whole again at the full hour.

What our limits are and how far you may still go stands in every answer of a call that has met one, on success too:

\`\`\`
RateLimit-Policy: "logins-of-address";q=100;w=60, "logins";q=10;w=60
RateLimit: "logins-of-address";r=97;t=42, "logins";r=7;t=42
\`\`\`

\`q\` calls in \`w\` seconds; \`r\` are left, and in \`t\` seconds all of them are back (IETF draft
ratelimit-headers-11). A survey's answer is counted together with what it writes and tells its policy alone. The names:
\`logins\`, \`logins-of-address\`, \`provider-logins\`, \`surveys\`, \`report-links\`, \`password-links\`, and by the
hour \`reports\`, \`mails\`, \`jobs\`, of which a call may spend several. The gateway's limit is in no header.`,
  },
  {
    id: "guide-retries",
    title: "Retries and double submits",
    text: `An answer that got lost leaves you not knowing whether the call was done. What is safe to repeat:

- **GET and HEAD**, always.
- **PUT and DELETE.** They say what is to be, so a second one changes nothing more; what is gone is 404 then. Three
  do something with each call, so look before you repeat: \`toggle\` of a report schedule turns back, \`reminder\` of a
  survey request refuses a second one within 24 hours (429), and a password that was changed is no longer the current
  one (422). With \`If-Match\` the second is 412, which tells that the first was
  done.
- **POST with an \`Idempotency-Key\`**, within 24 hours (see [below](#tag/guide-idempotency)). Without one, a POST that
  creates is not recognized when it comes again: look in the list before you repeat it. Some refuse a second one with
  409: a customer's name, a user's e-mail address, the answer to a survey link.
- **POST that starts work** (\`/scheduler/jobs/{job}/run\`, \`/health-scores/calculate-all\`, \`/alerts/run-checks\`,
  \`/reports/run-scheduled\`) does nothing twice: jobs are claimed by a run, alerts and scores end up the same.
- **Mails** go out once at most. What the mail service did not confirm is \`unknown\` and is not sent again by itself.

Wait between attempts: a second, then twice as long each time, up to a minute, with some chance in it; \`Retry-After\`
goes before. Repeat 429 and 503, and connections that broke; not other 4xx. A page should turn its button off while a
POST is on its way.

What takes longer than a request answers 202 with where to ask: a report by its id, a run by the \`url\` in \`runs\`. Ask
every few seconds.`,
  },
  {
    id: "guide-idempotency",
    title: "Idempotency keys",
    text: `Send a name of your own with a POST, a new UUID for each thing that is to be done, and the same one when you repeat the
call: it is done once, and you get the first answer again.

${shell(`KEY=$(node -p "crypto.randomUUID()")
for ATTEMPT in 1 2; do
  curl -s "$API/api/v1/alerts" \\
    -H "Authorization: Bearer $TOKEN" \\
    -H "Idempotency-Key: "$KEY"" \\
    -H "Content-Type: application/json" \\
    -d '{"alert_type": "custom", "severity": "low", "customer_id": null, "title": "Call them", "description": "About the renewal."}'
done`)}

| What comes | Answer |
| ---------- | ------ |
| the same key, path and body, within 24 hours | the first answer: status, body, \`ETag\`; with \`Idempotent-Replayed: true\` |
| the same while the first is still running | 409 with \`Retry-After\`: ask again |
| another path or body with that key | 422 |
| a key that is not 1 to 255 visible ASCII characters | 422 |
| the first call had failed | it is tried anew |

- A key is yours: the same one of another user or API key is another key. Who answers a survey has keys for each link.
- Answers that hold secrets (a new API key, a survey link) are kept encrypted. \`/auth\`, \`/account\` and
  \`/users/avatar\` take no key.
- A function that dies in the middle holds the key for half a minute. What one call does at once is then done or not,
  and its answer known; of what goes on (mails, reports) a part may be done again.
- An answer that is too large to keep (some 400 KB compressed) is 409 the second time.

The typed client sends a key with each POST. It repeats by itself what it may (broken connections, 409 with
\`Retry-After\`, 429, 503), up to four times and where it is to wait no longer than ten seconds.`,
  },
  {
    id: "guide-etag",
    title: "ETag and If-Match",
    text: `Two people open the same customer, and both save: without care, the second undoes the first. Whatever has a
\`revision\` sends it as \`ETag\`. Send that back with the change as \`If-Match\`; when somebody else was faster the answer
is 412 and nothing is changed. Load it again and repeat the change.

${shell(`ID=$(curl -s "$API/api/v1/customers?limit=1" \\
  -H "Authorization: Bearer $TOKEN" |
  sed 's/.*"customers":\\[{"id":"\\([^"]*\\)".*/\\1/')
ETAG=$(curl -s -D - -o /dev/null "$API/api/v1/customers/$ID" \\
  -H "Authorization: Bearer $TOKEN" |
  tr -d '\\r' | sed -n 's/^etag: //p')
curl -s -X PUT "$API/api/v1/customers/$ID" \\
  -H "Authorization: Bearer $TOKEN" \\
  -H "If-Match: $ETAG" \\
  -H "Content-Type: application/json" \\
  -d '{"notes": "Renewal agreed by phone."}'`)}

- PUT is partial: an absent key stays as it is, null clears a field that may be empty. Two clients that know different
  fields do not undo each other even without \`If-Match\`.
- \`If-Match\` is optional. Several tags and \`*\` mean what RFC 9110 says; weak tags never match.
- The ETag of a page about a customer or a deployment is that of the customer or deployment alone. It names the
  revision, not the bytes, so there is no 304 in the API.`,
  },
  {
    id: "guide-consistency",
    title: "Reading your own writes",
    text: `Lists and searches are answered from indexes, which follow within milliseconds as a rule and within seconds now and
then. Reading by id is never late. To see in a list what you have just written:

- The answer to a write carries a header \`x-consistency\`: a mark of what it has written.
- Send it with the next calls, for ten seconds; several marks separated by commas. Lists then contain what you wrote,
  whatever the index shows.

The typed client does this by itself. A mark is no secret and no right. Totals and figures are counted a moment later
and wait for nobody; a total is never below what the list found.`,
  },
  {
    id: "guide-cors",
    title: "Browsers and CORS",
    text: `Pages of other origins may call the API when the stage names their origin (\`corsOrigins\`;
\`BACKEND_CORS_ORIGINS\` for \`npm start\`, which allows \`http://localhost:5173\` and \`http://localhost:3000\`). Error answers
carry the headers too, so a page can read them.

- May be sent: \`authorization\`, \`content-type\`, \`idempotency-key\`, \`if-match\`, \`x-consistency\`.
- May be read: \`content-disposition\`, \`etag\`, \`idempotent-replayed\`, \`retry-after\`, \`x-consistency\`, \`x-request-id\`.
- Preflights are good for 10 minutes.
- A download redirects to a file store that is another origin. A page of another origin gets the file itself instead,
  up to 4.5 MB; or it asks with \`Accept: application/json\` for the address.`,
  },
  {
    id: "guide-terms",
    title: "Terms of use",
    text: `This API and its code are proprietary (\`UNLICENSED\` in package.json): whoever has an account of a stage may call that
stage, and nobody else may. There is no licence to copy, change or pass on the code.

What the API holds about people (names, addresses, what they said) is there to look after customers; use it for nothing
else. The passwords of the demo data are public, so demo data belongs on one machine only.`,
  },
];
