// Filters the findings by words, rule, severity and whether they are suppressed.
const form = document.getElementById("findings-filter");
if (form) {
  const cards = [...document.querySelectorAll(".finding")];
  const texts = new Map(cards.map((card) => [card, card.textContent.toLowerCase()]));
  const text = document.getElementById("findings-text");
  const rule = document.getElementById("findings-rule");
  const suppressed = document.getElementById("with-suppressed");
  const apply = () => {
    const wanted = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const severities = new Set([...form.querySelectorAll("[name=severity]:checked")].map((box) => box.value));
    let shown = 0;
    let among = 0;
    for (const card of cards) {
      const counts = card.dataset.suppressed === "no" || (suppressed && suppressed.checked);
      const fits =
        counts &&
        severities.has(card.dataset.severity) &&
        (!rule.value || rule.value === card.dataset.rule) &&
        wanted.every((word) => texts.get(card).includes(word));
      card.hidden = !fits;
      among += counts ? 1 : 0;
      shown += fits ? 1 : 0;
    }
    const all = `${among} finding${among === 1 ? "" : "s"}`;
    document.getElementById("findings-count").textContent = shown === among ? all : `${shown} of ${all}`;
    document.getElementById("findings-none").hidden = shown > 0;
  };
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  const openAll = (open) => () => {
    for (const card of cards) if (!card.hidden) card.open = open;
  };
  document.getElementById("open-all").addEventListener("click", openAll(true));
  document.getElementById("close-all").addEventListener("click", openAll(false));
  apply();
}

// A link to a finding opens it.
const open = () => {
  const target = /^#finding-\d+$/.test(location.hash) && document.querySelector(location.hash);
  if (!target) return;
  target.hidden = false;
  target.open = true;
  target.scrollIntoView();
  target.querySelector("summary").focus();
};
addEventListener("hashchange", open);
open();
