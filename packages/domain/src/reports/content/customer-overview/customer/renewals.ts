import type { Section } from "@success-manager/pdf/document";
import { daysBetween } from "../../../../calendar.ts";
import { dateText, moneyText, termText } from "../../wording.ts";
import { daysLeftCell } from "../days-left.ts";
import type { Known } from "./known.ts";

/** How many ends are listed: a customer has a handful of deployments. */
const SHOWN = 30;

/** When the contract and the licenses in use end, soonest first. */
export function renewalsSection({ customer, deployments }: Known, today: string): Section {
  const { contract_end_date, contract_value } = customer;
  const ends = [
    ...(contract_end_date === undefined
      ? []
      : [
          {
            what: "Contract",
            detail: contract_value === undefined ? "No value recorded" : moneyText(contract_value),
            end: contract_end_date,
          },
        ]),
    ...deployments
      .filter(({ is_active }) => is_active)
      .map(({ product_name, license_type, environment, license_expiry }) => ({
        what: `License of ${product_name}`,
        detail: `${license_type}, ${termText(environment).toLowerCase()}`,
        end: license_expiry,
      })),
  ].sort((a, b) => (a.end < b.end ? -1 : a.end > b.end ? 1 : 0));
  const heading = "Renewals";
  if (ends.length === 0)
    return {
      heading,
      blocks: [{ kind: "text", text: "No end of a contract or of a license in use is recorded." }],
    };
  return {
    heading,
    about: "The ends of the contract and of the licenses that are in use, soonest first.",
    blocks: [
      {
        kind: "table",
        columns: [
          { heading: "What", width: 2 },
          { heading: "Terms", width: 2 },
          { heading: "Ends", width: 1.5 },
          { heading: "Days left", align: "right", width: 1.5 },
        ],
        rows: ends
          .slice(0, SHOWN)
          .map(({ what, detail, end }) => [
            what,
            detail,
            dateText(end),
            daysLeftCell(daysBetween(today, end)),
          ]),
        more: Math.max(0, ends.length - SHOWN),
      },
    ],
  };
}
