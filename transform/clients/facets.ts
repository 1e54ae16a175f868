// Builds the facets of grammars: everything that was not found is unknown. Also the evidence that kernels give.

import { tri, type Tri } from '../scan/line-fields.ts';
import { ciVendor } from './ci-vendors.ts';
import type { ClientFacets, ClientKind } from './client.ts';

/** Facets of a user agent besides its name. */
export interface Evidence {
  readonly ci?: Tri;
  readonly ciProvider?: string;
  readonly container?: Tri;
  readonly crawlerList?: string;
}

const nothing: Evidence = {};

export function facets(
  grammar: string,
  client: string,
  version: string,
  kind: ClientKind,
  evidence: Evidence = nothing,
): ClientFacets {
  return {
    client,
    version,
    kind,
    ci: evidence.ci ?? tri.UNKNOWN,
    ciProvider: evidence.ciProvider ?? '',
    container: evidence.container ?? tri.UNKNOWN,
    crawlerList: evidence.crawlerList ?? '',
    token: '',
    grammar,
  };
}

/** Kernels of hosts that run other people's containers: Ubuntu's cloud flavours and Docker Desktop's. */
const CONTAINER_HOST_KERNEL = /-(?:azure|aws|gcp|linuxkit)(?![a-z0-9])/;
const FOREIGN_USERLAND = /^(?:debian|alpine)/i;

/**
 * Debian or Alpine userland on a kernel that neither ships: only a container looks like that. (Ubuntu on an -azure
 * kernel is Azure's own image, so it is no evidence.)
 */
export function userlandEvidence(distro: string, kernel: string): Tri {
  return FOREIGN_USERLAND.test(distro) && CONTAINER_HOST_KERNEL.test(kernel) ? tri.TRUE : kernelEvidence(kernel);
}

/** A kernel alone proves only linuxkit, which never runs anything but containers. */
export function kernelEvidence(kernel: string): Tri {
  return /-linuxkit(?![a-z0-9])/.test(kernel) ? tri.TRUE : tri.UNKNOWN;
}

/** The bytes before the first '/', ' ', '(' or '@' (not counting the first byte), lower-case; at most 40 of them. */
export function firstToken(userAgent: string): string {
  const limit = Math.min(userAgent.length, 40);
  let end = Math.min(1, limit);
  for (; end < limit; end++) {
    const c = userAgent.charCodeAt(end);
    if (c === 0x2f || c === 0x20 || c === 0x28 || c === 0x40) break;
  }
  return userAgent.slice(0, end).toLowerCase();
}

/** CI as clients write it, wherever it stands: group 1 is the vendor, absent if the form names none. */
const CI_FORMS = [
  / ci\/([\w.,-]{1,200})/g, // npm and pnpm ` ci/NAME`, Bundler ` ci/NAME,ci`
  /[(,;] ?CI: ?([\w .-]{1,60}?) ?(?=[,;)]|$)/g, // NuGet `, CI: NAME`
  / CI\/([\w.-]{1,60})/g, // NuGet ` CI/NAME`
  /[(;,] ?CI ?(?=[;,)])/g, // Composer `; CI`, Hex `(CI)`
  /"ci" ?: ?true/g, // pip, uv, Hatch
];

/**
 * What a package manager says of CI and of its container, whatever surrounds it: a grammar that reads one release does not know
 * what the next release writes beside it.
 */
export function evidenceAnywhere(userAgent: string): Required<Pick<Evidence, 'ci' | 'ciProvider' | 'container'>> {
  let ci: Tri = tri.UNKNOWN;
  let ciProvider = '';
  for (const form of CI_FORMS)
    for (const [, written = ''] of userAgent.matchAll(form)) {
      ci = tri.TRUE;
      for (const name of written.split(',')) ciProvider ||= ciVendor(name);
    }
  return { ci, ciProvider, container: kernelEvidence(userAgent) };
}
