// The measurement as text.

/** One table of the pages, one of the calls; medians in milliseconds. */
export function report({ date, processors, load, names, visits, passedOn, alone }) {
  const [theirs, ours, memory] = names;
  const lines = [
    `${date}, ${processors}, load average ${Math.min(...load).toFixed(1)} to ${Math.max(...load).toFixed(1)}; medians in milliseconds`,
    '',
    'Until the page shows all (waiting: at least one call of the API was under way)',
    row('page', 'way', theirs, ours, memory, 'ratio', 'at most', `${theirs} waiting`, `${ours} waiting`, 'of'),
  ];
  for (const { page, way } of unique(visits, ({ page, way }) => `${page} ${way}`)) {
    const of = (server) => visits.filter((visit) => visit.page === page && visit.way === way && visit.server === server);
    const ms = (server) => median(of(server).map((visit) => visit.ms));
    const waiting = (server) => median(of(server).map((visit) => visit.waiting));
    lines.push(
      row(page, way, ...names.map((name) => whole(ms(name))), ratio(ms(theirs), ms(ours)), ratio(ms(theirs), ms(memory)),
        whole(waiting(theirs)), whole(waiting(ours)), of(ours).length),
    );
  }
  lines.push(
    '',
    `ratio: ${theirs} to ${ours}; at most: ${theirs} to a server that answers from memory. Requests that it had to pass on: ${passedOn.length}`,
    '',
    'The calls of the pages alone, without a browser',
    row('page', 'call', '', '', theirs, ours, 'ratio', 'bytes', 'bytes'),
  );
  for (const { page, method, path, servers } of alone) {
    const [one, other] = servers.map(({ ms }) => median(ms));
    lines.push(
      `${page.padEnd(7)}${`${method} ${path}`.padEnd(63)}${row(one.toFixed(1), other.toFixed(1), ratio(one, other), ...servers.map(({ bytes }) => bytes))}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function unique(items, key) {
  return [...new Map(items.map((item) => [key(item), item])).values()];
}

function row(...cells) {
  return cells.map((cell, i) => (i === 0 ? String(cell).padEnd(7) : String(cell).padStart(cell.length > 12 ? 18 : 10))).join('');
}

function whole(ms) {
  return ms.toFixed(0);
}

function ratio(one, other) {
  return `${(one / other).toFixed(1)}x`;
}
