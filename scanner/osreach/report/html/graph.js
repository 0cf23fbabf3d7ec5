// Draws the graph: move, zoom, follow a finding, a principal or a resource.
const canvas = document.getElementById("canvas");
if (canvas) {
  const { graph } = JSON.parse(document.getElementById("data").textContent);
  const choice = document.getElementById("graph-choice");
  const policies = document.getElementById("graph-policies");
  const detail = document.getElementById("graph-detail");
  const BOX = { width: 250, height: 42, across: 90, down: 16 };
  const MOST = { boxes: 140, lines: 400 };
  const LONGEST = 29;
  const DATA = new Set(["domain", "collection", "bucket"]);
  const RESOURCES = new Set([...DATA, "key"]);
  const LOOKS = {
    "may assume": "assume", "runs as": "assume", "member of": "assume", allows: "allow",
    denies: "danger", exposes: "danger", "can give itself access to": "danger",
  };
  const LEADS = new Set(["member of", "runs as", "may assume", "allows", "exposes", "can give itself access to"]);
  const svg = (name, attributes) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
    return made;
  };
  const element = (name, text, look) => {
    const made = document.createElement(name);
    if (text) made.textContent = text;
    if (look) made.className = look;
    return made;
  };
  const cut = (text) => {
    const all = [...text];
    if (all.length <= LONGEST) return text;
    return `${all.slice(0, 12).join("")}…${all.slice(12 - LONGEST + 1).join("")}`;
  };

  // What is followed: numbers of nodes and edges, and in which order edges are told.
  const along = (start) => {
    const nodes = new Set([start]);
    const edges = new Set();
    for (const [from, to] of [["source", "target"], ["target", "source"]]) {
      const waiting = [start];
      const known = new Set(waiting);
      while (waiting.length) {
        const node = waiting.pop();
        graph.edges.forEach((edge, number) => {
          if (edge[from] !== node) return;
          if (!LEADS.has(edge.kind) && node !== start) return;
          edges.add(number);
          if (!known.has(edge[to])) {
            known.add(edge[to]);
            nodes.add(edge[to]);
            if (LEADS.has(edge.kind)) waiting.push(edge[to]);
          }
        });
      }
    }
    return { nodes, edges };
  };
  const followed = () => {
    const [kind, number] = choice.value.split("-");
    if (kind === "finding") {
      const route = graph.routes[number];
      if (route.edges.length) return { nodes: new Set(route.nodes), edges: new Set(route.edges) };
      // A finding about a setting lies on no fact: then it is all that leads to its resource.
      const all = route.nodes.map(along);
      return {
        nodes: new Set(all.flatMap((one) => [...one.nodes])),
        edges: new Set(all.flatMap((one) => [...one.edges])),
      };
    }
    return kind === "node" ? along(Number(number)) : null;
  };

  let view = { x: 0, y: 0, k: 1 };
  let bounds = null;
  let layer = null;
  const place = () => layer && layer.setAttribute("transform", `translate(${view.x} ${view.y}) scale(${view.k})`);
  const fit = (wanted) => {
    const box = wanted || bounds;
    if (!box) return;
    const { width, height } = canvas.getBoundingClientRect();
    const k = Math.min(1.15, (width - 30) / (box.right - box.left), (height - 30) / (box.bottom - box.top));
    view = {
      k,
      x: width / 2 - (k * (box.left + box.right)) / 2,
      y: height / 2 - (k * (box.top + box.bottom)) / 2,
    };
    place();
  };
  const around = (at, nodes) => {
    const found = [...nodes].map((node) => at.get(node)).filter(Boolean);
    if (!found.length) return null;
    return {
      left: Math.min(...found.map((one) => one.x)),
      right: Math.max(...found.map((one) => one.x)) + BOX.width,
      top: Math.min(...found.map((one) => one.y)) - BOX.height / 2,
      bottom: Math.max(...found.map((one) => one.y)) + BOX.height / 2,
    };
  };
  const zoom = (factor, x, y) => {
    const { width, height } = canvas.getBoundingClientRect();
    const [px, py] = [x ?? width / 2, y ?? height / 2];
    const k = Math.min(4, Math.max(0.05, view.k * factor));
    view = { k, x: px - ((px - view.x) * k) / view.k, y: py - ((py - view.y) * k) / view.k };
    place();
  };

  const curve = (from, to, via) => {
    const points = [[from.x + BOX.width, from.y], ...via.flatMap(([x, y]) => [[x, y], [x + BOX.width, y]]), [to.x - 3, to.y]];
    if (to.x <= from.x && !via.length) {
      // Backwards or within a column: out at one side and in at the same one.
      const [x, y] = [from.x + BOX.width, to.x + BOX.width];
      const out = Math.max(x, y) + 45;
      return `M${x} ${from.y} C${out} ${from.y} ${out} ${to.y} ${y + 3} ${to.y}`;
    }
    if (to.x <= from.x) {
      const back = [[from.x, from.y], ...via.flatMap(([x, y]) => [[x + BOX.width, y], [x, y]]), [to.x + BOX.width + 3, to.y]];
      return bends(back);
    }
    return bends(points);
  };
  const bends = (points) => {
    let path = `M${points[0][0]} ${points[0][1]}`;
    for (let index = 1; index < points.length; index++) {
      const [[x, y], [u, v]] = [points[index - 1], points[index]];
      path += ` C${(x + u) / 2} ${y} ${(x + u) / 2} ${v} ${u} ${v}`;
    }
    return path;
  };

  const draw = () => {
    const lit = followed();
    const part = (node) => policies.checked || graph.nodes[node].kind !== "policy" || (lit && lit.nodes.has(node));
    let nodes = graph.nodes.map((_, number) => number).filter(part);
    const known = new Set(nodes);
    let edges = graph.edges.map((edge, number) => ({ ...edge, number }));
    edges = edges.filter((edge) => known.has(edge.source) && known.has(edge.target) && edge.source !== edge.target);
    const crowded = () => nodes.length > MOST.boxes || edges.length > MOST.lines;
    if (crowded() && lit) {
      nodes = nodes.filter((node) => lit.nodes.has(node));
      edges = edges.filter((edge) => lit.edges.has(edge.number));
    }
    layer = null;
    bounds = null;
    // Boxes that nothing leads to or from say nothing here; the table has them all.
    const joined = new Set(edges.flatMap((edge) => [edge.source, edge.target]));
    nodes = nodes.filter((node) => joined.has(node) || (lit && lit.nodes.has(node)));
    if (!nodes.length) {
      canvas.style.height = "auto";
      canvas.replaceChildren(element("p", "No two boxes are connected."));
      return;
    }
    if (crowded()) {
      canvas.style.height = "auto";
      const size = `${nodes.length} boxes and ${edges.length} lines, too many to read at once`;
      canvas.replaceChildren(
        element("p", lit ? `This part of the graph has ${size}; the facts are listed below.` : `The graph has ${size}: choose what to follow above.`),
      );
      return;
    }
    const beside = new Set(nodes.filter((node) => DATA.has(graph.nodes[node].kind)));
    const { at, points } = layered(nodes, edges.map((edge) => [edge.source, edge.target]), BOX, beside);
    const picture = svg("svg", { "aria-hidden": "true" });
    const tips = svg("defs");
    const tip = svg("marker", {
      id: "tip", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 8, markerHeight: 8, markerUnits: "userSpaceOnUse", orient: "auto-start-reverse",
    });
    tip.append(svg("path", { d: "M0 0 L8 4 L0 8 z", class: "tip" }));
    tips.append(tip);
    layer = svg("g", lit ? { class: "followed" } : {});
    // What is followed lies on top of the rest.
    const order = edges.map((_, index) => index);
    if (lit) order.sort((one, other) => lit.edges.has(edges[one].number) - lit.edges.has(edges[other].number));
    for (const index of order) {
      const edge = edges[index];
      const look = ["edge", LOOKS[edge.kind] || "plain"];
      if (!edge.certain) look.push("maybe");
      if (lit && lit.edges.has(edge.number)) look.push("lit");
      const line = svg("path", {
        d: curve(at.get(edge.source), at.get(edge.target), points[index]), class: look.join(" "), "marker-end": "url(#tip)",
      });
      const title = svg("title");
      title.textContent = told(edge);
      line.append(title);
      layer.append(line);
    }
    for (const node of nodes) {
      const { kind, label, deployment, place: where } = graph.nodes[node];
      const { x, y } = at.get(node);
      const look = ["box"];
      if (RESOURCES.has(kind)) look.push("resource");
      if (kind === "anyone") look.push("anyone");
      if (lit && lit.nodes.has(node)) look.push("lit");
      const box = svg("g", { class: look.join(" "), transform: `translate(${x} ${y - BOX.height / 2})`, "data-node": node });
      box.append(svg("rect", { width: BOX.width, height: BOX.height, rx: 6 }));
      const small = svg("text", { x: 10, y: 15, class: "kind" });
      small.textContent = deployment ? `${kind} in ${cut(deployment)}` : kind;
      const large = svg("text", { x: 10, y: 33 });
      large.textContent = cut(label);
      const title = svg("title");
      title.textContent = [label, deployment && `in ${deployment}`, where].filter(Boolean).join("\n");
      box.append(small, large, title);
      layer.append(box);
    }
    picture.append(tips, layer);
    canvas.replaceChildren(picture);
    bounds = around(at, nodes);
    // As high as the graph needs at full size, within bounds.
    const wide = Math.min(1, (canvas.getBoundingClientRect().width - 30) / (bounds.right - bounds.left));
    canvas.style.height = `${Math.min(760, Math.max(220, (bounds.bottom - bounds.top) * wide + 40))}px`;
    fit();
    if (lit && view.k < 0.55) fit(around(at, [...lit.nodes]));
    if (view.k < 0.45) zoom(0.45 / view.k);
  };

  const sure = (edge) => (edge.certain ? "" : " (under conditions)");
  const told = (edge) => {
    const name = (node) => graph.nodes[node].label;
    return `${name(edge.source)} ${edge.said} ${name(edge.target)}${sure(edge)}${edge.evidence.length ? `: ${edge.evidence.join("; ")}` : ""}`;
  };
  const TOLD = 15;
  const tell = () => {
    const lit = followed();
    detail.hidden = !lit;
    if (!lit) return;
    const list = element("ol");
    const edges = [...lit.edges].map((number) => graph.edges[number]);
    edges.sort((one, other) => other.certain - one.certain);
    for (const edge of edges.slice(0, TOLD)) {
      const item = element("li");
      item.append(element("code", graph.nodes[edge.source].label), ` ${edge.said} `, element("code", graph.nodes[edge.target].label), sure(edge));
      if (edge.evidence.length) item.append(element("span", edge.evidence.join("; "), "quiet"));
      if (edge.places.length) item.append(element("div", edge.places.join("  "), "quiet place"));
      list.append(item);
    }
    if (edges.length > TOLD) list.append(element("li", `and ${edges.length - TOLD} more, in the table below`));
    const title = element("h3", choice.selectedOptions[0].textContent);
    detail.replaceChildren(title, edges.length ? list : element("p", "No fact of the graph lies on it."));
    const [kind, number] = choice.value.split("-");
    if (kind === "finding") {
      const back = element("a", "Back to the finding");
      back.href = `#finding-${number}`;
      detail.append(back);
    }
  };
  const update = () => {
    draw();
    tell();
  };
  const follow = (value) => {
    choice.value = value;
    update();
  };

  choice.addEventListener("change", update);
  policies.addEventListener("change", update);
  document.getElementById("graph-filter").addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("zoom-in").addEventListener("click", () => zoom(1.3));
  document.getElementById("zoom-out").addEventListener("click", () => zoom(1 / 1.3));
  document.getElementById("zoom-fit").addEventListener("click", () => fit());
  for (const button of document.querySelectorAll("button.follow"))
    button.addEventListener("click", () => {
      follow(`finding-${button.dataset.finding}`);
      document.getElementById("graph").scrollIntoView();
      canvas.focus({ preventScroll: true });
    });

  let held = null;
  canvas.addEventListener("pointerdown", (event) => {
    held = { x: event.clientX, y: event.clientY, moved: false, box: event.target.closest(".box") };
  });
  addEventListener("pointermove", (event) => {
    if (!held) return;
    const [x, y] = [event.clientX - held.x, event.clientY - held.y];
    if (!held.moved && Math.hypot(x, y) < 4) return;
    canvas.classList.add("held");
    view = { ...view, x: view.x + x, y: view.y + y };
    held = { ...held, x: event.clientX, y: event.clientY, moved: true };
    place();
  });
  addEventListener("pointerup", () => {
    canvas.classList.remove("held");
    const box = held && !held.moved && held.box;
    held = null;
    if (box && [...choice.options].some((option) => option.value === `node-${box.dataset.node}`))
      follow(`node-${box.dataset.node}`);
  });
  // The wheel belongs to the page until someone works with the graph.
  canvas.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey && document.activeElement !== canvas) return;
      event.preventDefault();
      const { left, top } = canvas.getBoundingClientRect();
      zoom(Math.exp(-event.deltaY / 400), event.clientX - left, event.clientY - top);
    },
    { passive: false },
  );
  const KEYS = {
    ArrowLeft: () => (view.x += 60), ArrowRight: () => (view.x -= 60),
    ArrowUp: () => (view.y += 60), ArrowDown: () => (view.y -= 60),
    "+": () => zoom(1.3), "=": () => zoom(1.3), "-": () => zoom(1 / 1.3), 0: () => fit(), Escape: () => follow(""),
  };
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.key in KEYS)) return;
    event.preventDefault();
    KEYS[event.key]();
    place();
  });
  let waiting = 0;
  addEventListener("resize", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => fit(), 100);
  });
  // The width of the paper is not known here: the picture is scaled as a whole.
  const onPaper = (on) => {
    const picture = canvas.querySelector("svg");
    if (!picture || !bounds) return;
    if (on) {
      const { left, top, right, bottom } = bounds;
      picture.setAttribute("viewBox", `${left - 10} ${top - 10} ${right - left + 20} ${bottom - top + 20}`);
      layer.removeAttribute("transform");
    } else {
      picture.removeAttribute("viewBox");
      place();
    }
  };
  addEventListener("beforeprint", () => onPaper(true));
  addEventListener("afterprint", () => onPaper(false));
  update();
}
