import type { Invitation } from "@success-manager/contract/surveys";
import { describe, expect, test } from "vitest";
import { FRAME } from "../mail/fixture/frame.ts";
import { surveyMail as messageOf } from "./survey-mail.ts";

const INVITATION: Invitation = {
  customer_name: "Velmora Mobile",
  survey_type: "nps",
  product: "MonetX",
  ticket_reference: null,
  custom_message: "Dear Ada,\n<b>hello</b>",
  language: null,
  expires_at: "2026-12-05T14:30:00.000Z",
  scale: { min: 0, max: 10 },
};
const OCCASION = { language: "en", timeZone: "UTC", sender: "Extravis" } as const;
const URL = "https://api.example.com/survey/token";

const surveyMail = (...asked: Parameters<typeof messageOf>) => {
  const message = messageOf(...asked);
  return { ...message, html: message.html(FRAME) };
};

describe("the mail of a survey", () => {
  test("can be unsubscribed from in one step where its address is safe (RFC 8058)", () => {
    const leave = { "List-Unsubscribe": `<${URL}/unsubscribe>` };
    const machine = { "Auto-Submitted": "auto-generated" };
    expect(surveyMail(INVITATION, URL, OCCASION).headers).toEqual({
      ...machine,
      ...leave,
      "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    });
    const unsafe = surveyMail(INVITATION, URL.replace("https", "http"), OCCASION);
    expect(unsafe.headers).toEqual({
      ...machine,
      "List-Unsubscribe": `<${URL.replace("https", "http")}/unsubscribe>`,
    });
  });

  test("says who asks whom, when it ends, and the same in both parts", () => {
    const { subject, html, text } = surveyMail(INVITATION, URL, { ...OCCASION, timeZone: "Asia/Karachi" });
    expect(subject).toBe(
      "Extravis asks Velmora Mobile: How likely are you to recommend MonetX to a friend or colleague?",
    );
    for (const part of [html, text]) expect(part).toMatch(/5 December 2026 at 19:30 (GMT\+5|PKT)/);
    expect(text).toContain("Extravis asks Velmora Mobile\n");
    expect(html).toContain("&lt;b&gt;hello&lt;/b&gt;");
  });

  test("of a reminder says when it was asked first", () => {
    const reminder = surveyMail(INVITATION, URL, { ...OCCASION, remindsOf: "2026-11-28T23:00:00.000Z" });
    expect(reminder.subject).toMatch(/^Reminder: Extravis asks Velmora Mobile: /);
    for (const part of [reminder.html, reminder.text])
      expect(part).toContain("We asked you on 28 November 2026");
  });

  test("in Arabic begins every paragraph of its text from the right, and isolates names from the left", () => {
    const { html, text } = surveyMail({ ...INVITATION, custom_message: null }, URL, {
      ...OCCASION,
      language: "ar",
    });
    const paragraphs = text.split("\n").filter((line) => line && !line.startsWith("https:"));
    expect(paragraphs.length).toBeGreaterThan(4);
    for (const paragraph of paragraphs) expect(paragraph).toMatch(/^\u200f/);
    expect(html).toContain('<html lang="ar" dir="rtl">');
    expect(html).toContain("<bdi>Velmora Mobile</bdi>");
  });
});
