// Places the nodes of a graph in columns from left to right, so that edges lead rightwards and cross seldom.
// nodes: numbers; edges: [source, target] of such numbers. Gives a Map of number to {x, y}, and for each edge
// the points that it passes on its way.
// Those in `together` share a column, as far as no edge leads from one to another.
function layered(nodes, edges, { width, height, across, down }, together) {
  const leaving = new Map(nodes.map((node) => [node, []]));
  for (const [source, target] of edges) if (source !== target) leaving.get(source).push(target);

  // Where there are rings, one edge of each is turned around.
  const state = new Map();
  const turned = new Set();
  for (const start of nodes) {
    if (state.has(start)) continue;
    const stack = [[start, 0]];
    state.set(start, 1);
    while (stack.length) {
      const top = stack[stack.length - 1];
      const next = leaving.get(top[0])[top[1]++];
      if (next === undefined) {
        state.set(top[0], 2);
        stack.pop();
      } else if (state.get(next) === 1) turned.add(`${top[0]} ${next}`);
      else if (!state.has(next)) {
        state.set(next, 1);
        stack.push([next, 0]);
      }
    }
  }
  const forward = edges
    .filter(([source, target]) => source !== target)
    .map(([source, target]) => (turned.has(`${source} ${target}`) ? [target, source] : [source, target]));

  // The column of a node is the length of the longest way to it; then it moves right, next to what follows it.
  const rank = new Map(nodes.map((node) => [node, 0]));
  const relax = () => {
    for (let round = 0, moved = true; moved && round <= nodes.length; round++) {
      moved = false;
      for (const [source, target] of forward)
        if (rank.get(target) <= rank.get(source)) {
          rank.set(target, rank.get(source) + 1);
          moved = true;
        }
    }
  };
  relax();
  const same = Math.max(0, ...nodes.filter((node) => together.has(node)).map((node) => rank.get(node)));
  for (const node of nodes) if (together.has(node)) rank.set(node, same);
  relax();
  const after = new Map();
  for (const [source, target] of forward) after.set(source, Math.min(after.get(source) ?? Infinity, rank.get(target)));
  const entered = new Set(forward.map(([, target]) => target));
  for (const node of nodes) if (!entered.has(node) && after.has(node)) rank.set(node, after.get(node) - 1);

  // An edge over several columns passes a place of its own in each of them.
  const columns = [];
  const into = (column, item) => (columns[column] ||= []).push(item);
  for (const node of nodes) into(rank.get(node), { node });
  const item = new Map(columns.flat().map((one) => [one.node, one]));
  const links = [];
  const passed = new Map();
  for (const [source, target] of forward) {
    const name = `${source} ${target}`;
    if (passed.has(name)) continue;
    let last = item.get(source);
    const via = [];
    for (let column = rank.get(source) + 1; column < rank.get(target); column++) {
      const place = { node: null };
      into(column, place);
      via.push(place);
      links.push([last, place]);
      last = place;
    }
    links.push([last, item.get(target)]);
    passed.set(name, via);
  }
  for (let column = 0; column < columns.length; column++) columns[column] ||= [];

  // Each column is sorted by where its neighbours stand, back and forth.
  const before = new Map();
  const behind = new Map();
  for (const [one, other] of links) {
    (before.get(other) ?? before.set(other, []).get(other)).push(one);
    (behind.get(one) ?? behind.set(one, []).get(one)).push(other);
  }
  const number = () => columns.forEach((column) => column.forEach((one, index) => (one.index = index)));
  const sortBy = (column, neighbours) => {
    for (const one of column) {
      const near = neighbours.get(one);
      one.wish = near ? near.reduce((sum, each) => sum + each.index, 0) / near.length : one.index;
    }
    column.sort((one, other) => one.wish - other.wish);
    column.forEach((one, index) => (one.index = index));
  };
  number();
  for (let round = 0; round < 8; round++) {
    for (let column = 1; column < columns.length; column++) sortBy(columns[column], before);
    for (let column = columns.length - 2; column >= 0; column--) sortBy(columns[column], behind);
  }

  // Then everyone moves towards its neighbours as far as the order lets it.
  const size = (one) => (one.node === null ? 14 : height + down);
  for (const column of columns) {
    let y = 0;
    for (const one of column) {
      one.y = y + size(one) / 2;
      y += size(one);
    }
    for (const one of column) one.y -= y / 2;
  }
  const settle = (column, neighbours) => {
    for (const one of column) {
      const near = neighbours.get(one);
      one.wish = near ? near.reduce((sum, each) => sum + each.y, 0) / near.length : one.y;
    }
    // Neighbours that want the same place share it: blocks grow until none overlaps another.
    const blocks = [];
    for (const one of column) {
      let block = { items: [one], size: size(one), at: one.wish };
      while (blocks.length && blocks[blocks.length - 1].at + blocks[blocks.length - 1].size / 2 > block.at - block.size / 2) {
        const above = blocks.pop();
        block = {
          items: [...above.items, ...block.items],
          size: above.size + block.size,
          at: (above.at * above.items.length + block.at * block.items.length) / (above.items.length + block.items.length),
        };
      }
      blocks.push(block);
    }
    for (const block of blocks) {
      let y = block.at - block.size / 2;
      for (const one of block.items) {
        one.y = y + size(one) / 2;
        y += size(one);
      }
    }
  };
  for (let round = 0; round < 6; round++) {
    for (let column = 1; column < columns.length; column++) settle(columns[column], before);
    for (let column = columns.length - 2; column >= 0; column--) settle(columns[column], behind);
  }

  const at = new Map();
  columns.forEach((column, index) => {
    for (const one of column) {
      one.x = index * (width + across);
      if (one.node !== null) at.set(one.node, { x: one.x, y: one.y });
    }
  });
  const points = edges.map(([source, target]) => {
    const back = turned.has(`${source} ${target}`);
    const via = passed.get(back ? `${target} ${source}` : `${source} ${target}`) || [];
    const found = via.map((place) => [place.x, place.y]);
    return back ? found.reverse() : found;
  });
  return { at, points };
}
