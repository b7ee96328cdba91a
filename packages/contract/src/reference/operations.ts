import type { groups } from "../index.ts";

type AnyGroup = (typeof groups)[number];
type GroupName = AnyGroup["name"];

/** A text for each endpoint of each group: a new endpoint without one does not compile. */
type OperationTexts = {
  readonly [G in AnyGroup as G["name"]]: { readonly [E in keyof G["endpoints"] & string]: string };
};

/**
 * What an operation does beyond its summary, in a sentence or two: what decides, what its limits are, what else it
 * sets in motion. Who may call it is said by `access`; bounds of fields by their schemas.
 */
export const OPERATIONS: OperationTexts = {
  auth: {
    login:
      "Checks e-mail and password and opens a session: an access token for 30 minutes, and a refresh token for 7 days. An unknown address and a wrong password are told apart by nothing, not even by time; a deactivated account is 403. Ten attempts a minute for an account and an address of the network together. An account with a second factor gets a `ticket` instead of tokens, for `POST /auth/login/second-factor`.",
    secondFactor:
      "Takes the ticket that the password gave, and a code of the app or a recovery code, and opens the session. A ticket is good for five minutes, five codes and one sign-in; a code works once, and so does none before it. An account has ten codes an hour from addresses that never signed in to it, and ten from each that has.",
    refresh:
      "Takes a refresh token and gives the next pair. A token works once; for 30 seconds after that it gives the same successor, and later it ends its session, because somebody else may have it.",
    logout:
      "Ends the session of the access token: both of its tokens stop working with the next request. Other sessions go on; `DELETE /api/v1/account/sessions` ends those.",
    me: "Shows the account behind the access token, as it is now: a role that an admin has just changed is there already.",
    updateMe:
      "Changes what the body names and leaves the rest. Another e-mail address needs `current_password`, which counts as a log-in attempt, must belong to nobody else, and is told to the old address.",
    changePassword:
      "Sets a new password after checking the current one, which counts as a log-in attempt. This session stays; all others end. What guessers try first is refused.",
    forgotPassword:
      "Takes down that somebody has forgotten the password of an address, and always answers 202: nobody learns whether there is an account. If there is an active one with a password, a mail brings a link that works once, for an hour, and replaces any before it. Three for an account and an address of the network a minute; five mails an hour for an account.",
    validateToken:
      "Tells whether the token of a mailed link can set a password now, and whose. Never an error: what is wrong with a token is said in `message`. Looking uses nothing up.",
    setPassword:
      "Sets the password of an account by the token in the mail: the first one by an invitation, good for 48 hours, or another one by a reset, good for an hour. A link works once, and the next one replaces it. All sessions of the account end, and its owner is told by mail of a password that was replaced. A second factor stays.",
    methods:
      "Says what a log-in page shows: whether there is a form for passwords, and the provider of this stage with the label of its button and the address that the button leads to. Needs no sign-in.",
    oidcLogin:
      "Leads the browser to the provider of this stage (OpenID Connect, authorization code with PKCE); a page opens it like a link, never by `fetch`. `code_challenge` is the SHA-256 of a random verifier that the page keeps. What the log-in began with is in a signed cookie for ten minutes. `return_to` must be an address of the web app, of an origin in `corsOrigins`; without it, that is the first of them.",
    oidcCallback:
      "Takes the browser back from the provider and checks state, issuer, nonce, signature and times of what it brings. Whoever comes for the first time becomes a user, or is linked to the one with the same verified address. Leads on to the web app with `#code=` for a minute, or with `#error=` and `#error_description=` for people to read; a caller that does not accept HTML gets the status instead.",
    oidcExchange:
      "Takes the code of `#code=` with the verifier that belongs to the challenge of the beginning, and opens a session. A code works once, for 60 seconds. 200 steps of such log-ins a minute from an address of the network.",
  },
  account: {
    secondFactor:
      "Shows whether signing in takes a second factor, whether the team asks for one, and how many recovery codes are left.",
    setUpSecondFactor:
      "Makes a new secret for an authenticator app (TOTP: SHA-1, six digits, 30 seconds) and shows it this once, as text, as address and as picture. Nothing is asked for until a code of it was sent to `POST /account/2fa/enable`; calling again makes another one.",
    enableSecondFactor:
      "Turns the second factor on when the code is one of the secret that was set up, and shows ten recovery codes this once. Of many calls at once one succeeds. All other sessions end, and a mail tells the owner.",
    renewRecoveryCodes:
      "Makes ten new recovery codes instead of the former ones. Takes a code of the app, which is used up with it.",
    disableSecondFactor:
      "Turns the second factor off and forgets it. Takes the password, which counts as a log-in attempt; 403 while the team asks for a second factor. A mail tells the owner.",
    close:
      "Deactivates the caller's own account and ends all of its sessions. Takes the password, which counts as a log-in attempt. The last active admin can't leave (409). The history and the address stay; an admin can bring the account back.",
    sessions:
      "Lists where the caller is signed in, with the device and the address of the network that the sign-in came from. Only sessions that are alive, the newest 100.",
    endSession:
      "Signs one device out, at once. Only own sessions are found; the one that calls may end itself.",
    endOtherSessions: "Signs out everywhere but here, at once. Without other sessions nothing happens.",
  },
  users: {
    list: "Shows the team's accounts to admins, newest first. Everybody may ask with `role=csm` or `role=account_manager`, and gets the active admins and managers by name, with id, name, e-mail and role alone.",
    create:
      "Creates an account with a password that the admin hands over. E-mail addresses are unique regardless of case; the address of a removed user stays reserved. `POST /users/invite` spares the hand-over.",
    invite:
      "Creates an account without a password and mails a link that sets one within 48 hours. Called again for somebody who has not set one yet, it mails a new link and the former one stops working. Spends one mail of the caller's hourly quota.",
    profile: "Shows the account behind the access token; another path of `GET /auth/me`.",
    updateProfile: "Changes the caller's own account by the rules of `PUT /auth/me`.",
    changePassword: "Changes the caller's own password by the rules of `PUT /auth/me/password`.",
    startAvatar:
      "Signs an address of the storage for files, to which one file of this size and type may be put within five minutes, with the headers of the answer. Nothing shows yet. Ten a minute.",
    setAvatar:
      "Reads what was uploaded, and draws it anew: upright, cut to a square of 256 pixels, as a PNG without anything that was hidden in the file. JPEG, PNG, GIF (its first picture) and WebP by their content, at most 5 MiB and 25 million pixels. The picture before is deleted; the upload is used up.",
    removeAvatar: "Deletes the caller's own picture. Without one nothing happens.",
    avatar:
      "Sends a picture, to be kept for a day. Its name is random and known from `avatar_url` alone; another picture has another one.",
    get: "Shows an account, also a deactivated one.",
    update:
      "Changes what the body names. Nobody can demote or deactivate themselves (400), and the last active admin stays one (409). Another role, access, team or a new password holds from the next request on.",
    remove:
      "Deactivates an account and keeps its history and its e-mail address. Nobody can remove themselves (400), nor the last active admin (409). `reactivate` brings it back.",
    unlink:
      "Ends that somebody of the provider of log-ins is this user: for who has another account there now. All of their sessions end. Who has no password is as somebody who was invited, and is invited again by `POST /users/invite`. Whoever holds the address at the provider is linked with their next log-in; to keep somebody out, deactivate them.",
    resetSecondFactor:
      "Removes the second factor of somebody who has lost the app and all recovery codes. All of their sessions end, and they are told by mail; the password alone signs in then. Not for oneself (400).",
    activate:
      "Turns an account on or off. Turned off, its sessions end at once and no report reaches it; nobody can turn themselves off (400), nor the last active admin (409).",
    deactivate:
      "Turns an account off: its sessions end at once. Not for oneself (400), nor for the last active admin (409).",
    reactivate: "Turns an account on again; its owner signs in with the password of before.",
  },
  "api-keys": {
    list: "Shows the keys of all programs with their scopes, when they end and when they were last used, newest first. Revoked ones stay, because their names stand beside what they did.",
    create:
      "Creates a key for a program and shows its secret, this once: what is stored is a hash. Each scope allows reading or changing one group; none allows what is for admins, nor anything about accounts. With `customers` it sees those alone, and `customers:read` is then the only scope that it can have.",
    get: "Shows a key, its live secrets by their last characters.",
    update:
      "Changes what the body names, from the key's next request on. `expires_in_days` counts from now and prolongs the newest secret. A revoked key is 409.",
    rotate:
      "Makes a new secret and shows it, this once. The newest one of before works for `overlap_hours` more, any older one ends at once: two live at most. With `overlap_hours` 0, after a leak, the one before ends at once, too.",
    revoke: "Ends all secrets of a key at once and for good. Doing it again changes nothing.",
  },
  customers: {
    list: "Pages through the portfolio with each customer's newest score. Filters are combined with and; churned customers are left out unless `status=churned` asks for them. All columns sort, customers without a value come last.",
    create:
      "Creates a customer. Company names are unique regardless of case, width and invisible characters: of two at the same time one succeeds, the other gets 409. Health is scored by the next daily run, or by `POST /health-scores/calculate/{customer_id}`. Who sees some customers only becomes the account manager, unless they name somebody whose customers they see (else 422).",
    industries:
      "Lists every industry once, in the spelling used most, for a filter's drop-down. Churned customers count as well.",
    accountManagers: "Lists who can be chosen as `account_manager_id`: active admins and managers, by name.",
    search:
      "Finds customers by a part of their name, without regard to case and accents: names that begin with it first, then words, then the rest. Made for a search field that asks with each key.",
    atRisk:
      "Lists customers whose status is `at_risk` or whose newest score is below 60; who has left is left out.",
    expiringSoon:
      "Lists customers whose contract ends from today to `days` days on, in UTC. Those who have left, and contracts that have ended, are left out.",
    get: "Shows all that a page about one customer needs in one call: the record, deployments, the newest score, the latest interactions and survey answers, open alerts. The ETag is that of the customer alone.",
    update:
      "Changes what the body names: an absent key stays, null clears. A status set by hand is not undone by scores, but for a score below 60, which makes active and onboarding customers `at_risk`. Another status than `churned` brings back who has left, with the open follow-ups.",
    remove:
      "Marks a customer as churned; nothing is deleted. Alerts that checks and scores have opened end, follow-ups wait, and no more survey links are made for them. An outcome `churned` of today with the reason `unspecified` is recorded, unless their departure is. A second call changes nothing.",
    timeline:
      "Merges interactions, tickets, survey answers, scores, alerts and outcomes of a customer by time. Of scores it shows the first one and those that moved by 5 points or more, at once or little by little, with the reasons. Turn pages with `cursor`, which costs the same on each page.",
    outcomes:
      "Lists what became of a customer: departures, changed contracts, renewals, returns. `known_on` shows what was known on a day, former versions included.",
    recordOutcome:
      "Records what became of a customer, now, in the past or ahead. Amounts that are left out follow from what is known of the same spell. It must fit what is known (409): who has left can't leave again, who has not can't come back, and nothing happens with who is gone. Who leaves by it today or earlier, and has not come back since, becomes `churned`; who comes back becomes `active`. The same `reference` once more records nothing; that of another kind, or of an outcome that was withdrawn, is 409.",
    healthHistory:
      "Lists the scores of a customer with what they were computed from. Days are whole days in UTC, both ends included.",
    scoreChanges:
      "Explains why the score at the end of one day differs from that at the end of another; the last 30 days when no day is named, 366 at most. Parts add up to `delta` exactly, in a fixed order: the definition, the clock, corrections, what happened. They were found when each score was calculated: what is deleted later is marked `removed`, and its points stay.",
  },
  deployments: {
    list: "Pages through deployments of all customers. Filters are combined with and; every column sorts.",
    create:
      "Records that a customer runs a product. The customer must exist; the license must not end before the deployment date. Active deployments decide the adoption score from the next scoring on.",
    stats:
      "Counts deployments by product and environment. Customers who have left are counted by `churned_customers` alone.",
    expiring:
      "Lists active deployments whose license ends within `days` days from today, in UTC, with an urgency: up to 7 days critical, up to 14 high, else medium.",
    byProduct:
      "Lists who runs a product, with the customer's status and newest score. Inactive ones are there unless `is_active=true`.",
    get: "Shows a deployment with its customer, the newest score that was computed for it and the ten before.",
    update:
      "Changes what the body names; nothing of a deployment can be empty, so null is refused. The license must not end before the deployment date, whichever of both changes.",
    remove:
      "Deactivates a deployment and keeps it: it no longer counts for scores, licenses and products. `PUT` with `is_active: true` brings it back.",
  },
  "health-scores": {
    calculate:
      "Computes a customer's score from what is stored now and keeps it: four components of 0 to 100 with equal weights unless the stage says otherwise. A score under 60 moves an active or onboarding customer to `at_risk`, a later one of 60 or more moves back who was moved that way. Who has left can be scored too, and stays churned.",
    calculateAll:
      "Scores everybody who has not left. What a request has no time for goes on in the background: 202 with `runs` says where to ask. Spends one job of the caller's hourly quota; 409 while such a run is at work.",
    latest:
      "Shows the newest score with its factors, and its last notable change with the reasons; 404 as long as there is none.",
    history:
      "Lists the scores of a customer; an unknown customer has none. Days are whole days in UTC, both ends included.",
    trends:
      "Counts newest scores by trend, risk and bracket. A trend compares with the newest score that is at least 30 days older; 5 points make a difference.",
    atRisk:
      "Lists customers whose newest score is below `threshold`, with days until their contract ends. Customers without a score are left out.",
    override:
      "Sets a score in place of the calculated one, with a reason, for 1 to 90 days, and scores the customer. The calculated score stays beside it. It ends by itself: the first score after its end is the calculated one. A second call takes the place of the first. 409 for who has left.",
    getOverride:
      "Shows what somebody has set in place of the calculated score; null when there is nothing, or it has ended.",
    endOverride: "Ends an override before its time, and scores the customer. 404 when there is none.",
    movement:
      "Sums up why scores moved, by kind and measure, from counters of the days when they were calculated: the last 7 days when no day is named, 366 at most. A change of version counts as `definition`.",
    unknown:
      "Lists customers who have not left and whose newest score is made of too little: its `coverage` is below what the definition asks for.",
    distribution: "Spreads newest scores over risk levels and ten bars of ten points each.",
  },
  "score-definitions": {
    list: "Lists drafts, published and retired definitions, drafts first, then by version. Version 1, the score of the specification, is built in and stands last.",
    create:
      "Begins a draft; nothing is scored by it. Fields that it does not know are refused, also in `applies_to`, and so is a definition that could leave out all of its measures.",
    get: "Shows a definition. Version 1 has the id that the list shows.",
    update: "Replaces a draft as a whole. What is published never changes: 409.",
    remove: "Deletes a draft. What is published stays: 409.",
    preview:
      "Evaluates a definition for all of those whom it is for, beside what holds now, and names who gets into another band. Where they are too many for 15 seconds, an even sample of them is looked at, and the share of each band comes with its 95 % interval. Nothing is written. Spends one job of the caller's hourly quota.",
    publish:
      "Puts a draft in use under the next version: from the next score on, each customer is scored by the definition that applies to them with the highest `priority`, among equals by the newest version, else by version 1. Of two who publish at once one wins, the other gets 409; at most 20 hold. `warnings` says what speaks against it: it is not back-tested as it is, was no better than chance or what is in use, or its filter parts `at_risk` from `active` and `onboarding`. It is published all the same.",
    retire:
      "Takes a definition out of use from the next score on; scores keep its version. Version 1 can't be retired. A second call changes nothing.",
    startBacktest:
      "Looks at days of the past (`cuts`): what the definition would have said of each customer by what was known then, and who left within `horizon_days` after it. Drafts, published definitions and version 1 can be tested; what is tested is kept with the back-test. It runs in the background: 202, then ask for it by its id. A day whose horizon is not over is refused. Spends one job of the caller's hourly quota.",
    listBacktests: "Lists back-tests with their verdict, newest first; a single one has the result.",
    getBacktest:
      "Shows how far a back-test is, with 202, or its result. It is about all customers: who sees some gets 403.",
    removeBacktest:
      "Deletes a back-test. One that is at work ends without a result. What it said of a draft stays with the draft.",
  },
  dashboard: {
    stats:
      "Counts customers, deployments, contract value, scores, satisfaction and alerts, as of now. Who has left counts in `churned_customers` alone.",
    healthDistribution:
      "Counts newest scores by band: excellent from 80, good from 60, at risk from 40, below critical.",
    healthTrends:
      "Averages all scores of each day, ISO week or month, at UTC. `range` is a short way to say period and first day; it can't be combined with `start_date`.",
    csatTrends:
      "Averages survey scores by month. NPS is a line of its own, because its scale runs from 0 to 10 and the others from 1 to 5.",
    customerSegments:
      "Splits the portfolio in four ways, each adding up to all customers who have not left. Product mixes are made of active deployments.",
    upcomingRenewals:
      "Lists contracts by the days until they end, from today on in UTC. Counts and sums are of all, `limit` only shortens the lists.",
    recentActivity:
      "Merges new customers, new deployments, interactions, survey answers and alerts by time; 30 days unless days are named.",
    productPerformance:
      "Compares the three products by deployments, newest scores and survey answers about them. Customers who have left are left out.",
    accountManagerPerformance:
      "Sums up each manager's customers. A manager is the linked user, else the only active user whom the free text names, else the text in any spelling.",
    overview:
      "The same portfolio in fewer figures, with 0 where `stats` says null. Made for a tile row that expects numbers.",
    topPerformers: "Lists customers by newest score, best first; who has left or has no score is left out.",
    needsAttention:
      "Lists who needs a call, with reasons in words: a low or falling score, a weak component, a contract that ends soon. Lowest score first.",
  },
  csat: {
    list: "Pages through survey answers of all customers. Scores of NPS run from 0 to 10, of all other types from 1 to 5, and compare only within a type.",
    create:
      "Records an answer that was given on paper or on the phone. A low score (NPS up to 6, others up to 2) opens an alert and mails whom the settings name.",
    analytics:
      "Sums up all answers of all time, and the last 365 days by month. Averages leave NPS out; themes are words of English feedback.",
    createLink:
      "Makes a link with a random token that is shown once and works once, for 1 to 30 days. With `send_to` it is mailed, which spends one mail of the caller's hourly quota. Not for customers who have left (409).",
    revokeLink: "Ends a link that nobody has used; who opens it is told so (410). A used one is 409.",
    publicInfo:
      "Tells the holder of a link what is asked, and nothing that would name ids. 404 unknown, 409 answered, 410 expired or revoked; 120 calls a minute from an address of the network.",
    publicSubmit:
      "Records the answer of a link, once: of two at the same time one succeeds, the other gets 409. The scale is that of the link's type; a low score opens an alert.",
    summary:
      "Sums up what a customer has answered: averages, NPS, six months by month, the newest five answers. Customers who have left keep theirs.",
    get: "Shows an answer with the request that it came through and the ticket that it is about.",
  },
  "survey-requests": {
    list: "Pages through everybody who was asked, with what became of it. `survey_url` is null here: the token is kept nowhere.",
    create:
      "Asks one or several people of a customer: a request, a link and a mail for each address, 20 at most. Each mail spends one of the caller's hourly quota; an address that bounces is named in `mail_status`. Not for customers who have left (409).",
    stats: "Counts requests by status and type. `response_rate` is answered of all that were made.",
    get: "Shows a request; its status follows from what happened: opened, answered, expired, cancelled.",
    remind:
      "Mails the person once more, with a link of its own that leads to the same survey: three times at most (409), 24 hours apart (429). Spends one mail of the caller's hourly quota.",
    cancel:
      "Withdraws a request: its links stop working (410). One that is answered can't be withdrawn (409); a second call changes nothing.",
    postReminder: "Mails a reminder by the rules of `PUT /survey-requests/{id}/reminder`.",
    postCancel: "Withdraws a request by the rules of `PUT /survey-requests/{id}/cancel`.",
  },
  portal: {
    viewSurvey:
      "Tells the web client's survey page what to show, also when it is too late: `status` says which. 120 calls a minute from an address of the network.",
    submitSurvey:
      "Records the answer of a link, once. Name and address may be left out: then they are those of the person who was asked.",
  },
  alerts: {
    list: "Pages through alerts. Newest first in any state; other orders only among open ones, so they need `is_resolved=false`.",
    create:
      "Raises an alert by hand. It is a subject of its own: no check resolves it. `customer_id` may be null for what is about no customer.",
    dashboard:
      "Counts open alerts by severity and type, without snoozed ones, and names the newest that are high or critical.",
    stats:
      "Counts alerts of all time and those of the last seven days. The average time to resolution leaves open ones out.",
    bulkResolve:
      "Resolves many alerts in one call. What is resolved already or unknown is named and does no harm, so the call may be repeated.",
    bulkSnooze:
      "Snoozes many alerts in one call, for 1 to 90 days. What is resolved already or unknown is named and does no harm.",
    runChecks:
      "Does now what the daily checks do: opens, updates and resolves alerts about contracts, licenses and silence. At most one open alert for each customer, type and subject. Spends one job of the caller's hourly quota.",
    byCustomer:
      "Lists a customer's alerts, open ones unless `include_resolved` or `is_resolved` says otherwise.",
    get: "Shows an alert with whom to call about it.",
    update:
      "Changes an alert, resolves it with `is_resolved: true` or opens it again with `false`. Who did so is taken from the token.",
    resolve:
      "Ends an alert. Checks that find its cause again open a new one only when it has become worse, or was gone in between; a second call changes nothing.",
    snooze:
      "Takes an alert out of open counts for 1 to 90 days. It returns by itself, earlier when it gets worse, and then says why. A resolved one is 409.",
  },
  interactions: {
    list: "Pages through contacts of all customers by date. A ticket is one contact of type `support_ticket`.",
    create:
      "Logs a contact. Without a sentiment it is read from the words, if they are English; an escalation opens an alert and mails whom the settings name. Meetings, trainings, calls and e-mails of the last 90 days make the engagement score.",
    summary:
      "Counts contacts of the last days and weeks in UTC, follow-ups that are open, and who talked with customers most.",
    pendingFollowups:
      "Lists what was promised and not done. A follow-up is done when `follow_up_required` is false; those of customers who have left wait until they are back.",
    ofCustomer: "Lists a customer's contacts; those of the future, as planned meetings, come first.",
    get: "Shows a contact.",
    update:
      "Changes what the body names; null clears the follow-up date alone. What stands for a ticket follows the ticket, so its type, subject, text and date are refused here (409).",
    remove:
      "Deletes a contact for good, from counters and scores too. One that stands for a ticket can't be deleted (409).",
  },
  outcomes: {
    list: "Pages through outcomes of all customers. A reason of the upper level stands for those below it. `known_on` shows what was known on a day: what was recorded or corrected later does not count.",
    import:
      "Records up to 40 outcomes, of the past as a rule. Those of a customer are recorded together or not at all, in whatever order they come. What is there already, by `reference` or with the same kind, day and amounts, is left alone, by `reference` also what was corrected or withdrawn since, so an import may be sent again. A `reference` is of one kind.",
    get: "Shows the newest version of an outcome.",
    correct:
      "Records a new version: an absent key stays, null clears. The former one stays readable, with who recorded it and when. It must fit what is known, as a new outcome does (409). Customer and kind stay what they are.",
    withdraw:
      "Records a last version that says that it never was. Lists and figures leave it out; 409 where a later outcome rests on it, and for an announced departure on which the status `churned` rests: another status withdraws that. A second call is 409.",
    versions: "Lists the versions of an outcome, the newest first.",
    retention:
      "Compares what customers paid on the day before a period with what they pay at its end, each by themselves. What went up and down in between does not count; who came, or left and came back, within the period is in no rate. `end` is `start` − `churned` − `contracted` + `expanded`, in amounts. A period that is not over counts until today.",
    renewals:
      "Pages through renewals: those that are known, and those of contracts that end within 180 days, or by `term_end_to`, which finds what the forecast of a quarter counts; also before the job has made them. `stage` is `renewed` or `lost` once an outcome says so. Renewals are seen with their customers, whoever their owner is.",
    renewal: "Shows a renewal.",
    updateRenewal:
      "Changes what the body names; null clears: the amount is then that of the contract, the owner the account manager. With `renewed` or `lost` it records the outcome in the same transaction: `renewed` or `churned` from the day behind the term on, unless `outcome` says otherwise; `contract_end_date` there is until when the contract was renewed. One that has ended is 409: its outcome can be corrected or withdrawn, and the renewal follows.",
    renewalForecast:
      "Forecasts what will be renewed of the contracts that end in a quarter: what has been renewed, and a simulation of the rest. Each run draws the rate of each band from what its past renewals allow, then renews or loses each contract. A band is that of now; its history is by the band 90 days before the end of the term. Of what was renewed for more, what was at stake counts. Two calls are equal until something changes.",
    forecastSnapshots:
      "Lists the forecasts of the present quarter and the next as they were each week. They never change. Those of a quarter that has been judged say what was renewed of the same contracts: 90 days after the quarter, or when all of them have ended.",
    forecastRecord:
      "Compares forecasts with what was renewed of the same contracts: how often it lay between p10 and p90, and by how much p50 was wrong. Forecasts of one quarter are about the same renewals and no independent tries: the share that held is the mean of the quarters' shares, and its interval has as many tries as there are quarters (`periods`).",
    retentionCustomers:
      "Lists the customers behind a figure, and what each adds to it, those who add most first. With `by` and `group`, those of one group.",
  },
  tickets: {
    list: "Pages through tickets. Whether a service level is missed is judged as of now, so `sla_breached` finds what has become late this minute.",
    create:
      "Opens a ticket, which counts as a contact of type `support_ticket`. The priority promises hours to the first response and to the resolution (`/settings/tickets`). Customers who have left get no new ones (409).",
    stats: "Counts tickets by status and priority, what is late, and how fast the last 30 days were.",
    ofCustomer: "Lists a customer's tickets, open and closed ones.",
    get: "Shows a ticket with what is due when, and the survey answer about it.",
    update:
      "Changes what the body names. `waiting`, `resolved` and `closed` stop the clocks; another priority promises anew. Who resolves a ticket that nobody answered has answered it.",
    listComments: "Lists what was said about a ticket, internal notes too; the order can be turned.",
    addComment:
      "Adds a comment. The first one that is not internal is the first response, which stops that clock. A ticket takes 1000 comments (409).",
  },
  reports: {
    listSchedules: "Pages through schedules with their next and last run. Paused ones are there too.",
    createSchedule:
      "Schedules a report. Without a next run it is at 06:00 UTC of the next day, Monday, first of the month or of the quarter; month ends are counted without errors. Without recipients, the default ones of `/settings/reports` get it.",
    getSchedule: "Shows a schedule, with recipients who get nothing because their account is off.",
    updateSchedule:
      "Changes what the body names; null clears the filters. Another frequency or time computes the next run anew.",
    removeSchedule: "Ends a schedule. Reports that it has made stay in the history.",
    toggleSchedule:
      "Pauses an active schedule, or goes on with a paused one, but not with what was missed meanwhile. 409 when nobody would get it.",
    generate:
      "Makes a PDF of what is stored now. Most are done within the request (200); with `async=true`, or when time runs out, 202 answers with the report as `generating`, to be asked for at `GET /reports/history/{id}`. Spends one report of the caller's hourly quota; five attempts are made.",
    listHistory: "Pages through reports, made by schedule or by hand, with what became of their mails.",
    getHistory: "Shows a report: its state, its file, and the state of each mail.",
    download:
      "Redirects (307) to the PDF at an address that is good for five minutes. With `Accept: application/json` the answer is that address; a page of another origin gets the file itself, up to 4.5 MB.",
    tables:
      "Redirects (307) to a ZIP of all tables of a report, each as CSV with all of its rows, as `download` does to the PDF. 404 where its schedule does not attach them (`attach_csv`).",
    sendAgain:
      "Mails a report again to those it has not reached as far as anybody knows, and to nobody else. Each mail spends one of the caller's hourly quota; 409 when there is nobody left.",
    dashboard: "Counts schedules, and the reports of this calendar month in UTC.",
    runScheduled:
      "Makes and mails everything that is due, as the hourly job does. A due report is claimed first, so two calls at once make it once. Spends one job and one mail of the caller's hourly quota.",
  },
  scheduler: {
    list: "Lists every background job with its schedule, its next run and what came of the last one.",
    run: "Starts a job in the background and answers where to ask for it. 409 while it is at work already; spends one job of the caller's hourly quota.",
    getRun:
      "Tells how a run goes: running, completed or failed, with counts so far. A run is kept for 90 days.",
  },
  settings: {
    alerts: "Shows from when on alerts open and how severe they are, and who is told by mail.",
    updateAlerts:
      "Changes what the body names; null brings the default back. Limits that contradict each other are 422. Open alerts follow with the next check.",
    reports: "Shows footer, logo and default recipients of reports.",
    updateReports: "Changes what the body names, for reports from now on; null brings the default back.",
    branding:
      "Shows who is seen to ask and to report: name, accent color, logo, address for answers, footer.",
    updateBranding:
      "Changes what the body names, from the next mail, page and report on; null brings the stage's own back. A color in which nobody could read is 422 and names one that would do.",
    uploadLogo:
      "Draws a PNG or SVG anew as a PNG that fits into 600 × 160, and keeps it under the hash of what it holds. SVGs are made of shapes alone; a text, a script or a picture within is 422.",
    notifications: "Shows which mails about alerts, escalations and low scores go out, and to whom.",
    systemHealth:
      "Asks table, stream, dead-letter queue, jobs, mail and files how they are, each for two seconds at most. Without the table all is `down`, with anything else wrong `degraded`.",
    updateNotifications: "Changes what the body names, from the next mail on; null brings the default back.",
    tickets: "Shows how many hours each priority promises until the first response and the resolution.",
    suppressions:
      "Lists addresses that bounced (no mail for 180 days) or whose owner reported mail as spam (no mail at all).",
    liftSuppression:
      "Lets mail go to an address again, after somebody has made sure that it may. Only newer bounces and complaints count from then on.",
    security: "Shows how people of the team get in: who has to have a second factor.",
    updateSecurity:
      "Changes who has to have a second factor. Who has to and has none can sign in, and do nothing but set one up; sessions that are open are told so within 30 minutes.",
    outcomes: "Shows the tree of reasons that outcomes name, archived ones too.",
    updateOutcomes:
      "Replaces the tree of reasons; null brings the default back. What the body leaves out is archived at the end of its group: outcomes keep its id, new ones can't name it. Ids are unique in the tree, and `unspecified` stays.",
    updateTickets:
      "Changes what the body names; null brings the default back. Tickets that are open keep what they were promised, until their priority changes.",
  },
  "personal-data": {
    exportPerson:
      "Collects, in the background, what is known of a person by their address or, for somebody of the team, by the user's id: as contact, respondent, requester of tickets, recipient, and where texts name them. 202 while it is pending; who asks again gets the same run, and has it go on should it have broken off. Spends one job of the caller's hourly quota.",
    erase:
      "Erases a person for good, in the background. Scores stay without them, comments go, open survey links are withdrawn, files of reports that may name them are deleted, and the audit trail loses what is personal. An address that gets no mail gets none afterwards either. A user has to be deactivated first (409). Spends one job of the caller's hourly quota.",
    getRun:
      "Tells how it goes: counts by kind of item, which are the certificate of an erasure. Of an export it has the address of the file, for five minutes; the file is kept for seven days.",
  },
  audit: {
    list: "Lists what people, API keys and jobs have changed, newest first, some tenths of a second after it happened. A page can hold fewer entries than `limit` and go on all the same: a request looks at 2000 at most. Entries are kept for 400 days unless the stage says otherwise.",
    verify:
      "Goes through all entries of a day, in UTC, and the chain that they stand in, and names the first one that is not as it was written. Entries of which personal data was erased hold. A request looks at some 2000 entries; of a longer day, `next_cursor` goes on, and the last answer is about all of it.",
  },
  survey: {
    open: "Shows the page where a customer answers, in a browser. What a GET shows it never records.",
    submit:
      "Takes the form of the page, and leads to its thanks (303). What is wrong with the form is said on the page.",
    opened:
      "Notes the first look at a survey. The page's script sends it when somebody sees the page; a GET notes nothing.",
    leave:
      "Shows the page that asks whether to send no more surveys. It changes nothing by itself, because mail programs open links.",
    unsubscribe:
      "Sends the recipient's address no more surveys, from anybody. A second call changes nothing; an admin can lift it.",
    logo: "Sends a logo, to be kept for good: its name says what it holds.",
    theme:
      "Sends a style sheet with the page's colors, made of one: darker where nobody could read it, lighter in the dark.",
    asset: "Sends a file of the page, to be kept for good: its address changes with its content.",
  },
  report: {
    ask: "Shows the page that asks whether to leave. It leaves nothing by itself, because mail programs open links.",
    leave:
      "Takes the recipient of the link off the schedule. A second call changes nothing; nobody has to sign in.",
    file: "Leads to the PDF that was too large for its mail, at an address that is good for five minutes.",
    tables:
      "Leads to a ZIP of the report's tables as CSV, at an address that is good for five minutes, where its schedule attaches them.",
    asset: "Sends a file of the page, to be kept for good: its address changes with its content.",
  },
  password: {
    ask: "Shows the page for those who have forgotten their password.",
    request:
      "Takes the address, and leads to the page that says the same of every one (303): as `POST /auth/forgot-password`.",
    open: "Shows the page where a person sets a password by a mailed link, as long as it works.",
    submit:
      "Takes the form of the page, and leads to its thanks (303). What is wrong with the password is said on the page; 30 calls a minute from an address of the network.",
    asset: "Sends a file of the page, to be kept for good: its address changes with its content.",
  },
  docs: {
    home: "Leads a browser that was given the bare address to the docs.",
    swagger: "Shows the page to try the API, signed in with one's own account.",
    redoc: "Shows the page to read: guides, every operation with its example, every schema.",
    asset: "Sends a file of the pages, to be kept for good: its address changes with its content.",
    openapi:
      "Sends the document that these pages are made of, as it was built with the code. Made for code generators and linters.",
    health:
      "Answers as long as the function runs, and names the version. Asks nothing else; `GET /settings/system/health` asks the parts.",
  },
};

/** A chapter of the docs' list of contents, with its groups in their order. */
export const CHAPTERS = {
  "Signing in and people": ["auth", "account", "users", "api-keys"],
  Customers: ["customers", "deployments", "interactions", "tickets", "outcomes"],
  "Health and alerts": ["health-scores", "score-definitions", "alerts", "dashboard"],
  Surveys: ["csat", "survey-requests", "portal"],
  "Reports and system": ["reports", "settings", "audit", "personal-data", "scheduler"],
  "Pages for people": ["survey", "report", "password", "docs"],
} as const satisfies Readonly<Record<string, readonly GroupName[]>>;

/** Groups that stand in no chapter: there must be none. */
type Missing = Exclude<GroupName, (typeof CHAPTERS)[keyof typeof CHAPTERS][number]>;
/** Does not compile while a group has no chapter; the error names it. */
export const EVERY_GROUP_HAS_A_CHAPTER: [Missing] extends [never] ? true : Missing = true;
