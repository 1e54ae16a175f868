// A registry's packages, stored for the hot loop: every path as bytes in one buffer, sizes and kinds in typed arrays.

import { artifactKinds, type ArtifactKind } from '../../transform/packages/ecosystem.ts';
import { AliasTable, harmonicWeights, mix32, Random } from './random.ts';
import { Fragment } from './text-buffer.ts';
import type { RegistryShape, SimulatedPackage, SizeLaw } from './registry-shapes.ts';

const places = ('alder amber arbor atlas aurora basil beacon birch blaze bramble bridge canyon cedar cinder cipher clover ' +
  'comet copper coral crest cricket delta drift dune echo elm ember falcon fern flint forge fossil frost gale garnet glade ' +
  'grove harbor hazel heron hollow iris ivory jade juniper kelp kite lagoon lark linden lotus maple marsh meadow mica moss ' +
  'nectar nova oak onyx opal orbit otter').split(' '); // prettier-ignore
const trades = ('agent array bench binder bridge buffer cache chart client codec config core cursor daemon diff driver ' +
  'engine fetch filter forms format gateway graph guard hash helper hook index json kernel keys lexer linker loader locks ' +
  'logger mapper matrix merge meter model nodes pages parser patch pipe plugin pool proxy query queue reader router runner ' +
  'schema server shell stream table tokens tools trace types utils').split(' '); // prettier-ignore

/** A name for each i: two words, permuted so that neighbours differ, then a number once all pairs are used. */
function packageWords(i: number): { words: readonly [string, string]; name: string } {
  const n = places.length * trades.length;
  const slot = (i * 2_741) % n; // coprime to n: visits every pair once
  const words = [places[Math.floor(slot / trades.length)], trades[slot % trades.length]] as const;
  const round = Math.floor(i / n);
  return { words, name: round === 0 ? `${words[0]}-${words[1]}` : `${words[0]}-${words[1]}${round + 1}` };
}

/** All paths that can be requested. Index = resource number. */
export interface Catalogue {
  readonly pathBytes: Fragment;
  /** Resource r's path is pathBytes[pathStart[r], pathStart[r + 1]). */
  readonly pathStart: Uint32Array;
  readonly size_bytes: Float64Array;
  /** Index into artifactKinds. */
  readonly kind: Uint8Array;
  /** A whole GET before this instant is a download. */
  readonly countsBefore_ms: Float64Array;
  /** 1 if the request is a POST. */
  readonly posted: Uint8Array;
  /** Index into `packages` and `versions`; −1 none. */
  readonly packageOf: Int32Array;
  readonly versionOf: Int32Array;
  readonly packages: readonly SimulatedPackage[];
  readonly versions: readonly string[];
  /** Per package: its first resource and its number of versions. */
  readonly first: Uint32Array;
  readonly versionCount: Uint8Array;
  readonly popularity: AliasTable;
  /** How requests that fetch no artifact are spread over `plainChoices`. */
  readonly plainMix: AliasTable;
  readonly plainChoices: readonly PlainChoice[];
}

/** A common path, or a path of the chosen package: resource `multiplier` × versions + `offset`, counted from its first. */
export interface PlainChoice {
  /** Resource number of a common path; −1 for a path of a package. */
  readonly common: number;
  readonly multiplier: number;
  readonly offset: number;
  readonly perVersion: boolean;
}

const drawSize = ({ least, octaves }: SizeLaw, bits: number): number => {
  const scale = least * 2 ** (octaves === 0 ? 0 : bits % octaves);
  return octaves === 0 ? least : scale + ((bits >>> 8) % scale);
};

/** A resource before it is stored; package and version are indices, −1 none. */
interface Row {
  readonly path: string;
  readonly kind: ArtifactKind;
  readonly size: number;
  readonly package: number;
  readonly version: number;
  readonly posted: boolean;
  readonly countsBefore_ms: number;
}

/**
 * @param encodePath how the log format encodes a path
 * @returns the same catalogue for the same seed, shape and number of packages
 */
export function buildCatalogue(
  shape: RegistryShape,
  packageCount: number,
  seed: number,
  encodePath: (path: string) => string,
): Catalogue {
  const random = new Random(seed, 0xca7, packageCount);
  const rows: Row[] = [];
  const packages: SimulatedPackage[] = [];
  const versions: string[] = [];
  const first = new Uint32Array(packageCount);
  const versionCount = new Uint8Array(packageCount);

  for (let p = 0; p < packageCount; p++) {
    const { words, name } = packageWords(p);
    const namespace = shape.namespace(p, words);
    const pkg = { name: shape.qualify(namespace, name), short: name, namespace, variant: random.next() };
    packages.push(pkg);
    first[p] = rows.length;
    const count = 2 + random.below(7);
    versionCount[p] = count;
    let [major, minor, patch] = [random.below(3), random.below(10), random.below(6)];
    const own: number[] = [];
    for (let v = 0; v < count; v++) {
      own.push(versions.length);
      versions.push(shape.version(major, minor, patch, random));
      const step = random.below(12);
      if (step === 0) [major, minor, patch] = [major + 1, 0, 0];
      else if (step < 5) [minor, patch] = [minor + 1, 0];
      else patch++;
    }
    const sizeBits = random.next();
    for (const v of own) {
      const size = drawSize(shape.artifact.size, sizeBits) + (mix32(sizeBits + v) % 997);
      const path = shape.artifact.path(pkg, versions[v]);
      rows.push({ path, kind: 'artifact', size, package: p, version: v, posted: false, countsBefore_ms: Infinity });
    }
    for (const { path, kind, perVersion, size: law, countsBefore_ms = 0 } of shape.others) {
      for (const v of perVersion ? own : [-1]) {
        const size = drawSize(law, mix32(sizeBits + rows.length));
        const at = path(pkg, v < 0 ? '' : versions[v]);
        rows.push({ path: at, kind, size, package: p, version: v, posted: false, countsBefore_ms });
      }
    }
  }

  const plainChoices: PlainChoice[] = [];
  let multiplier = 1;
  let offset = 0;
  for (const other of shape.others) {
    plainChoices.push({ common: -1, multiplier, offset, perVersion: other.perVersion });
    if (other.perVersion) multiplier++;
    else offset++;
  }
  for (const { path, kind, size, method } of shape.commons) {
    plainChoices.push({ common: rows.length, multiplier: 0, offset: 0, perVersion: false });
    rows.push({ path, kind, size, package: -1, version: -1, posted: method === 'POST', countsBefore_ms: 0 });
  }

  const paths = rows.map(({ path }) => encodePath(path));
  const pathStart = new Uint32Array(paths.length + 1);
  paths.forEach((path, r) => (pathStart[r + 1] = pathStart[r] + path.length));
  return {
    pathBytes: new Fragment(paths.join('')),
    pathStart,
    size_bytes: Float64Array.from(rows, ({ size }) => size),
    kind: Uint8Array.from(rows, ({ kind }) => artifactKinds.indexOf(kind)),
    countsBefore_ms: Float64Array.from(rows, (row) => row.countsBefore_ms),
    posted: Uint8Array.from(rows, ({ posted }) => (posted ? 1 : 0)),
    packageOf: Int32Array.from(rows, (row) => row.package),
    versionOf: Int32Array.from(rows, ({ version }) => version),
    packages,
    versions,
    first,
    versionCount,
    popularity: new AliasTable(harmonicWeights(packageCount, 4)),
    plainMix: new AliasTable([...shape.others, ...shape.commons].map(({ share }) => share)),
    plainChoices,
  };
}
