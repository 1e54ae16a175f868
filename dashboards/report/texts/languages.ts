// The languages of statements. Each has a file of texts beside this one (words.ts lists them).

export const statementLanguages = ['en'] as const;
export type StatementLanguage = (typeof statementLanguages)[number];
