// How much of an organisation's usage carries its tokens, by client and by network.

/** A row of queries/orgs/adoption.sql. */
export interface AdoptionRow {
  readonly client: string;
  /** /24 or /48; '' if it is not known. */
  readonly network: string;
  /** `other`: the organisation's by other evidence; `nobody`: unattributed, from a network that its tokens came from. */
  readonly carried: 'token' | 'other' | 'nobody';
  readonly requests: string;
  readonly bytes: string;
}

export interface Adopted {
  readonly name: string;
  readonly requests: bigint;
  readonly with_token: bigint;
  readonly bytes: bigint;
  readonly bytes_with_token: bigint;
}

export interface Adoption {
  readonly total: Adopted;
  /** Most requests without a token first. */
  readonly clients: readonly Adopted[];
  readonly networks: readonly Adopted[];
  /** Usage that nobody answers for, beside the organisation's tokens: all of it without a token. */
  readonly beside: readonly Adopted[];
}

export function adoptionOf(rows: readonly AdoptionRow[]): Adoption {
  const own = rows.filter(({ carried }) => carried !== 'nobody');
  return {
    total: summed(own, () => 'all')[0] ?? {
      name: 'all',
      requests: 0n,
      with_token: 0n,
      bytes: 0n,
      bytes_with_token: 0n,
    },
    clients: summed(own, ({ client }) => client),
    networks: summed(own, ({ network }) => network),
    beside: summed(
      rows.filter(({ carried }) => carried === 'nobody'),
      ({ network }) => network,
    ),
  };
}

function summed(rows: readonly AdoptionRow[], nameOf: (row: AdoptionRow) => string): Adopted[] {
  const sums = new Map<string, Adopted>();
  for (const row of rows) {
    const name = nameOf(row);
    const before = sums.get(name) ?? { name, requests: 0n, with_token: 0n, bytes: 0n, bytes_with_token: 0n };
    const [requests, bytes] = [BigInt(row.requests), BigInt(row.bytes)];
    const [with_token, bytes_with_token] = row.carried === 'token' ? [requests, bytes] : [0n, 0n];
    sums.set(name, {
      name,
      requests: before.requests + requests,
      with_token: before.with_token + with_token,
      bytes: before.bytes + bytes,
      bytes_with_token: before.bytes_with_token + bytes_with_token,
    });
  }
  const missing = ({ requests, with_token }: Adopted): bigint => requests - with_token;
  return [...sums.values()].sort((a, b) => {
    const difference = missing(b) - missing(a);
    return difference === 0n ? (a.name < b.name ? -1 : 1) : difference > 0n ? 1 : -1;
  });
}
