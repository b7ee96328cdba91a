import { BatchGetItemCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SESClient, SendRawEmailCommand } from "@aws-sdk/client-ses";
import { mockClient } from "aws-sdk-client-mock";
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { MailError, send } from "./index.ts";
import type { Mail } from "./send.ts";

const ses = mockClient(SESClient);
/** Of no address anything is known. */
const table = mockClient(DynamoDBClient);
const secrets = mockClient(SecretsManagerClient);
afterAll(() => {
  ses.restore();
  table.restore();
  secrets.restore();
});

beforeEach(() => {
  ses.reset();
  table.reset();
  table.on(BatchGetItemCommand).resolves({ Responses: {} });
  ses.on(SendRawEmailCommand).resolves({ MessageId: "1" });
  vi.stubEnv("AWS_REGION", "eu-central-1");
  vi.stubEnv("MAIL_FROM", "team@example.com");
  vi.stubEnv("ADDRESS_KEY_SECRET_ARN", "arn:key");
  secrets.on(GetSecretValueCommand).resolves({ SecretString: "a key" });
});
afterEach(() => vi.unstubAllEnvs());

const mail = (changes: Partial<Mail> = {}): Mail => ({
  to: "ada@example.com",
  subject: "Hello",
  html: () => "<p>Hello</p>",
  text: "Hello",
  tag: { kind: "alert", subject: "a1", mail_id: "m1" },
  ...changes,
});

/** What was sent, and the head and body of its message. */
async function sent(changes: Partial<Mail> = {}) {
  await send(mail(changes));
  const input = ses.commandCalls(SendRawEmailCommand)[0]?.args[0].input;
  const message = Buffer.from(input?.RawMessage?.Data ?? "").toString();
  const end = message.indexOf("\r\n\r\n");
  // Long headers are folded (RFC 5322, 2.2.3).
  const head = message.slice(0, end).replace(/\r\n[ \t]+/g, " ");
  return { input, message, headers: head.split("\r\n") };
}

/** The mail that fails, as the caller sees it. */
const failure = (changes: Partial<Mail> = {}) =>
  send(mail(changes)).then(
    () => undefined,
    (error: unknown) => error,
  );

describe("a mail", () => {
  test("goes to an international domain in punycode, in its header too", async () => {
    const { input, headers } = await sent({ to: "o'neil+x@MÜLLER.de" });
    expect(input?.Destinations).toEqual(["o'neil+x@xn--mller-kva.de"]);
    expect(headers).toContain("To: o'neil+x@xn--mller-kva.de");
  });

  test("goes from the stage's sender to one address", async () => {
    const { input, headers, message } = await sent();
    expect(input).toMatchObject({ Source: "team@example.com", Destinations: ["ada@example.com"] });
    expect(input).not.toHaveProperty("ConfigurationSetName");
    expect(headers).toEqual(
      expect.arrayContaining([
        "From: Success Manager <team@example.com>",
        "To: ada@example.com",
        "Subject: Hello",
        "MIME-Version: 1.0",
      ]),
    );
    expect(headers.filter((header) => /^(reply-to|cc|bcc):/i.test(header))).toEqual([]);
    expect(message).toContain("text/plain");
    expect(message).toContain("text/html");
  });

  test("takes the stage's rules and its address for answers", async () => {
    vi.stubEnv("MAIL_REPLY_TO", "help@example.com");
    vi.stubEnv("MAIL_CONFIGURATION_SET", "success-manager-local-mail");
    const { input, headers } = await sent();
    expect(input?.ConfigurationSetName).toBe("success-manager-local-mail");
    expect(headers).toContain("Reply-To: help@example.com");
  });

  test("keeps letters of all languages", async () => {
    const { headers, message } = await sent({ subject: "Größe 你好", text: "Größe 你好" });
    const encoded = headers.find((header) => header.startsWith("Subject:")) ?? "";
    expect(encoded).toMatch(/=\?UTF-8\?[QB]\?/);
    expect(message).toMatch(/charset=utf-8/i);
  });

  test("carries files and further headers", async () => {
    const { headers, message } = await sent({
      headers: { "Auto-Submitted": "auto-generated" },
      attachments: [
        { filename: "report.pdf", contentType: "application/pdf", content: new Uint8Array([1, 2, 3]) },
      ],
    });
    expect(headers).toContain("Auto-Submitted: auto-generated");
    expect(message).toContain("Content-Type: application/pdf; name=report.pdf");
    expect(message).toContain("Content-Disposition: attachment; filename=report.pdf");
    expect(message).toContain("AQID");
  });

  const breaks = [
    "\r\nBcc: eve@example.com",
    "\nBcc: eve@example.com",
    "\rBcc: eve@example.com",
    "\u2028Bcc: e",
  ];
  test.each(breaks)("gets no header out of %j", async (broken) => {
    const { input, headers } = await sent({
      subject: `Hello${broken}`,
      headers: { "X-About": `Nordlicht${broken}` },
      attachments: [
        { filename: `a${broken}.pdf`, contentType: "application/pdf", content: new Uint8Array([1]) },
      ],
    });
    expect(headers.filter((header) => /^bcc/i.test(header))).toEqual([]);
    expect(headers.find((header) => header.startsWith("X-About:"))).toContain("Nordlicht Bcc");
    expect(input?.Destinations).toEqual(["ada@example.com"]);
  });

  test("refuses names of headers that are none", async () => {
    await expect(send(mail({ headers: { "X-A: b\r\nBcc": "eve@example.com" } }))).rejects.toThrow("header");
    expect(ses.calls()).toEqual([]);
  });
});

describe("a mail that is not sent", () => {
  const named = (name: string) => Object.assign(new Error("secret"), { name });

  test.each([
    ["Throttling", true, /no more mails at the moment/],
    ["ThrottlingException", true, /no more mails at the moment/],
    ["MessageRejected", false, /refused this mail/],
    ["InvalidParameterValue", false, /refused this mail/],
    ["MailFromDomainNotVerifiedException", false, /does not let us send/],
    ["AccountSendingPausedException", false, /does not let us send/],
    ["AccessDenied", false, /does not let us send/],
    ["CredentialsProviderError", true, /can't be reached/],
  ])("because of %s says so in a sentence", async (name, retryable, sentence) => {
    vi.stubEnv("AWS_MAX_ATTEMPTS", "1");
    ses.on(SendRawEmailCommand).rejects(named(name));
    const error = await failure();
    expect(error).toBeInstanceOf(MailError);
    expect(error).toMatchObject({ status: "failed", retryable, message: expect.stringMatching(sentence) });
    expect(String(error)).not.toContain("secret");
  });

  const connecting = (code: string) => Object.assign(new Error(code), { code, syscall: "connect" });
  test.each([
    ["refused", connecting("ECONNREFUSED")],
    ["refused by each address", new AggregateError([connecting("ECONNREFUSED"), connecting("ETIMEDOUT")])],
    [
      "never made",
      Object.assign(new Error("the request socket did not establish a connection with the server"), {
        name: "TimeoutError",
      }),
    ],
    ["to a name that nobody knows", Object.assign(new Error("ENOTFOUND"), { syscall: "getaddrinfo" })],
  ])("because its connection was %s is tried again", async (_, error) => {
    ses.on(SendRawEmailCommand).rejectsOnce(error).resolves({ MessageId: "2" });
    expect(await send(mail())).toBe("2");
    expect(ses.calls()).toHaveLength(2);
  });

  test("because SES gets too many a second is tried again, but not on and on", async () => {
    vi.stubEnv("AWS_MAX_ATTEMPTS", "2");
    const busy = Object.assign(new Error("Maximum sending rate exceeded."), { name: "Throttling" });
    ses.on(SendRawEmailCommand).rejects(busy);
    expect(await failure()).toMatchObject({ status: "failed", retryable: true });
    expect(ses.calls()).toHaveLength(2);
  });

  test("because the quota of a day is used up is not tried again right away", async () => {
    const busy = Object.assign(new Error("Daily message quota exceeded."), { name: "Throttling" });
    ses.on(SendRawEmailCommand).rejects(busy);
    expect(await failure()).toMatchObject({ status: "failed", retryable: true });
    expect(ses.calls()).toHaveLength(1);
  });

  test("for want of time asks nobody", async () => {
    const error = await send(mail(), () => 5_000).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      status: "failed",
      retryable: true,
      message: expect.stringMatching(/no time left/),
    });
    expect(ses.calls()).toEqual([]);
  });

  test("because the stage has no sender asks nobody", async () => {
    vi.stubEnv("MAIL_FROM", "");
    expect(await failure()).toMatchObject({
      name: "MailError",
      retryable: false,
      message: "Sending mail is not set up here. Ask an admin.",
    });
    expect(ses.calls()).toEqual([]);
  });
});

describe("a mail that may have gone out", () => {
  const status = (httpStatusCode: number) => ({ $metadata: { httpStatusCode } });

  test.each([
    ["a late answer", { name: "AbortError" }],
    ["a time-out", { name: "TimeoutError", code: "ETIMEDOUT" }],
    ["a connection that was reset", { code: "ECONNRESET", syscall: "read" }],
    ["a broken service", { name: "InternalFailure", ...status(500) }],
    ["an answer that nobody understands", { name: "SyntaxError", ...status(200) }],
    ["an error with the name of a method", { name: "constructor" }],
  ])("after %s is not tried again, and says so", async (_, facts) => {
    ses.on(SendRawEmailCommand).rejects(Object.assign(new Error("secret"), facts));
    const error = await failure();
    expect(error).toMatchObject({
      status: "unknown",
      retryable: false,
      message: expect.stringMatching(/may have gone out/),
    });
    expect(String(error)).not.toContain("secret");
    expect(ses.calls()).toHaveLength(1);
  });
});
