// VS Code and its forks when they fetch extensions. The product in parentheses names the fork. It is an editor, whatever else it
// can do: an editor called Cursor is not an AI agent.

import type { ClientGrammar } from './client.ts';
import { facets } from './facets.ts';

/** nameShort of each product's product.json, lower-case → grammar (from the products' repositories and pages, 2026-03). */
const products = new Map(
  Object.entries({
    code: 'vscode',
    'visual studio code': 'vscode',
    'code - insiders': 'vscode-insiders',
    'code - oss': 'vscode-oss',
    'code-oss': 'vscode-oss',
    'code-server': 'vscode-code-server',
    vscodium: 'vscode-vscodium',
    'vscodium - insiders': 'vscode-vscodium',
    cursor: 'vscode-cursor',
    windsurf: 'vscode-windsurf',
    trae: 'vscode-trae',
    kiro: 'vscode-kiro',
    antigravity: 'vscode-antigravity',
    positron: 'vscode-positron',
    void: 'vscode-void',
    theia: 'vscode-theia',
    'che-code': 'vscode-che',
  }),
);

const GALLERY = /^VSCode (\d[\w.+-]{0,40})(?: \(([^()]{1,60})\))?$/;
/** Electron's own user agent, for pages and downloads inside the editor. */
const ELECTRON =
  /^Mozilla\/5\.0 \([^()]{1,100}\) AppleWebKit\/537\.36 \(KHTML, like Gecko\) (Code|Code-Insiders|VSCodium|Cursor|Windsurf|Kiro|Antigravity|Positron)\/(\d[\w.+-]{0,40}) Chrome\/[\d.]{1,40} Electron\/[\w.-]{1,40} Safari\/537\.36$/;

const grammarOf = (product: string): string =>
  products.get(product.toLowerCase().replace('code-ins', 'code - ins')) ?? 'vscode-other';

export const editors: ClientGrammar = {
  family: 'editors',
  clients: ['vscode'],
  firstTokens: ['vscode', 'mozilla'],
  examples: [
    {
      userAgent: 'VSCode 1.97.2 (Code)',
      expect: { client: 'vscode', version: '1.97.2', kind: 'editor', grammar: 'vscode' },
    },
    { userAgent: 'VSCode 1.96.2 (Cursor)', expect: { client: 'vscode', kind: 'editor', grammar: 'vscode-cursor' } },
    { userAgent: 'VSCode 1.97.2 (VSCodium)', expect: { client: 'vscode', kind: 'editor', grammar: 'vscode-vscodium' } },
    { userAgent: 'VSCode 1.94.0 (Our Studio)', expect: { client: 'vscode', kind: 'editor', grammar: 'vscode-other' } },
    {
      userAgent:
        'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Code/1.97.2 Chrome/132.0.6834.196 Electron/34.1.0 Safari/537.36',
      expect: { client: 'vscode', version: '1.97.2', kind: 'editor', grammar: 'vscode' },
    },
  ],
  parse(userAgent) {
    const gallery = GALLERY.exec(userAgent);
    if (gallery !== null) return facets(grammarOf(gallery[2] ?? 'Code'), 'vscode', gallery[1], 'editor');
    const electron = ELECTRON.exec(userAgent);
    return electron === null ? null : facets(grammarOf(electron[1]), 'vscode', electron[2], 'editor');
  },
};
