// Texts in a path that are personal data: tokens that belong to a person, and addresses in the place of a name. A client that is configured
// wrongly sends them as a part of the path; a resource must not store them.

import { Address, parseAddress } from '../networks/address.ts';
import { type Resource } from './ecosystem.ts';

/** Tokens of registries, code hosts and clouds that have a fixed beginning, and JSON Web Tokens. */
const tokenShapes = [
  'gh[opusr]_[A-Za-z0-9]{20,}',
  'github_pat_[A-Za-z0-9_]{20,}',
  'glpat-[A-Za-z0-9_-]{16,}',
  'npm_[A-Za-z0-9]{30,}',
  'pypi-AgE[A-Za-z0-9_-]{20,}',
  'rubygems_[0-9a-f]{40,}',
  'cio[A-Za-z0-9]{32}',
  'hf_[A-Za-z0-9]{30,}',
  'dckr_pat_[A-Za-z0-9_-]{20,}',
  'xox[abeoprs]-[A-Za-z0-9-]{20,}',
  '(?:AKIA|ASIA)[0-9A-Z]{16}',
  'fsn_[A-Za-z0-9_-]{24}',
  'eyJ[A-Za-z0-9_-]{10,}\\.[A-Za-z0-9_-]{10,}\\.[A-Za-z0-9_-]*',
];
const TOKEN = new RegExp(`(?<![A-Za-z0-9])(?:${tokenShapes.join('|')})`);

/** Whether a token of a person stands in it. */
export const hasPersonalToken = (text: string): boolean => TOKEN.test(text);

const address = new Address();
const isAddress = (text: string): boolean => {
  const bytes = Buffer.from(text, 'latin1');
  return parseAddress(bytes, 0, bytes.length, address);
};

/** Whether a name, or a part of it, is an address. */
const namesAddress = (name: string): boolean => /[.:]/.test(name) && name.split(/[/@[\]]/).some(isAddress);

/** Four numbers in a version are a version for many registries, so only names are searched for addresses (docs/PRIVACY.md). */
export const isPrivate = ({ package: name, version, file, purlName = '' }: Resource): boolean =>
  [name, version, file, purlName].some(hasPersonalToken) || namesAddress(name) || namesAddress(purlName);
