// OCI registries (the distribution protocol under /v2/): images, charts and other artifacts.
//
// The package is the whole repository name (`library/debian`), the version is a manifest's reference: tag or digest. GET of a
// manifest is a pull and counts; clients check versions by HEAD, which never counts. An image for several platforms is
// pulled as an index and then as its platform's manifest: two requests, both counted. Blobs are an image's layers: artifacts
// by their bytes, no downloads of their own. cosign stores signatures and attestations under tags named for a digest.

import { downloadRules, type Ecosystem, type Resource } from './ecosystem.ts';
import { artifact, fileOf, index, metadata, other, signature, withoutSuffix } from './paths.ts';

const isName = (name: string): boolean => /^[a-z0-9][a-z0-9._-]*(?:\/[a-z0-9][a-z0-9._-]*)*$/.test(name);
const isDigest = (text: string): boolean => /^[a-z0-9+._-]+:[0-9a-f]{32,}$/i.test(text);
const isTag = (text: string): boolean => /^\w[\w.-]{0,127}$/.test(text);

function manifest(name: string, reference: string): Resource {
  const cosigned = /^sha256-([0-9a-f]{64})\.(sig|att|sbom)$/.exec(reference);
  if (cosigned !== null) {
    const digest = `sha256:${cosigned[1]}`;
    return cosigned[2] === 'sig' ? signature(name, digest, reference) : metadata(name, digest);
  }
  return isDigest(reference) || isTag(reference) ? artifact(name, reference, reference) : other;
}

export const oci: Ecosystem = {
  name: 'oci',
  title: 'OCI registry',

  resolve(path) {
    if (path === '/v2/_catalog') return index();
    if (!path.startsWith('/v2/')) return other; // tokens, pages
    const last = fileOf(path);
    const nameBefore = (suffix: string): string | undefined => {
      const name = withoutSuffix(path.slice('/v2/'.length), [suffix]);
      return name !== undefined && isName(name) ? name : undefined;
    };
    let name = nameBefore('/tags/list');
    if (name !== undefined) return metadata(name);
    name = nameBefore(`/manifests/${last}`);
    if (name !== undefined) return manifest(name, last);
    if (!isDigest(last)) return other;
    name = nameBefore(`/blobs/${last}`);
    if (name !== undefined) return artifact(name, '', last, downloadRules.never);
    name = nameBefore(`/referrers/${last}`);
    return name === undefined ? other : metadata(name, last);
  },

  claims(path) {
    return /^\/v2\/(?:.+\/(?:manifests\/[^/]+|blobs\/[^/:]+:[0-9a-f]+|tags\/list)|_catalog)$/.test(path);
  },
};
