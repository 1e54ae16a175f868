// Maven repositories: /GROUP/AS/FOLDERS/ARTIFACT/VERSION/ARTIFACT-VERSION[-CLASSIFIER].EXT, with or without Central's
// /maven2 in front; any other prefix must be named as path_prefix, or it would become part of the group.
//
// Package: `group/artifact`, as written. Folders give artifact and version, and the file name must agree with them, so that
// hyphens are not ambiguous. A snapshot's version is its folder (1.0-SNAPSHOT), whatever time stamp its file has.
// maven-metadata.xml above a version is the artifact's; a group's plugin list looks the same and is read as one.

import { type Ecosystem, type Resource } from './ecosystem.ts';
import { artifact, fileOf, index, metadata, other, segmentsOf, signature, withoutSuffix } from './paths.ts';

/** Checksums and signatures, of a file or of its signature (`.asc.sha1`). */
const proofs = ['.sha1', '.md5', '.sha256', '.sha512', '.asc', '.sigstore', '.sigstore.json'];
const described = ['.pom', '.module'];

const isPart = (text: string): boolean => /^[\w.+~-]+$/.test(text) && text !== '.' && text !== '..';

/** `GROUP…/ARTIFACT` → `group/artifact`; undefined if there is no group or a folder cannot be one. */
function coordinates(folders: readonly string[]): string | undefined {
  if (folders.length < 2 || !folders.every(isPart)) return undefined;
  return `${folders.slice(0, -1).join('.')}/${folders.at(-1)}`;
}

function isFileOf(file: string, name: string, version: string): boolean {
  const after = (prefix: string): string => (file.startsWith(prefix) ? file.slice(prefix.length) : '');
  if (/^[-.]/.test(after(`${name}-${version}`))) return true;
  const base = withoutSuffix(version, ['-SNAPSHOT']);
  return base !== undefined && /^-\d{8}\.\d{6}-\d+[-.]/.test(after(`${name}-${base}`));
}

function subjectOf(file: string): string {
  let subject = file;
  for (let stem = withoutSuffix(subject, proofs); stem !== undefined; stem = withoutSuffix(subject, proofs))
    subject = stem;
  return subject;
}

/** The resource of a file in these folders; `subject` is the file without signatures' extensions. */
function locate(folders: readonly string[], subject: string): Resource {
  if (subject === 'maven-metadata.xml') {
    const isVersion = folders.at(-1)?.endsWith('-SNAPSHOT') ?? false;
    const name = coordinates(isVersion ? folders.slice(0, -1) : folders);
    return name === undefined ? metadata() : metadata(name, isVersion ? folders.at(-1) : '');
  }
  const name = coordinates(folders.slice(0, -1));
  const version = folders.at(-1)!;
  if (name === undefined || !isPart(version) || !isFileOf(subject, folders.at(-2)!, version)) return other;
  return described.some((e) => subject.endsWith(e)) ? metadata(name, version) : artifact(name, version, subject);
}

function foldersOf(path: string): string[] {
  const folders = segmentsOf(path).slice(0, -1);
  return folders[0] === 'maven2' ? folders.slice(1) : folders;
}

export const maven: Ecosystem = {
  name: 'maven',
  title: 'Maven Central',

  resolve(path) {
    if (path.endsWith('/') || path === '/maven2') return index(); // a folder's listing, of an unknown level
    const file = fileOf(path);
    const subject = subjectOf(file);
    const folders = foldersOf(path);
    if (folders[0] === '.index' || subject === 'archetype-catalog.xml') return index();
    const found = locate(folders, subject);
    if (subject === file || found.artifact === 'other') return found;
    return signature(found.package, found.version, file);
  },

  claims(path) {
    const file = fileOf(path);
    const subject = subjectOf(file);
    if (!/\.(?:jar|pom|aar|war|module|klib)$|^maven-metadata\.xml$/.test(subject)) return false;
    return locate(foldersOf(path), subject).artifact !== 'other';
  },
};
