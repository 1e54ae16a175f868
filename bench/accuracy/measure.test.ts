import { expect, it } from 'vitest';
import { provenClients } from './measure.ts';

it('takes clients of which a recorded run found every request, by the name that fairshare gives them', () => {
  const page = `| client | way | version | found | named |
|---|---|---|---|---|
| pip | password | pip 23 | 3 of 3 requests | pip |
| maven | header | Apache Maven 3.8.7 | 4 of 4 requests | apache-maven |
| apt | user agent | apt 2 | 5 of 6 requests | apt |
| docker | password | – | *not proven* | |
`;
  expect([...provenClients(page)]).toEqual(['pip', 'apache-maven']);
  expect(provenClients().size).toBeGreaterThan(10);
});
