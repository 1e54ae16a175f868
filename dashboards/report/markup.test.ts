import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeHtml, html, table } from './markup.ts';

describe('markup', () => {
  it('escapes every value that is not markup already', () => {
    const name = '<img src=x onerror=alert(1)>';
    expect(html`<p title="${'"onmouseover="x'}">${name} ${html`<b>${'&'}</b>`}</p>`.text).toBe(
      '<p title="&quot;onmouseover=&quot;x">&lt;img src=x onerror=alert(1)&gt; <b>&amp;</b></p>',
    );
  });

  it('leaves no character that could begin or end a tag, an attribute or an entity', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(escapeHtml(text)).not.toMatch(/[<>"'`]|&(?!(amp|lt|gt|quot|#39|#96);)/);
      }),
    );
  });

  it('heads columns and rows, and says so where there are none', () => {
    const shown = table({
      caption: 'C',
      columns: [{ title: 'A' }, { title: 'B', number: true }],
      rows: [['x', 1n]],
    }).text;
    expect(shown).toMatch(/<caption>\s*C\s*<\/caption>/);
    expect(shown).toMatch(/<th scope="col"\s*>A<\/th>/);
    expect(shown).toMatch(/<th scope="row"\s*>x<\/th><td class="n" data-label="B">1<\/td>/);
    expect(table({ caption: 'C', columns: [{ title: 'A' }], rows: [], empty: 'None.' }).text).toContain('None.');
  });
});
