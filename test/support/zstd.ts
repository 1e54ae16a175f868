// Compresses with the zstd program, which the provided tools include: Node.js has none in its oldest version.

import { execFileSync } from 'node:child_process';

export const zstdOf = (bytes: Uint8Array): Buffer => execFileSync('zstd', ['-q', '-c'], { input: bytes });
