// Filters the matrix, moves through it with the arrow keys, and says of a cell how it comes about.
const table = document.getElementById("matrix");
if (table) {
  const { ways } = JSON.parse(document.getElementById("data").textContent);
  const detail = document.getElementById("access-detail");
  const field = (name) => document.getElementById(`access-${name}`);
  const heads = [...table.tHead.rows[0].cells].slice(1);
  const rows = [...table.tBodies[0].rows];
  const words = (input) => input.value.toLowerCase().split(/\s+/).filter(Boolean);
  const says = (cell, wanted) => wanted.every((word) => cell.textContent.toLowerCase().includes(word));

  const fits = (cell, level, certain) => {
    const levels = (cell.dataset.levels || "").split(" ").filter(Boolean);
    return levels.some((one) => (!level || one.startsWith(`${level}:`)) && (!certain || one.endsWith(":allowed")));
  };
  const apply = () => {
    const level = field("level").value;
    const certain = field("certain").checked;
    const principal = words(field("principal"));
    const resource = words(field("resource"));
    const kind = field("kind").value;
    const columns = heads.map((head) => says(head, resource) && (!kind || head.dataset.kind === kind));
    const used = heads.map(() => false);
    let people = 0;
    for (const row of rows) {
      let any = false;
      for (const cell of [...row.cells].slice(1)) {
        const column = Number(cell.dataset.column);
        const hit = columns[column] && fits(cell, level, certain);
        if (cell.firstElementChild) cell.firstElementChild.hidden = !hit;
        any ||= hit;
      }
      row.hidden = !any || !says(row.cells[0], principal);
      if (row.hidden) continue;
      people += 1;
      for (const cell of [...row.cells].slice(1))
        if (cell.firstElementChild && !cell.firstElementChild.hidden) used[Number(cell.dataset.column)] = true;
    }
    heads.forEach((head, column) => {
      head.hidden = !used[column];
    });
    for (const row of rows) for (const cell of [...row.cells].slice(1)) cell.hidden = !used[Number(cell.dataset.column)];
    const resources = used.filter(Boolean).length;
    const many = (number, one) => `${number} ${one}${number === 1 ? "" : "s"}`;
    field("count").textContent = `${many(people, "principal")}, ${many(resources, "resource")}`;
    field("none").hidden = people > 0;
    const buttons = shown();
    if (buttons.length && !buttons.some((one) => one.tabIndex === 0)) stop(buttons[0]);
  };
  const shown = () => [...table.querySelectorAll("button.cell")].filter((one) => one.offsetParent !== null);
  const stop = (button) => {
    for (const one of table.querySelectorAll("button.cell")) one.tabIndex = one === button ? 0 : -1;
  };

  const element = (name, text, look) => {
    const made = document.createElement(name);
    if (text) made.textContent = text;
    if (look) made.className = look;
    return made;
  };
  const explain = (button) => {
    const row = Number(button.dataset.row);
    const column = Number(button.dataset.column);
    const found = ways.filter((way) => way[0] === row && way[1] === column);
    const list = element("ul");
    for (const [, , chain, levels, conditions, places] of found) {
      const item = element("li");
      item.append(element("code", chain.join(" → ")), ": ");
      const said = Object.entries(levels).map(([level, outcome]) =>
        outcome === "allowed" ? level : `${level} (${outcome === "unknown" ? "not known" : outcome})`,
      );
      item.append(said.join(", ") || "nothing");
      for (const condition of conditions) item.append(element("div", `if ${condition}`, "quiet"));
      if (places.length) item.append(element("div", places.join("  "), "quiet place"));
      list.append(item);
    }
    const title = button.getAttribute("aria-label").split(": ")[0];
    detail.replaceChildren(element("h3", title), list);
    detail.hidden = false;
    for (const one of table.querySelectorAll("button.cell")) one.setAttribute("aria-pressed", String(one === button));
  };
  table.addEventListener("click", (event) => {
    const button = event.target.closest("button.cell");
    if (!button) return;
    stop(button);
    explain(button);
  });
  const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  table.addEventListener("keydown", (event) => {
    const button = event.target.closest("button.cell");
    if (!button || !(event.key in STEPS)) return;
    event.preventDefault();
    const [down, right] = STEPS[event.key];
    const [row, column] = [Number(button.dataset.row), Number(button.dataset.column)];
    // The nearest cell in that direction, since a matrix has many empty ones.
    const ahead = shown()
      .map((one) => [one, Number(one.dataset.row) - row, Number(one.dataset.column) - column])
      .filter(([, y, x]) => (down ? y * down > 0 : y === 0 && x * right > 0))
      .sort((one, other) => Math.abs(one[1]) - Math.abs(other[1]) || Math.abs(one[2]) - Math.abs(other[2]));
    if (!ahead.length) return;
    stop(ahead[0][0]);
    ahead[0][0].focus();
  });
  const form = document.getElementById("access-filter");
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  apply();
}
