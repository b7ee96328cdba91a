/**
 * What a section says whose figures are counted for all customers together, where the report is about some: nobody
 * counts them by status, industry or manager.
 */
export const ofAll = (what: string) =>
  `${what} counted for all customers together: the filters of this report do not narrow them down.`;
