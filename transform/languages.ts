// The languages of statements. Each has a file of texts in dashboards/report/texts (words.ts there lists them).

export const statementLanguages = ['en'] as const;
export type StatementLanguage = (typeof statementLanguages)[number];
