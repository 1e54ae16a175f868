// What JavaScript adds to the web pages: rows sort by a column, and packages are suggested while one types. All can be read without it.

/** @param {HTMLTableCellElement} cell */
const valueOf = (cell) => {
  const written = (cell.querySelector('[title]')?.getAttribute('title') ?? cell.textContent ?? '').trim();
  const number = Number(written.replace(/[,\s%]|bytes?/g, '').replace('−', '-'));
  return written !== '' && !Number.isNaN(number) ? number : written;
};

for (const table of document.querySelectorAll('main table')) {
  const body = table.tBodies[0];
  if (body.rows.length < 2) continue;
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'sort';
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener('click', () => {
      const descending = head.getAttribute('aria-sort') !== 'descending';
      for (const other of table.tHead.rows[0].cells) other.removeAttribute('aria-sort');
      head.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
      const rows = [...body.rows].map((row) => ({ row, value: valueOf(row.cells[column]) }));
      rows.sort(({ value: a }, { value: b }) => (a < b ? -1 : a > b ? 1 : 0) * (descending ? -1 : 1));
      body.append(...rows.map(({ row }) => row));
    });
  });
}

const search = document.querySelector('form.search input[name=q]');
if (search !== null) {
  const list = document.createElement('ul');
  list.className = 'suggestions';
  list.setAttribute('aria-live', 'polite');
  search.form.after(list);
  let asked = 0;
  search.addEventListener('input', async () => {
    const own = ++asked;
    await new Promise((resolve) => setTimeout(resolve, 150));
    if (own !== asked) return;
    const query = new URLSearchParams(new FormData(search.form));
    if ((query.get('q') ?? '').trim().length < 2) return list.replaceChildren();
    const answer = await fetch(`/pages/package/names?${query}`);
    if (!answer.ok || own !== asked) return;
    list.replaceChildren(
      ...(await answer.json()).map(({ title, href }) => {
        const item = document.createElement('li');
        const link = document.createElement('a');
        link.href = href;
        link.textContent = title;
        item.append(link);
        return item;
      }),
    );
  });
}
