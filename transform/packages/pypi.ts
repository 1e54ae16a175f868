// PyPI: the file host (/packages/), the simple index (PEP 503) and the JSON and integrity APIs.
//
// Names are normalised by PEP 503: lower-case, runs of `-`, `_` and `.` are one `-`.
// Wheels (PEP 427) and eggs write no hyphen inside a field: the version is field 2. In an sdist both name and version
// may contain hyphens (PEP 625 forbids it only since 2022): the version starts after the last hyphen that is followed by a
// whole PEP 440 version; `1.0-1` is a post-release; a version that is not PEP 440 starts at the last hyphen before a digit.

import { downloadRules, type DownloadRule, type Ecosystem, type Resource } from './ecosystem.ts';
import {
  artifact,
  fileOf,
  index,
  metadata,
  other,
  segmentsOf,
  signature,
  splitAtVersion,
  withoutSuffix,
} from './paths.ts';

const { get200, get200Before20260824 } = downloadRules;

const normalise = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, '-');
const isName = (name: string): boolean => /^[a-z0-9][\w.-]*$/i.test(name);

const pep440 =
  /^v?(?:\d+!)?\d+(?:\.\d+)*(?:[-_.]?(?:alpha|a|beta|b|preview|pre|c|rc)[-_.]?\d*)?(?:-\d+|[-_.]?(?:post|rev|r)[-_.]?\d*)?(?:[-_.]?dev[-_.]?\d*)?(?:\+[a-z0-9]+(?:[-_.][a-z0-9]+)*)?$/i;

/** Extensions that count since 2026-08-24 besides .whl; the other formats counted before, as .metadata and .asc did. */
const countedSdists = ['.tar.gz', '.zip'];
const otherSdists = ['.tar.bz2', '.tgz', '.tar.xz', '.tar.Z', '.tar'];
const installers = ['.exe', '.msi', '.dmg', '.rpm'];

/** Suffixes that bdist_wininst, bdist_dumb and bdist_rpm append to NAME-VERSION. */
const platformSuffix =
  /(?:\.(?:win32|win-amd64|win-arm32|win-arm64|linux-\w+|macosx-[\d.]+-\w+)(?:-py\d[\d.]*)?|-\d+\.(?:noarch|src|i\d86|x86_64))$/;

function splitStem(stem: string): [string, string] {
  const split = splitAtVersion(stem, (text) => pep440.test(text)) ?? splitAtVersion(stem, (text) => /^v?\d/.test(text));
  if (split !== undefined) return split;
  const at = stem.lastIndexOf('-');
  return at < 1 ? [stem, ''] : [stem.slice(0, at), stem.slice(at + 1)];
}

/** @param project name from the directory; '' if it is not known: then the file name alone decides. */
function splitSdist(stem: string, project: string): [string, string] {
  const isPrefix = project !== '' && normalise(stem.slice(0, project.length + 1)) === `${normalise(project)}-`;
  return isPrefix ? [project, stem.slice(project.length + 1)] : splitStem(stem);
}

function splitWheel(stem: string): [string, string] {
  const fields = stem.split('-');
  // NAME-VER[-BUILD]-PYTHON-ABI-PLATFORM; with more fields some name was not escaped.
  return fields.length > 6 ? splitStem(fields.slice(0, -3).join('-')) : [fields[0], fields[1] ?? ''];
}

function distribution(file: string, project: string): Resource {
  const make = ([name, version]: [string, string], rule: DownloadRule = get200Before20260824): Resource =>
    isName(name) ? artifact(normalise(name), version, file, rule) : other;

  let stem = withoutSuffix(file, ['.whl']);
  if (stem !== undefined) return make(splitWheel(stem), get200);
  stem = withoutSuffix(file, ['.egg']);
  if (stem !== undefined) return make([stem.split('-')[0], stem.split('-')[1] ?? '']);
  const counted = withoutSuffix(file, countedSdists);
  stem = counted ?? withoutSuffix(file, [...otherSdists, ...installers]);
  if (stem === undefined) return other;
  return make(splitSdist(stem.replace(platformSuffix, ''), project), counted === undefined ? undefined : get200);
}

function packageFile(segments: readonly string[], file: string): Resource {
  // Legacy layout: /packages/{source,py2.py3,cp27,2.7,any}/P/PROJECT/FILE
  const project = segments.length === 5 && segments[2].length === 1 ? segments[3] : '';
  const subject = withoutSuffix(file, ['.metadata', '.asc', '.provenance']);
  if (subject === undefined) return distribution(file, project);
  const of = distribution(subject, project);
  if (of.artifact !== 'artifact') return other;
  if (file.endsWith('.asc')) return signature(of.package, of.version, file, get200Before20260824);
  return metadata(of.package, of.version, file.endsWith('.metadata') ? get200Before20260824 : undefined);
}

export const pypi: Ecosystem = {
  name: 'pypi',
  title: 'PyPI',
  version: /^v?(?:\d+!)?[\dA-Za-z][\w.+-]*$/,

  resolve(path) {
    const segments = segmentsOf(path);
    const [area, project = '', third] = segments;
    if (area === 'packages' && segments.length >= 3) return packageFile(segments, fileOf(path));
    if (area === 'simple' && segments.length === 1) return index();
    if (!isName(project)) return other;
    // A server that keeps its pages as files (try_files) may log the file: /simple/NAME/index.html.
    const isPage = segments.length === 2 || (segments.length === 3 && /^index\.(?:json|html)$/.test(third));
    if (area === 'simple' && isPage) return index(normalise(project));
    if (area === 'pypi' && segments.at(-1) === 'json') {
      if (segments.length === 3) return metadata(normalise(project));
      if (segments.length === 4) return metadata(normalise(project), third);
    }
    if (area === 'integrity' && segments.length === 5) return metadata(normalise(project), third);
    return other;
  },

  claims(path) {
    return (
      /^\/packages\/[0-9a-f]{2}\/[0-9a-f]{2}\/[0-9a-f]{60}\/[^/]+$/.test(path) ||
      /^\/packages\/(?:source|py2\.py3|py\d|cp\d+|\d\.\d|any)\/[^/]\/[^/]+\/[^/]+$/.test(path) ||
      /^\/simple\/(?:[^/]+\/)?$/.test(path) ||
      /^\/pypi\/[^/]+\/(?:[^/]+\/)?json$/.test(path)
    );
  },
};
