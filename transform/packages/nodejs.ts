// Node.js releases: /dist/vV/ and /download/CHANNEL/vV/. The package is always `node`; the version drops its `v`.

import { downloadRules, type Ecosystem } from './ecosystem.ts';
import { artifact, fileOf, index, metadata, other, segmentsOf, signature } from './paths.ts';

const archive = /^node(?:_pdb)?(?:-v[^/]*)?\.(?:tar\.gz|tar\.xz|pkg|msi|exe|zip|7z)$/;
const release = /^v(\d+\.\d+\.\d[\w.+-]*)$/;
const fileVersion = /^node-v(\d+\.\d+\.\d+(?:-(?:nightly|rc|test|v8-canary|next-nightly|alpha|beta)[.\w]*)?)/;

export const nodejs: Ecosystem = {
  name: 'nodejs',
  title: 'Node.js',

  resolve(path) {
    const segments = segmentsOf(path);
    if (segments[0] !== 'dist' && segments[0] !== 'download') return other;
    if (path.endsWith('/')) return index();
    const file = fileOf(path);
    const folder = segments.slice(0, -1).find((s) => release.test(s)) ?? '';
    const version = release.exec(folder)?.[1] ?? fileVersion.exec(file)?.[1] ?? '';
    if (/^index\.(?:json|tab)$/.test(file)) return metadata('node');
    if (file === 'SHASUMS256.txt' || file === 'SHASUMS.txt') return metadata('node', version);
    if (/^SHASUMS(?:256)?\.txt\.(?:asc|sig|gpg)$/.test(file)) return signature('node', version, file);
    if (segments.includes('docs')) return other;
    if (archive.test(file)) return artifact('node', version, file, downloadRules.get2xxMin1024);
    // node-gyp links with node.lib on Windows; this is not an installation.
    return file === 'node.lib' ? artifact('node', version, file, downloadRules.never) : other;
  },

  claims(path) {
    return /^\/(?:dist|download\/[\w-]+)\/(?:latest[\w.-]*|v\d[^/]*)\/(?:node-v[^/]+|SHASUMS256\.txt(?:\.\w+)?|win-\w+\/node\.(?:exe|lib))$/.test(
      path,
    );
  },
};
