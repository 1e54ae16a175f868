import packageurl from 'packageurl-js';
import { describe, expect, it } from 'vitest';
import { ecosystems } from './index.ts';
import { artifact, metadata, other } from './paths.ts';
import { purl } from './purl.ts';

describe('purl', () => {
  it('is empty where no package is named', () => {
    for (const { name } of ecosystems) expect(purl(name, other)).toBe('');
  });

  it('is read back by packageurl-js as what it was made of', () => {
    const { PackageURL } = packageurl;
    for (const [ecosystem, name, version] of [
      ['npm', '@scope/name', '1.0.0-rc.1+build.5'],
      ['maven', 'org.example/lib', '1.0-SNAPSHOT'],
      ['composer', 'vendor/name', ''],
      ['deb', 'libstdc++6', '1:12.2.0-14~x'],
    ] as const) {
      const parsed = PackageURL.fromString(purl(ecosystem, metadata(name, version)));
      const namespace = ecosystem === 'deb' ? 'debian/' : parsed.namespace == null ? '' : `${parsed.namespace}/`;
      expect(`${namespace}${parsed.name}`).toBe(ecosystem === 'deb' ? `debian/${name}` : name);
      expect(parsed.version ?? '').toBe(version);
      expect(parsed.type).toBe(ecosystem);
    }
  });

  it('builds by the specification what packageurl-js refuses', () => {
    expect(purl('golang', metadata('github.com/A b/c', 'v1.0.0+incompatible'))).toBe(
      'pkg:golang/github.com/A%20b/c@v1.0.0%2Bincompatible',
    );
    expect(purl('cran', metadata('ggplot2'))).toBe('pkg:cran/ggplot2');
    expect(purl('maven', metadata('orphan', '1'))).toBe('pkg:maven/orphan@1');
    expect(purl('pub', metadata('Odd.Name', '1.0.0'))).toBe('pkg:pub/Odd.Name@1.0.0');
  });

  it('gives a spelling of its own where identity has another', () => {
    expect(purl('cargo', { ...artifact('wasm_bindgen', '0.2.1', 'f'), purlName: 'wasm-bindgen' })).toBe(
      'pkg:cargo/wasm-bindgen@0.2.1',
    );
  });

  it('names the registry where it is not the default of the type', () => {
    const spelt = purl('openvsx', artifact('redhat/java', '1.25.1', 'f'), 'https://extensions.example.org');
    expect(spelt).toBe('pkg:vscode-extension/redhat/java@1.25.1?repository_url=https:%2F%2Fextensions.example.org');
    expect(packageurl.PackageURL.fromString(spelt).qualifiers).toEqual({
      repository_url: 'https://extensions.example.org',
    });
    expect(purl('openvsx', artifact('redhat/java', '1.25.1', 'f'))).toBe('pkg:vscode-extension/redhat/java@1.25.1');
    expect(purl('openvsx', other, 'https://extensions.example.org')).toBe('');
  });

  it('is total on text that is not well formed', () => {
    expect(purl('npm', metadata('a\ud800', '1'))).toBe('pkg:npm/a%EF%BF%BD@1');
  });
});
