import type { Cloud } from "../cloud.ts";

/** What `npm start` says when everything runs. */
export function banner(cloud: Cloud): string {
  const api = friendly(cloud.apiUrl);
  const lines = [
    "",
    `  API      ${api}`,
    `  Docs     ${api}/docs`,
    `  Inbox    ${friendly(cloud.inboxUrl)}`,
    ...cloud.schedules.map((run, index) => `  ${index === 0 ? "Next     " : "         "}${planned(run)}`),
    "",
    "  Ctrl-C stops everything",
    "",
  ];
  return lines.join("\n");
}

function planned({ next, timezone, name }: Cloud["schedules"][number]): string {
  const time = new Intl.DateTimeFormat("en-GB", {
    timeZone: timezone,
    weekday: "short",
    day: "2-digit",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
  }).format(next);
  return `${time} ${timezone}  ${name}`;
}

/** People read localhost more easily; programs get the address, which needs no look-up. */
function friendly(url: string): string {
  return url.replace("127.0.0.1", "localhost");
}
