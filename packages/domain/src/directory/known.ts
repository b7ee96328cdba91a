import { type Counters, type DirectorySeries, parseCounters, type TotalsRow } from "../counters/index.ts";
import type { LastInteraction, LatestScore, StoredCustomer, StoredDeployment } from "../table/index.ts";
import {
  compactContact,
  compactCustomer,
  compactDeployment,
  compactScore,
  compactTeammate,
} from "./compact.ts";
import type { DirectoryItem, TeamMember } from "./feed.ts";

/** The newest of everything that is known of a customer, whether the customer itself is already or not. */
export interface Known {
  /** One copy of the id for all that belongs to the customer. */
  readonly id: string;
  customer: StoredCustomer | undefined;
  score: LatestScore | undefined;
  contact: LastInteraction | undefined;
  /** Replaced when one changes, so that rows keep what they were made of. */
  deployments: readonly StoredDeployment[];
}

/** Also newer is what has no revision that could be compared: reading it will tell. */
const newer = (item: DirectoryItem, known: { readonly revision: number } | undefined) =>
  !(item.revision <= (known?.revision ?? 0));

/** Deployments with another one, or a newer one in its place. */
function including(deployments: readonly StoredDeployment[], deployment: StoredDeployment) {
  const index = deployments.findIndex(({ id }) => id === deployment.id);
  return index < 0 ? [...deployments, deployment] : deployments.with(index, deployment);
}

/** The newest revision of every row, in whatever order and however often they are told of. */
export function newestRows() {
  const customers = new Map<string, Known>();
  const team = new Map<string, TeamMember>();
  const totals = new Map<DirectorySeries, Pick<TotalsRow, "revision"> & { readonly counters: Counters }>();

  const knownOf = (id: string): Known => {
    const known = customers.get(id);
    if (known) return known;
    const made: Known = { id, customer: undefined, score: undefined, contact: undefined, deployments: [] };
    customers.set(id, made);
    return made;
  };

  return {
    team: team as ReadonlyMap<string, TeamMember>,
    totals: (series: DirectorySeries): Counters => totals.get(series)?.counters ?? {},
    /**
     * Keeps a row when it is newer than the known one; answers the customers that it touches, if so.
     * @throws a sentence for people when the row is not what it should be; what was known stays
     */
    keep(item: DirectoryItem): readonly Known[] | undefined {
      switch (item.__edb_e__) {
        case "customer": {
          const known = knownOf(item.id);
          if (!newer(item, known.customer)) return undefined;
          known.customer = compactCustomer(item);
          return [known];
        }
        case "latest_score": {
          const known = knownOf(item.customer_id);
          if (!newer(item, known.score)) return undefined;
          known.score = compactScore(item, known.id);
          return [known];
        }
        case "last_contact": {
          const known = knownOf(item.customer_id);
          if (!newer(item, known.contact)) return undefined;
          known.contact = compactContact(item, known.id);
          return [known];
        }
        case "deployment": {
          const known = knownOf(item.customer_id);
          const before = known.deployments.find(({ id }) => id === item.id);
          if (!newer(item, before)) return undefined;
          known.deployments = including(known.deployments, compactDeployment(item, known.id));
          return [known];
        }
        case "teammate": {
          if (!newer(item, team.get(item.id))) return undefined;
          team.set(item.id, compactTeammate(item));
          return [...customers.values()].filter(({ customer }) => customer?.account_manager_id === item.id);
        }
        case "totals":
          if (!newer(item, totals.get(item.series))) return undefined;
          totals.set(item.series, { revision: item.revision, counters: parseCounters({ ...item }) });
          return [];
        default:
          // A newer version of this code may write kinds that this one doesn't know.
          return undefined;
      }
    },
  };
}
