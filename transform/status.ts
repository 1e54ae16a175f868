// The classes of HTTP status that landing tells apart: what was refused, and why, stays visible after lines are summed.

/** By code; small integers, because they are asked for every line. `none`: the log names no status, or no valid one. */
export const statusClasses = ['none', '1xx', '2xx', '304', '3xx', '401', '403', '404', '429', '4xx', '5xx'] as const;
export type StatusClass = (typeof statusClasses)[number];

function statusClassOf(status: number): StatusClass {
  const own = statusClasses.find((name) => name === String(status));
  if (own !== undefined) return own;
  return status >= 100 && status < 600 ? (`${Math.floor(status / 100)}xx` as StatusClass) : 'none';
}

/** HTTP status → index of its class. */
export const statusCodes = Uint8Array.from({ length: 1000 }, (_, status) =>
  statusClasses.indexOf(statusClassOf(status)),
);
