// Programs that pull and build container images. Runtimes report their host's kernel, which is no evidence about themselves;
// builders are container builds by nature.

import { tri } from '../scan/line-fields.ts';
import { productGrammar, whole, type Product } from './products.ts';

const runtime = (client: string, pattern: string, ...examples: string[]): Product => ({
  client,
  kind: 'container_runtime',
  pattern: whole(pattern),
  examples,
});
const builder = (client: string, pattern: string, ...examples: string[]): Product => ({
  client,
  kind: 'container_builder',
  pattern: whole(pattern),
  evidence: { container: tri.TRUE },
  examples: examples.map((example) => [example, { container: tri.TRUE }]),
});

export const containers = productGrammar('containers', [
  runtime(
    'docker',
    String.raw`docker/<V> go/\S{1,40}(?: [\w.-]{1,40}/\S{1,100}){0,8}(?: UpstreamClient\(.{0,300}\))?`,
    String.raw`docker/27.5.1 go/go1.22.11 git-commit/4c9b3b0 kernel/6.8.0-51-generic os/linux arch/amd64 UpstreamClient(Docker-Client/27.5.1 \(linux\))`,
    'docker/24.0.7 go/go1.20.10 git-commit/311b9ff kernel/6.6.12-linuxkit os/linux arch/arm64',
  ),
  runtime('containerd', 'containerd/<V>', 'containerd/v2.0.2', 'containerd/1.7.25+unknown'),
  // The library behind podman, skopeo, Buildah and CRI-O, if they do not write their own name.
  runtime(
    'containers',
    String.raw`containers/<V> \(github\.com/containers/image\)`,
    'containers/5.33.1 (github.com/containers/image)',
  ),
  runtime('podman', '(?:libpod|podman|Podman)/<V>', 'libpod/5.3.2', 'podman/5.3.2'),
  runtime('skopeo', 'skopeo/<V>', 'skopeo/1.17.0'),
  runtime('cri-o', 'cri-o/<V>(?: <P>){0,6}', 'cri-o/1.31.4 go/go1.22.9 os/linux arch/amd64'),
  runtime(
    'go-containerregistry',
    '(?:crane/<v> )?go-containerregistry/<V>',
    'go-containerregistry/v0.20.3',
    'crane/v0.20.3 go-containerregistry/v0.20.3',
  ),
  runtime('helm', 'Helm/<V>', 'Helm/3.17.0'),
  runtime('oras', 'oras/<V>', 'oras/1.2.2'),
  builder('buildah', '[Bb]uildah/<V>', 'Buildah/1.38.1'),
  builder('buildkit', 'buildkit/<V>(?: <P>){0,4}', 'buildkit/v0.19', 'buildkit/v0.13-dev'),
  builder(
    'kaniko',
    'kaniko/<V>(?: go-containerregistry/<v>)?',
    'kaniko/v1.23.2',
    'kaniko/v1.23.2 go-containerregistry/v0.20.3',
  ),
  builder(
    'jib',
    String.raw`jib <V> jib-[a-z-]{3,20}(?: \S{1,80}){0,4}`,
    'jib 3.4.4 jib-maven-plugin Google-HTTP-Java-Client/1.42.2',
  ),
]);
