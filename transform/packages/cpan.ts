// CPAN and its mirrors: distributions below authors/id/, indexes below modules/.
//
// The package is the distribution, case kept, without its uploader, because maintainers take turns. A purl needs the uploader, so
// it is stored as purlName. DIST-VERSION is split at the last hyphen that only a version follows, with -TRIAL or -RC.

import { type Ecosystem, type Resource } from './ecosystem.ts';
import { artifact, fileOf, index, metadata, other, segmentsOf, splitAtVersion, withoutSuffix } from './paths.ts';

const archives = ['.tar.gz', '.tgz', '.tar.bz2', '.tar.xz', '.zip'];
const isVersion = (text: string): boolean => /^v?\d[\w.+]*(?:-(?:\d+|(?:TRIAL|RC|alpha|beta)\d*))?$/i.test(text);

const indexFile =
  /\/(?:modules\/0[1236][\w.]+\.(?:txt|data)(?:\.gz)?|authors\/0[01]\w+\.(?:txt|xml|html)(?:\.gz)?|RECENT(?:-\w+)?\.(?:json|yaml)|indices\/[^/]+)$/;

/** `AUTHOR` of authors/id/A/AU/AUTHOR/…; '' elsewhere. */
function authorOf(segments: readonly string[]): string {
  const id = segments.indexOf('id');
  const [first = '', two = '', author = ''] = segments.slice(id + 1, -1);
  const isAuthor = id > 0 && /^[A-Z][A-Z0-9-]*$/.test(author) && author.startsWith(two) && two.startsWith(first);
  return isAuthor && first.length === 1 && two.length === 2 ? author : '';
}

function distribution(author: string, stem: string, make: (name: string, version: string) => Resource): Resource {
  const [name, version] = splitAtVersion(stem, isVersion) ?? [stem, ''];
  if (!/^[A-Za-z][\w.+-]*$/.test(name)) return other;
  const resource = make(name, version);
  return author === '' ? resource : { ...resource, purlName: `${author}/${name}` };
}

export const cpan: Ecosystem = {
  name: 'cpan',
  title: 'CPAN',

  resolve(path) {
    if (indexFile.test(path)) return index();
    const segments = segmentsOf(path);
    const file = fileOf(path);
    const author = authorOf(segments);
    // Perl itself is a distribution too: /src/5.0/perl-5.36.0.tar.gz
    if (author === '' && segments[0] !== 'src' && !path.includes('/modules/by-')) return other;
    if (file === 'CHECKSUMS') return metadata();
    const described = author === '' ? undefined : withoutSuffix(file, ['.meta', '.readme']);
    if (described !== undefined) return distribution(author, described, metadata);
    const stem = withoutSuffix(file, archives);
    return stem === undefined ? other : distribution(author, stem, (name, version) => artifact(name, version, file));
  },

  claims(path) {
    return (
      (path.includes('/authors/id/') && authorOf(segmentsOf(path)) !== '') ||
      /\/modules\/02packages\.details\.txt(?:\.gz)?$/.test(path)
    );
  },
};
