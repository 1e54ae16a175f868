// Julia's package server protocol: everything is addressed by content. A package is known by its UUID, a version by the
// hash of its tree; the General registry tells names and versions. Binary artifacts (`/artifact/SHA`) name no package.

import { type Ecosystem } from './ecosystem.ts';
import { artifact, index, other } from './paths.ts';

const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const hash = '[0-9a-f]{40}(?:[0-9a-f]{24})?';
const addressed = new RegExp(`^/(?:(package|registry)/(${uuid})|(artifact))/(${hash})$`, 'i');

export const julia: Ecosystem = {
  name: 'julia',
  title: 'Julia',
  hosts: [
    'pkg.julialang.org',
    'us-west.pkg.julialang.org',
    'us-east.pkg.julialang.org',
    'eu-central.pkg.julialang.org',
    'kr.pkg.julialang.org',
    'sg.pkg.julialang.org',
    'in.pkg.julialang.org',
    'au.pkg.julialang.org',
    'sa.pkg.julialang.org',
    'cn-northeast.pkg.julialang.org',
    'cn-southeast.pkg.julialang.org',
    'cn-east.pkg.julialang.org',
  ],

  resolve(path) {
    if (/^\/registries(?:\.eager|\.conservative)?$/.test(path)) return index();
    const [, area, id = '', , tree = ''] = addressed.exec(path) ?? [];
    if (tree === '') return other;
    return area?.toLowerCase() === 'registry' ? index() : artifact(id.toLowerCase(), id === '' ? '' : tree, tree);
  },

  claims: (path) => addressed.test(path) || /^\/registries\.(?:eager|conservative)$/.test(path),
};
