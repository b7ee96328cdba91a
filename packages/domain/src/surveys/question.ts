import type { Invitation } from "@success-manager/contract/surveys";

type Asked = Pick<Invitation, "survey_type" | "product" | "ticket_reference">;

/** What a survey asks, in one sentence: the same in the mail and on the page. */
export function questionOf({ survey_type, product, ticket_reference }: Asked): string {
  switch (survey_type) {
    case "nps":
      return `How likely are you to recommend ${product ?? "us"} to a friend or colleague?`;
    case "post_ticket": {
      const request = ["your request", ticket_reference].filter(Boolean).join(" ");
      return `How satisfied are you with how we handled ${request}?`;
    }
    case "quarterly":
      return `How satisfied have you been with ${product ?? "us"} over the last three months?`;
    case "onboarding":
      return `How satisfied are you with the way we got you started${product ? ` with ${product}` : ""}?`;
  }
}
