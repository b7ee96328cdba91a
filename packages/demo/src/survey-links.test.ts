import { PublicSurvey } from "@success-manager/domain/surveys";
import { describe, expect, it } from "vitest";
import { counts, demoOn } from "./fixture/demo.ts";

const NOW = "2026-03-31T15:30:00.000Z";
const customers = demoOn(NOW);
const surveys = customers.flatMap((customer) => customer.surveys);
const links = customers.flatMap((customer) => customer.links);

describe("the demo's survey links", () => {
  it("brought about half of the responses", () => {
    const share =
      surveys.filter(({ submitted_via }) => submitted_via === "email_link").length / surveys.length;
    expect(share).toBeGreaterThan(0.4);
    expect(share).toBeLessThan(0.6);
  });

  it("each have the response that they were used for, on what was asked", () => {
    const responses = new Map(surveys.map((survey) => [survey.survey_link_id, survey]));
    responses.delete(undefined);
    const used = links.filter(({ answered_at }) => answered_at);
    expect(used).toHaveLength(responses.size);
    for (const link of used) {
      const { customer_id, survey_type, product_deployment_id, product, ticket_reference, answered_at } =
        link;
      expect(responses.get(link.id)).toMatchObject({
        ...{ customer_id, survey_type, submitted_at: answered_at, submitted_via: "email_link" },
        ...(product && { product, product_deployment_id }),
        ...(ticket_reference && { ticket_reference }),
      });
      expect(link.created_at < (answered_at ?? "") && (answered_at ?? "") < link.expires_at).toBe(true);
    }
  });

  it.each(["2026-01-01T00:00:00Z", NOW, "2028-02-29T23:59:59Z"])(
    "are partly unanswered on %s: open, expired, and one revoked when the customer left",
    (now) => {
      const links = demoOn(now).flatMap(({ links, customer }) =>
        links.map((link) => ({
          linkStatus: PublicSurvey.linkStatus(link, new Date(now)),
          status: customer.status,
        })),
      );
      expect(counts(links.map(({ linkStatus }) => linkStatus))).toEqual({
        answered: expect.any(Number),
        expired: expect.toSatisfy((count: number) => count >= 2),
        open: expect.toSatisfy((count: number) => count >= 2),
        revoked: 1,
      });
      expect(links.find(({ linkStatus }) => linkStatus === "revoked")?.status).toBe("churned");
      expect(links.filter(({ linkStatus, status }) => linkStatus === "open" && status === "churned")).toEqual(
        [],
      );
    },
  );

  it("have a whole hash each, and an id that follows from it", () => {
    expect(new Set(links.map(({ id }) => id)).size).toBe(links.length);
    for (const { id, token_hash } of links) {
      expect(token_hash).toMatch(/^[\w-]{43}$/);
      expect(Buffer.from(token_hash, "base64url").toString("hex").slice(0, 8)).toBe(id.slice(0, 8));
    }
  });
});
