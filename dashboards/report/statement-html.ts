// A family's statement as a page: a letter, a page about its usage, and an annex that derives each figure.

import { footerText, page } from './document.ts';
import { type Statement } from './figures.ts';
import { html } from './markup.ts';
import { annex } from './statement-annex.ts';
import { companyName } from './statement-amount.ts';
import { letter, letterHeader } from './statement-letter.ts';
import { howSureItIs, whatWouldLowerIt, whereItCameFrom } from './statement-usage.ts';
import { statementWords, type Words } from './texts/words.ts';

/** The header of a printed page is one line, and its number stands at the end. */
const inOneLine = (name: string): string => {
  const characters = [...name];
  return characters.length > 30 ? `${characters.slice(0, 29).join('')}…` : name;
};

/** @param words default: those of the issuer's language */
export const renderStatementHtml = (
  statement: Statement,
  words: Words = statementWords(statement.issuer.language),
): string =>
  page({
    language: words.language,
    title: words.texts.title(companyName(statement), words.month(statement.period), statement.issuer.name),
    running: words.texts.running(
      inOneLine(statement.issuer.name),
      inOneLine(companyName(statement)),
      words.month(statement.period),
      statement.number,
    ),
    pageNumber: words.texts.page,
    header: letterHeader(statement, words),
    footer: footerText(statement, words),
    body: [
      letter(statement, words),
      html`<div class="second">
        ${whereItCameFrom(statement, words)} ${whatWouldLowerIt(statement, words)} ${howSureItIs(statement, words)}
      </div>`,
      annex(statement, words),
    ],
  });
