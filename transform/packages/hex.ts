// Hex: the repository (organisations below /repos/ORG) and the API.
//
// Names contain no hyphen, so NAME-VERSION.tar is split at the first. An organisation's package is `org/name`.

import { type Ecosystem, type Resource } from './ecosystem.ts';
import {
  artifact,
  fileOf,
  index,
  metadata,
  other,
  segmentsOf,
  splitFirst,
  tool,
  withoutSuffix,
  semver,
} from './paths.ts';

const isName = (name: string): boolean => /^[a-z]\w*$/.test(name);

/** `hex-2.0.6.ez`, `1.14.0/rebar3`, … under /installs: the package manager itself. */
function installed(segments: readonly string[], file: string): Resource {
  const named = /^(hex|rebar3?)(?:-(\d[\w.]*?))?(?:\.ez)?(?:-otp-\d+)?(?:\.ez)?$/.exec(file);
  if (named !== null && segments.length > 1) return tool(named[1], named[2] ?? '', file);
  return /\.csv(?:\.signed)?$/.test(file) ? metadata() : other;
}

function repository(organisation: string, [area, name = '', ...rest]: readonly string[], file: string): Resource {
  const full = (short: string): string => (organisation === '' ? short : `${organisation}/${short}`);
  if ((area === 'names' || area === 'versions') && name === '') return metadata();
  if (rest.length > 0) return other;
  if (area === 'packages' && isName(name)) return metadata(full(name));
  if (area !== 'tarballs' && area !== 'docs') return other;
  const split = splitFirst(withoutSuffix(file, area === 'docs' ? ['.tar.gz'] : ['.tar']) ?? '', '-');
  if (split === undefined || !isName(split[0])) return other;
  return area === 'docs' ? metadata(full(split[0]), split[1]) : artifact(full(split[0]), split[1], file);
}

export const hex: Ecosystem = {
  name: 'hex',
  title: 'Hex',
  version: semver,

  resolve(path) {
    const segments = segmentsOf(path);
    const file = fileOf(path);
    switch (segments[0]) {
      case 'repos':
        return isName(segments[1] ?? '') ? repository(segments[1], segments.slice(2), file) : other;
      case 'installs':
        return installed(segments.slice(1), file);
      case 'registry.ets.gz':
        return index();
      case 'api': {
        const [, area, name = '', what, version] = segments;
        return area === 'packages' && isName(name) ? metadata(name, what === 'releases' ? version : '') : other;
      }
      default:
        return repository('', segments, file);
    }
  },

  claims: (path) => /^(?:\/repos\/[a-z]\w*)?\/tarballs\/[a-z]\w*-\d[^/]*\.tar$/.test(path),
};
