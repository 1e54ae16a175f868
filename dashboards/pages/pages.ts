// The web pages, in the order of the navigation.

import { ai } from './ai.ts';
import { funding } from './funding.ts';
import { organisation } from './organisation.ts';
import { overview } from './overview.ts';
import { packagePage } from './package.ts';
import { type Page } from './page.ts';
import { pipeline } from './pipeline.ts';
import { questions } from './questions.ts';

export const pages: readonly Page[] = [overview, packagePage, organisation, funding, ai, pipeline, questions];
