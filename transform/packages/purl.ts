// A resource as a package URL (ECMA-427), for people and other tools. Identity inside is (ecosystem, package, version).
//
// Ecosystems without a purl type are `generic` (nodejs, rust-toolchain). Open VSX is `vscode-extension`. Its default repository is
// another registry, so the source's `repository_url` names its own. Other qualifiers appear only if the type requires them: deb's
// arch, julia's uuid, oci's tag (an oci version is a digest). Debian's derivatives share its namespace, because a path does not
// tell them apart.

import packageurl from 'packageurl-js';
import { type Resource } from './ecosystem.ts';

const { PackageURL } = packageurl;

const types: Readonly<Record<string, string>> = {
  openvsx: 'vscode-extension',
  nodejs: 'generic',
  'rust-toolchain': 'generic',
};

interface Parts {
  namespace: string;
  name: string;
  version: string;
  qualifiers: Record<string, string>;
}

/** `cowsay_3.03-8_all.deb` → all; a .dsc or a tarball → source; '' if no file is named. */
function debArch(file: string): string {
  const arch = /_([^_]+)\.[ud]?deb$/.exec(file)?.[1];
  return arch ?? (file === '' ? '' : 'source');
}

function partsOf(ecosystem: string, resource: Resource): Parts {
  const path = resource.purlName ?? resource.package;
  const cut = path.lastIndexOf('/');
  const namespace = path.slice(0, Math.max(cut, 0));
  const name = path.slice(cut + 1);
  const { version } = resource;
  switch (ecosystem) {
    case 'deb':
      return { namespace: 'debian', name, version, qualifiers: { arch: debArch(resource.file) } };
    case 'julia':
      return { namespace, name, version, qualifiers: { uuid: resource.package } };
    case 'oci':
      return version.includes(':')
        ? { namespace: '', name, version, qualifiers: {} }
        : { namespace: '', name, version: '', qualifiers: { tag: version } };
    default:
      return { namespace, name, version, qualifiers: {} };
  }
}

/** encodeURIComponent throws on half a surrogate pair. */
const encode = (text: string): string => encodeURIComponent(text.replace(/\p{Cs}/gu, '\ufffd'));

/** For packages that packageurl-js refuses: every golang version (2.0.1 has a ReferenceError), cran without a version, … */
function bySpecification(type: string, { namespace, name, version, qualifiers }: Parts): string {
  const path = [...namespace.split('/'), name].filter((segment) => segment !== '').map(encode);
  const query = Object.entries(qualifiers).filter(([, value]) => value !== '');
  return (
    `pkg:${type}/${path.join('/')}` +
    (version === '' ? '' : `@${encode(version)}`) +
    (query.length === 0 ? '' : `?${query.map(([key, value]) => `${key}=${encode(value)}`).join('&')}`)
  );
}

function build(type: string, parts: Parts): string {
  try {
    const { namespace, name, version, qualifiers } = parts;
    return new PackageURL(type, namespace, name, version, qualifiers, '').toString();
  } catch {
    return bySpecification(type, parts);
  }
}

/**
 * @param repositoryUrl address of the registry, if it is not the default of the purl's type; '' names none
 * @returns '' if the resource names no package
 */
export function purl(ecosystem: string, resource: Resource, repositoryUrl = ''): string {
  if (resource.package === '') return '';
  const parts = partsOf(ecosystem, resource);
  if (repositoryUrl !== '') parts.qualifiers.repository_url = repositoryUrl;
  // In the canonical form a plus is always encoded and a colon never is; packageurl-js 2.0.1 does the opposite of both.
  return build(types[ecosystem] ?? ecosystem, parts)
    .replaceAll('+', '%2B')
    .replaceAll('%3A', ':');
}
