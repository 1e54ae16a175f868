// Parts of Markdown for generated pages.

/** Text of a table's cell. */
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** As code, with a fence that does not occur in the text. */
export const code = (text: string): string =>
  text === '' ? '' : text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}
