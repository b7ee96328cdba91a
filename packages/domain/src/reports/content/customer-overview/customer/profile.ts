import type { Block, Section, Tile } from "@success-manager/pdf/document";
import { daysBetween } from "../../../../calendar.ts";
import { countText, dayText, moneyText, namesText, termText } from "../../wording.ts";
import { daysLeftCell } from "../days-left.ts";
import type { Known } from "./known.ts";

/** The end of the contract, unless they have left. */
function contractTile({ customer }: Known, today: string): Tile {
  const { contract_end_date: end, status } = customer;
  if (end === undefined) return { label: "Contract ends", value: "Open", note: "no end is recorded" };
  const days = daysBetween(today, end);
  const cell = daysLeftCell(days);
  const tone = typeof cell === "string" || status === "churned" ? undefined : cell.tone;
  if (days < 0)
    return { label: "Contract ended", value: countText(-days, "day"), note: `ago, ${dayText(end)}`, tone };
  if (days === 0) return { label: "Contract ends", value: "Today", note: dayText(end), tone };
  return { label: "Contract ends in", value: countText(days, "day"), note: dayText(end), tone };
}

const tilesOf = (known: Known, today: string): Tile[] => {
  const { customer, products } = known;
  return [
    {
      label: "Status",
      value: termText(customer.status),
      note: `customer since ${dayText(customer.created_at.slice(0, 10))}`,
    },
    customer.contract_value === undefined
      ? { label: "Contract value", value: "Open", note: "no value is recorded" }
      : { label: "Contract value", value: moneyText(customer.contract_value) },
    contractTile(known, today),
    {
      label: "Products in use",
      value: String(products.length),
      note: products.length === 0 ? "no active deployment" : namesText(products),
    },
  ];
};

const NOT_RECORDED = "Not recorded";

function contractText({ contract_start_date: start, contract_end_date: end }: Known["customer"]): string {
  if (start && end) return `${dayText(start)} to ${dayText(end)}`;
  if (start) return `From ${dayText(start)}, without an end`;
  return end ? `Until ${dayText(end)}` : NOT_RECORDED;
}

/** Who they are. What the team notes about them is not for everybody who gets a report. */
export function profileSection(known: Known, today: string): Section {
  const { customer, account_manager_name } = known;
  const contact = [customer.contact_name, customer.contact_email, customer.contact_phone].filter(Boolean);
  const blocks: Block[] = [
    { kind: "tiles", tiles: tilesOf(known, today) },
    {
      kind: "table",
      columns: [
        { heading: "Contract and contacts", width: 1 },
        { heading: "", width: 3 },
      ],
      rows: [
        ["Industry", customer.industry?.trim() || NOT_RECORDED],
        ["Account manager", account_manager_name || "Nobody yet"],
        ["Contact", contact.length > 0 ? contact.join(" · ") : NOT_RECORDED],
        ["Contract", contractText(customer)],
      ],
    },
  ];
  return { heading: "Profile", blocks };
}
