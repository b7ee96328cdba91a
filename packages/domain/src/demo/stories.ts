import type { Environment, Product } from "@success-manager/contract/vocabulary";
import { type DemoAccount, james, sarah } from "./accounts.ts";
import type { Mood } from "./moods.ts";

/** A company and what became of it. All companies and people are invented; `.example` can't receive mail. */
export interface Story {
  readonly company: string;
  readonly domain: string;
  readonly industry: "Telecommunications" | "Technology" | "Financial Services";
  readonly contact: string;
  /** Somebody else there, who answers surveys too. */
  readonly colleague: string;
  readonly manager: DemoAccount;
  /** Whole units of currency. */
  readonly value: number;
  readonly products: readonly [Product, ...Product[]];
  readonly environment: Environment;
  /** Length of the contract, and in how many days it ends. */
  readonly contract: { readonly months: 12 | 24 | 36; readonly ends_in: number };
  /** The mood of late, and the one before it, which lasted until so many months ago. */
  readonly mood: Mood;
  readonly before?: { readonly mood: Mood; readonly until: number };
  readonly onboarding?: true;
  /** Days since they left. */
  readonly churned?: number;
  readonly notes: string;
}

const telecommunications = { industry: "Telecommunications" } as const;
const technology = { industry: "Technology" } as const;
const finance = { industry: "Financial Services" } as const;

/** Fifteen companies, five of each industry. Managed by Sarah (8) and James (7). */
export const stories: readonly Story[] = [
  {
    ...telecommunications,
    company: "Velmora Mobile",
    domain: "velmora.example",
    contact: "Ingrid Halvorsen",
    colleague: "Tomas Reyes",
    manager: sarah,
    value: 4_200_000,
    products: ["MonetX", "SupportX", "GreenX"],
    environment: "hybrid",
    contract: { months: 36, ends_in: 520 },
    mood: "thriving",
    notes: "Reference customer. Gladly talks to prospects.",
  },
  {
    ...telecommunications,
    company: "Tarnwick Networks",
    domain: "tarnwick.example",
    contact: "Callum Drury",
    colleague: "Aisha Bello",
    manager: james,
    value: 2_850_000,
    products: ["MonetX", "SupportX"],
    environment: "on_premise",
    contract: { months: 24, ends_in: 310 },
    mood: "steady",
    notes: "Must stay on premise: the regulator asks for it.",
  },
  {
    ...telecommunications,
    company: "Brightmere Fibre",
    domain: "brightmere.example",
    contact: "Nadia Oyelaran",
    colleague: "Piet Vos",
    manager: sarah,
    value: 1_950_000,
    products: ["GreenX", "MonetX", "SupportX"],
    environment: "cloud",
    contract: { months: 12, ends_in: 24 },
    mood: "thriving",
    notes: "Renewal is agreed in principle; waiting for the signature of their board.",
  },
  {
    ...telecommunications,
    company: "Kestovar Telecom",
    domain: "kestovar.example",
    contact: "Milan Petrak",
    colleague: "Joanna Lisek",
    manager: james,
    value: 1_400_000,
    products: ["SupportX", "MonetX"],
    environment: "cloud",
    contract: { months: 24, ends_in: 75 },
    mood: "steady",
    before: { mood: "quiet", until: 3 },
    notes: "New head of operations since spring; talks to us again.",
  },
  {
    ...telecommunications,
    company: "Osprelle Broadband",
    domain: "osprelle.example",
    contact: "Hugh Marchetti",
    colleague: "Leila Farouk",
    manager: sarah,
    value: 900_000,
    products: ["MonetX", "GreenX"],
    environment: "cloud",
    contract: { months: 12, ends_in: 58 },
    mood: "strained",
    before: { mood: "steady", until: 3 },
    notes: "Unhappy since the billing outage. Wants to see a plan before renewing.",
  },
  {
    ...technology,
    company: "Zephyrine Cloud",
    domain: "zephyrine.example",
    contact: "Priya Raman",
    colleague: "Oliver Stent",
    manager: james,
    value: 3_100_000,
    products: ["SupportX", "MonetX", "GreenX"],
    environment: "cloud",
    contract: { months: 24, ends_in: 420 },
    mood: "thriving",
    before: { mood: "steady", until: 4 },
    notes: "Rolls out to two more regions this year.",
  },
  {
    ...technology,
    company: "Quillstone Software",
    domain: "quillstone.example",
    contact: "Greta Lindqvist",
    colleague: "Samir Haddad",
    manager: sarah,
    value: 2_400_000,
    products: ["MonetX", "SupportX", "GreenX"],
    environment: "hybrid",
    contract: { months: 36, ends_in: 700 },
    mood: "steady",
    notes: "Quarterly review with their chief operating officer.",
  },
  {
    ...technology,
    company: "Cindervale Robotics",
    domain: "cindervale.example",
    contact: "Benedikt Auer",
    colleague: "Chiara Moretti",
    manager: james,
    value: 1_650_000,
    products: ["GreenX", "SupportX"],
    environment: "on_premise",
    contract: { months: 12, ends_in: 140 },
    mood: "quiet",
    before: { mood: "thriving", until: 3 },
    notes: "Our champion has left; find out who decides now.",
  },
  {
    ...technology,
    company: "Pellworth Analytics",
    domain: "pellworth.example",
    contact: "Dorothy Achebe",
    colleague: "Felix Brandl",
    manager: sarah,
    value: 1_150_000,
    products: ["SupportX"],
    environment: "cloud",
    contract: { months: 24, ends_in: 9 },
    mood: "failing",
    before: { mood: "strained", until: 4 },
    notes: "Looks at a competitor. Ask management to call.",
  },
  {
    ...technology,
    company: "Lumenhollow Systems",
    domain: "lumenhollow.example",
    contact: "Yara Delacroix",
    colleague: "Kenji Okafor",
    manager: james,
    value: 650_000,
    products: ["MonetX"],
    environment: "cloud",
    contract: { months: 12, ends_in: 293 },
    mood: "steady",
    onboarding: true,
    notes: "Roll-out runs; second site follows next quarter.",
  },
  {
    ...finance,
    company: "Merrowdale Bank",
    domain: "merrowdale.example",
    contact: "Eleanor Whitcombe",
    colleague: "Rafael Ibarra",
    manager: sarah,
    value: 3_750_000,
    products: ["MonetX", "GreenX", "SupportX"],
    environment: "on_premise",
    contract: { months: 36, ends_in: 610 },
    mood: "thriving",
    notes: "Audit of our processes every year in autumn.",
  },
  {
    ...finance,
    company: "Fenwickshire Insurance",
    domain: "fenwickshire.example",
    contact: "Malcolm Tierney",
    colleague: "Sunita Kapoor",
    manager: james,
    value: 2_250_000,
    products: ["SupportX", "GreenX"],
    environment: "hybrid",
    contract: { months: 24, ends_in: 160 },
    mood: "steady",
    notes: "Would add MonetX once their claims project is done.",
  },
  {
    ...finance,
    company: "Argentmoor Capital",
    domain: "argentmoor.example",
    contact: "Vivienne Castell",
    colleague: "Jonas Frey",
    manager: sarah,
    value: 1_600_000,
    products: ["MonetX"],
    environment: "cloud",
    contract: { months: 24, ends_in: 260 },
    mood: "steady",
    notes: "One product only; GreenX is on their list for next year.",
  },
  {
    ...finance,
    company: "Thornbeck Payments",
    domain: "thornbeck.example",
    contact: "Isaac Thorne",
    colleague: "Mei-Ling Cho",
    manager: james,
    value: 1_000_000,
    products: ["MonetX", "SupportX"],
    environment: "cloud",
    contract: { months: 12, ends_in: 110 },
    mood: "strained",
    before: { mood: "steady", until: 3 },
    notes: "Response times in the evening are the sore point.",
  },
  {
    ...finance,
    company: "Sablecrest Savings",
    domain: "sablecrest.example",
    contact: "Agnes Pemberton",
    colleague: "Viktor Sand",
    manager: sarah,
    value: 700_000,
    products: ["GreenX"],
    environment: "on_premise",
    contract: { months: 24, ends_in: -35 },
    mood: "failing",
    before: { mood: "strained", until: 5 },
    churned: 42,
    notes: "Left for a system that their parent company prescribes.",
  },
];
