// The files that a foundation has besides its logs, made to fit the simulation: organisations with their evidence, published ranges
// in the vendors' own shapes, network types, costs, a policy, and the configuration that names the sources.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { requesterClasses } from '../../transform/classify/requester.ts';
import { TOKEN_PARAMETER } from './generator.ts';
import { lineFormats } from './line-formats.ts';
import {
  crawlerLists,
  egressPrefix,
  publicNetworks,
  v4Cidr,
  v6Cidr,
  type Hyperscaler,
  type Network,
  type NetworkKind,
} from './networks.ts';
import type { Organisation } from './organisations.ts';
import { registryShapes } from './registry-shapes.ts';
import type { SourceName } from './scenario.ts';
import { addDays, DAY_MS, dayOf, periodOf } from '../../transform/periods.ts';
import { sha256 } from '../../sql/sha256.ts';

/** Lists are dated on the simulation's first day. */
export interface RegistryOptions {
  readonly start_ms: number;
  readonly days: number;
  readonly sources: readonly SourceName[];
  readonly organisations: readonly Organisation[];
}

const instant = (time_ms: number): string => new Date(time_ms).toISOString().replace('.000', '');

/** Public id of an organisation's token. */
export const tokenId = ({ id }: Organisation): string => `${id}-token`;

function evidenceOf(organisation: Organisation, validFrom: string): Record<string, unknown>[] {
  const { id, token, networks, declaredNetworks, egress, asKnown, asn } = organisation;
  const rows: Record<string, unknown>[] = [];
  const add = (name: string, fields: Record<string, unknown>) =>
    rows.push({ id: `${id}-${name}`, ...fields, valid_from: validFrom });
  const declare = (name: string, cidr: string | null, what: string) => {
    if (cidr !== null)
      add(name, { tier: 'E2', kind: 'cidr', value: cidr, source: `declared ${what}`, proof: 'nonce seen' });
  };
  if (token !== null) {
    const secret_sha256 = sha256(token);
    rows.push({
      id: tokenId(organisation),
      tier: 'E1',
      kind: 'token',
      secret_sha256,
      valid_from: validFrom,
      source: 'issued on application',
    });
  }
  networks.slice(0, declaredNetworks).forEach((network, j) => {
    declare(`site-${j + 1}`, v4Cidr(network), 'by the organisation');
    declare(`site-${j + 1}-v6`, v6Cidr(network), 'by the organisation');
  });
  if (egress !== null) declare('egress', v4Cidr(egress), 'as its fixed cloud addresses');
  if (asKnown) add('as', { tier: 'E5', kind: 'asn', value: String(asn), source: 'AS registration' });
  return rows;
}

function organisationsFile({ organisations, start_ms }: RegistryOptions): unknown {
  const validFrom = dayOf(start_ms - 365 * DAY_MS);
  return {
    organisations: organisations.map((organisation) => ({
      id: organisation.id,
      name: organisation.name,
      ...(organisation.family === undefined ? {} : { family: organisation.family }),
      ...(organisation.exempt ? { exempt: true } : {}),
      contact: `billing@${organisation.id}.example`,
      evidence: evidenceOf(organisation, validFrom),
    })),
  };
}

/** The secrets. In reality, only the organisations have them. */
function tokensTable(organisations: readonly Organisation[]): string {
  const rows = organisations.flatMap((organisation) =>
    organisation.token === null
      ? []
      : [[organisation.id, tokenId(organisation), organisation.tokenPlace, organisation.token].join(',')],
  );
  return `${['organisation,token_id,place,token', ...rows].join('\n')}\n`;
}

/** File name → content, each in its vendor's published shape. */
function rangeFiles(start_ms: number): Record<string, unknown> {
  const networks = publicNetworks();
  const of = (...kinds: readonly NetworkKind[]) => networks.filter(({ kind }) => kinds.includes(kind));
  const v4 = (list: readonly Network[]) => list.map(v4Cidr);
  const v6 = (list: readonly Network[]) => list.flatMap((network) => v6Cidr(network) ?? []);
  const regionOf = ({ name }: Network) => name.split(' ').at(-1)!;
  const token = String(start_ms / 1000);
  const withEgress = (cloud: Hyperscaler, list: readonly Network[]) => [...v4(list), egressPrefix(cloud)];
  const crawlerShape = (list: readonly Network[]) => ({
    creationTime: instant(start_ms).replace('Z', '.000000'),
    prefixes: [...v6(list).map((ipv6Prefix) => ({ ipv6Prefix })), ...v4(list).map((ipv4Prefix) => ({ ipv4Prefix }))],
  });

  const files: Record<string, unknown> = {
    'ip-ranges.json': {
      syncToken: token,
      createDate: instant(start_ms).replace('T', '-').replace('Z', '').replaceAll(':', '-'),
      prefixes: ['AMAZON', 'EC2'].flatMap((service) => [
        ...of('aws').map((network) => ({
          ip_prefix: v4Cidr(network),
          region: regionOf(network),
          service,
          network_border_group: regionOf(network),
        })),
        { ip_prefix: egressPrefix('aws'), region: 'GLOBAL', service, network_border_group: 'GLOBAL' },
      ]),
      ipv6_prefixes: of('aws').map((network) => ({
        ipv6_prefix: v6Cidr(network),
        region: regionOf(network),
        service: 'EC2',
        network_border_group: regionOf(network),
      })),
    },
    'cloud.json': {
      syncToken: `${token}000`,
      creationTime: instant(start_ms).replace('Z', '.0'),
      prefixes: [
        ...withEgress('gcp', of('gcp')).map((ipv4Prefix) => ({ ipv4Prefix, service: 'Google Cloud', scope: 'global' })),
        ...v6(of('gcp')).map((ipv6Prefix) => ({ ipv6Prefix, service: 'Google Cloud', scope: 'global' })),
      ],
    },
    'ServiceTags_Public.json': {
      changeNumber: 401,
      cloud: 'Public',
      values: [
        {
          name: 'AzureCloud',
          id: 'AzureCloud',
          properties: {
            changeNumber: 77,
            region: '',
            regionId: 0,
            platform: 'Azure',
            systemService: '',
            addressPrefixes: [...withEgress('azure', of('azure', 'github', 'dependabot')), ...v6(of('azure'))],
            networkFeatures: [],
          },
        },
      ],
    },
    'meta.json': {
      verifiable_password_authentication: false,
      hooks: ['20.46.0.0/22'],
      web: ['20.46.4.0/22'],
      api: ['20.46.4.0/22'],
      git: ['20.46.8.0/22'],
      actions: v4(of('github')),
      actions_macos: [],
      dependabot: v4(of('dependabot')),
    },
  };
  for (const list of crawlerLists) files[`${list}.json`] = crawlerShape(of(list));
  return files;
}

/** cidr,type,name,asn: eyeball networks and hosters by range, known organisations by AS number. */
function networksTable(organisations: readonly Organisation[]): string {
  const rows = ['cidr,type,name,asn'];
  for (const network of publicNetworks()) {
    const { kind, name, asn } = network;
    if (kind !== 'hosting' && kind !== 'isp' && kind !== 'mobile' && kind !== 'vpn') continue;
    for (const cidr of [v4Cidr(network), v6Cidr(network)])
      if (cidr !== null) rows.push([cidr, kind, name, asn].join(','));
  }
  for (const { asKnown, name, asn } of organisations) if (asKnown) rows.push(['', 'enterprise', name, asn].join(','));
  return `${rows.join('\n')}\n`;
}

/** One month of a mid-sized registry; the pools have shares like those that registries have published. */
const monthlyCosts = [
  'bandwidth,bytes,USD,250000.00,175000.00,Example CDN',
  'storage,,USD,90000.00,45000.00,Example Cloud',
  'compute,requests,USD,75000.00,0.00,',
  'malware-defence,,USD,60000.00,0.00,',
  'staff,,USD,115000.00,20000.00,Example Foundation',
];

/** The same costs for each simulated month. */
function costsTable({ start_ms, days }: RegistryOptions): string {
  const months = new Set(Array.from({ length: days }, (_, day) => periodOf(addDays(dayOf(start_ms), day))));
  const rows = [...months].flatMap((month) => monthlyCosts.map((row) => `${month},${row}`));
  return `period,pool,driver,currency,gross,donated,donor\n${rows.join('\n')}\n`;
}

const policy = {
  version: 'simulation-1',
  currency: 'USD',
  free_allowance: 5_000,
  bands: [
    { up_to: 500_000, multiplier_bp: 10_000 },
    { up_to: 1_500_000, multiplier_bp: 12_000 },
    { multiplier_bp: 15_000 },
  ],
  cap_bp: 2_500,
  minimum: '100.00',
  rho_bp: 0,
  class_weights_bp: Object.fromEntries(
    requesterClasses.map((name) => [name, name === 'developer' ? 2_500 : name === 'ai_training' ? 20_000 : 10_000]),
  ),
  pools: {
    bandwidth: { bytes_bp: 10_000, requests_bp: 0 },
    storage: { bytes_bp: 5_000, requests_bp: 5_000 },
    compute: { bytes_bp: 0, requests_bp: 10_000 },
    'malware-defence': { bytes_bp: 2_000, requests_bp: 8_000 },
    staff: { bytes_bp: 5_000, requests_bp: 5_000 },
  },
};

function configurationFile({ sources }: RegistryOptions): unknown {
  return {
    warehouse: './data',
    issuer: { name: 'Example Package Foundation', currency: 'USD', contact: 'funding@example.org' },
    sources: sources.map((name) => {
      const { format, fields } = lineFormats[name];
      const { ecosystem, pathPrefix } = registryShapes[name];
      return {
        name,
        format,
        ecosystem,
        ...(pathPrefix === undefined ? {} : { path_prefix: pathPrefix }),
        ...(fields === undefined ? {} : { fields: { ...fields } }),
        token: { query: TOKEN_PARAMETER },
      };
    }),
    registry: './registry/orgs.yaml',
    costs: './registry/costs.csv',
    policy: './registry/policy.yaml',
  };
}

/** Writes DIR/registry, DIR/fairshare.yaml and, as part of the truth, the tokens. */
export function writeRegistryFiles(directory: string, options: RegistryOptions): void {
  const ranges = join(directory, 'registry', 'ranges');
  mkdirSync(ranges, { recursive: true });
  mkdirSync(join(directory, 'truth'), { recursive: true });
  const write = (path: string, text: string) => writeFileSync(join(directory, path), text, { flag: 'wx' });
  write('registry/orgs.yaml', stringify(organisationsFile(options), { lineWidth: 0 }));
  for (const [name, content] of Object.entries(rangeFiles(options.start_ms))) {
    write(join('registry/ranges', name), `${JSON.stringify(content, null, 1)}\n`);
  }
  write('truth/tokens.csv', tokensTable(options.organisations));
  write('registry/networks.csv', networksTable(options.organisations));
  write('registry/costs.csv', costsTable(options));
  write('registry/policy.yaml', stringify(policy));
  write('fairshare.yaml', stringify(configurationFile(options), { lineWidth: 0 }));
}
