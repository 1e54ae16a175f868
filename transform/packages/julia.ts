// Julia's package server protocol: all paths are hashes of content. A package is identified by its UUID, a version by the
// hash of its tree; the General registry has names and versions. Binary artifacts (`/artifact/SHA`) name no package.

import { type Ecosystem } from './ecosystem.ts';
import { artifact, index, other } from './paths.ts';

const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const hash = '[0-9a-f]{40}(?:[0-9a-f]{24})?';
const addressed = new RegExp(`^/(?:(package|registry)/(${uuid})|(artifact))/(${hash})$`, 'i');

export const julia: Ecosystem = {
  name: 'julia',
  title: 'Julia',

  resolve(path) {
    if (/^\/registries(?:\.eager|\.conservative)?$/.test(path)) return index();
    const [, area, id = '', , tree = ''] = addressed.exec(path) ?? [];
    if (tree === '') return other;
    return area?.toLowerCase() === 'registry' ? index() : artifact(id.toLowerCase(), id === '' ? '' : tree, tree);
  },

  claims: (path) => addressed.test(path) || /^\/registries\.(?:eager|conservative)$/.test(path),
};
