import { describe, expect, it } from 'vitest';
import { fileTypeOf } from './file-type.ts';
import { statusClasses, statusCodes } from '../status.ts';

describe('the type of a file', () => {
  it.each([
    ['pypi', 'flask-3.0-py3-none-any.whl', 'wheel'],
    ['pypi', 'flask-3.0.tar.gz', 'sdist'],
    ['pypi', 'flask-3.0.zip', 'sdist'],
    ['npm', 'left-pad-1.3.0.tgz', 'tarball'],
    ['maven', 'a-1.0.jar', 'jar'],
    ['maven', 'a-1.0-sources.jar', 'jar'],
    ['maven', 'a-1.0.pom', 'pom'],
    ['maven', 'a-1.0.pom.sha1', 'checksum'],
    ['maven', 'a-1.0.jar.asc', 'signature'],
    ['conda', 'numpy-1.0-0.tar.bz2', 'conda'],
    ['nuget', 'A.1.0.0.NUPKG', 'nupkg'],
    ['gem', 'rails-8.0.0.gem', 'gem'],
    ['deb', 'a_1_amd64.deb', 'deb'],
    ['golang', 'v1.0.0.zip', 'zip'],
    ['generic', 'my-secret', 'other'],
    ['npm', '', ''],
  ])('%s %s: %s', (ecosystem, file, type) => {
    expect(fileTypeOf(ecosystem, { file, artifact: 'artifact' })).toBe(type);
  });
});

it('a status has the class of its refusal, of its hundred, or none', () => {
  const classOf = (status: number) => statusClasses[statusCodes[status]];
  expect([200, 206, 301, 304, 400, 403, 404, 429, 410, 503, 0, 700].map(classOf)).toEqual(
    ['2xx', '2xx', '3xx', '304', '4xx', '403', '404', '429', '4xx', '5xx', 'none', 'none'], // prettier-ignore
  );
});
