// Build tools of the JVM. Their only evidence is the kernel.

import { kernelEvidence, type Evidence } from './facets.ts';
import { productGrammar, whole } from './products.ts';

const kernel = ([, , release = '']: RegExpExecArray): Evidence => ({ container: kernelEvidence(release) });
const JAVA = String.raw`\(Java [^;()]{1,40}; [^;()]{1,80} ([^\s;()]{1,80})\)`;

export const maven = productGrammar('maven', [
  {
    client: 'apache-maven',
    kind: 'package_manager',
    pattern: whole(`Apache-Maven/<V> ${JAVA}`),
    evidence: kernel,
    examples: [
      ['Apache-Maven/3.9.9 (Java 21.0.6; Linux 6.8.0-1021-azure)', { version: '3.9.9', container: -1 }],
      'Apache-Maven/3.8.1 (Java 1.8.0_392; Windows 10 10.0)',
      ['Apache-Maven/3.9.9 (Java 17.0.14; Linux 5.15.167-linuxkit)', { container: 1 }],
    ],
  },
  {
    client: 'gradle',
    kind: 'package_manager',
    pattern: whole(
      String.raw`Gradle/<V> \([^;()]{1,60};([^;()]{0,100});[^;()]{1,40}\) \([^;]{0,80};[^;()]{1,60};[^;()]{1,60}\)`,
    ),
    evidence: kernel,
    examples: [
      [
        'Gradle/8.12.1 (Linux;6.8.0-1021-azure;amd64) (Eclipse Adoptium;17.0.14;17.0.14+7)',
        { version: '8.12.1', container: -1 },
      ],
      'Gradle/7.6.4 (Mac OS X;14.7.2;aarch64) (Amazon.com Inc.;11.0.26;11.0.26+4-LTS)',
    ],
  },
  {
    client: 'gradle-wrapper',
    kind: 'package_manager',
    pattern: whole(
      String.raw`gradlew/<V>(?: \([^;()]{1,60};[^;()]{0,100};[^;()]{1,40}\) \([^;]{0,80};[^;()]{1,60};[^;()]{1,60}\))?`,
    ),
    examples: ['gradlew/8.12.1 (Linux;6.8.0-51-generic;amd64) (Eclipse Adoptium;17.0.14;17.0.14+7)'],
  },
  { client: 'coursier', kind: 'package_manager', pattern: whole('Coursier/<V>'), examples: ['Coursier/2.0'] },
  { client: 'sbt', kind: 'package_manager', pattern: whole('sbt/<V>'), examples: ['sbt/1.10.7'] },
  {
    client: 'ivy',
    kind: 'package_manager',
    pattern: whole('Apache[ -]Ivy/<V>'),
    examples: ['Apache Ivy/2.5.3', 'Apache-Ivy/2.5.0'],
  },
  {
    client: 'leiningen',
    kind: 'package_manager',
    pattern: whole(String.raw`Leiningen/<V> \(Java [^()]{1,200}\)`),
    examples: ['Leiningen/2.11.2 (Java OpenJDK 64-Bit Server VM; Linux 6.8.0-51-generic; amd64)'],
  },
  {
    client: 'bazel',
    kind: 'package_manager',
    pattern: whole(String.raw`Bazel/(?:release )?(?:<V>(?: [\w.-]{1,20})?|development version)`),
    examples: ['Bazel/release 8.0.1', ['Bazel/9.0.0 dev', { version: '9.0.0' }], 'Bazel/development version'],
  },
]);
