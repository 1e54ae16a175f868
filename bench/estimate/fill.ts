// Puts simulated worlds into a warehouse: each is a client of its own, in one month of sealed days.

import { type Warehouse } from '../../sql/warehouse.ts';
import { type EstimateWorld } from './world.ts';

export const WORLD_PERIOD = '2026-10';
const DAY = `${WORLD_PERIOD}-15`;
const GROUPS = 8;
const UNKNOWN_SET = 1;
const INSERT_ROWS = 50_000;

export const clientOf = ({ seed, difference }: EstimateWorld): string => `${difference}-${seed}`;

const setOf = (group: string): number => {
  if (group === '') return UNKNOWN_SET;
  const [kind, number] = group.split(':');
  return (kind === 'provider' ? 100 : 200) + Number(number);
};

/** Stores worlds as the loader and the seal would have. */
export async function fillWorlds(warehouse: Warehouse, worlds: readonly EstimateWorld[]): Promise<void> {
  const numbers = Array.from({ length: GROUPS }, (_, i) => i);
  await warehouse.insert(
    'network_range',
    numbers.map((i) => ({ provider: `provider-${i}`, cidr: `10.${i}.0.0/16`, type: 'ci', recorded_at: '2026-01-01 00:00:00.000' })), // prettier-ignore
  );
  await warehouse.insert(
    'org_evidence',
    numbers.map((i) => ({ evidence_id: `company-${i}-ci`, org_id: `company-${i}`, tier: 'E1', kind: 'token', ci: true, valid_from: '2026-01-01', recorded_at: '2026-01-01 00:00:00.000' })), // prettier-ignore
  );
  await warehouse.insert('evidence_set', [
    { id: UNKNOWN_SET, asn: 64500 },
    ...numbers.map((i) => ({ id: setOf(`provider:${i}`), range_id: `provider-${i}:10.${i}.0.0/16` })),
    ...numbers.map((i) => ({ id: setOf(`company:${i}`), token_id: `company-${i}-ci` })),
  ]);
  await warehouse.insert('day_seal', [{ day: DAY, booked_day: DAY, seal_no: 1, state: 'closed' }]);
  const rows = worlds.flatMap((world) =>
    world.networks.flatMap(({ group, number, flagged, silent }) =>
      (
        [
          ['ci', flagged],
          [number % 2 === 0 ? 'unknown' : 'hosted', silent],
        ] as const
      )
        .filter(([, requests]) => requests > 0)
        .map(([requester_class, requests]) => ({
          day: DAY,
          booked_day: DAY,
          ecosystem: 'pypi',
          network: `100.${number >> 8}.${number & 255}.0/24`,
          evidence_set: setOf(group),
          requester_class,
          client: clientOf(world),
          requests,
        })),
    ),
  );
  for (let from = 0; from < rows.length; from += INSERT_ROWS)
    await warehouse.insert('network_daily', rows.slice(from, from + INSERT_ROWS));
}
